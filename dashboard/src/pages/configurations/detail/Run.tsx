import { useTranslation } from "react-i18next";
import type { Wallet } from "@/app/scope";
import { useMay } from "@/app/session";
import { exact, moment, money } from "@/format";
import { type Mode, ModeBadge } from "@/parts/badges";
import { Icon, type IconName } from "@/parts/Icon";
import { Signed } from "@/parts/Signed";
import { askFor, type Deed, deedsFor, useDeed, useDeeds } from "../commands/deeds";
import type { Activation } from "../queries";
import { type Active, isOver } from "../rows";

type Props = { run: Activation; name: string; wallet?: Wallet; active?: Active };

const LOOK: Record<string, [IconName, string]> = {
  RUNNING: ["play", "pos"],
  STOPPED: ["stop", "t3"],
  FAULTED: ["bad", "crit"],
};

/** A run: its mode and state as events say them, what it earned, and what can be done with it. */
export function Run({ run, name, wallet, active }: Props) {
  const { t } = useTranslation("configurations");
  const mayAct = useMay("operator");
  const asked = useDeed(run.id);
  const command = useDeeds();
  const [icon, tone] = run.blocked
    ? (["pause", "warn"] as const)
    : (LOOK[run.state] ?? ["clock", "t2"]);
  const act = async (deed: Deed) => {
    if (await askFor(t, deed, run.mode as Mode, name)) command.mutate({ activation: run, deed });
  };
  const leaving = run.state === "DRAINING" && asked === "flatten" ? "flattening" : run.state;
  return (
    <li aria-label={t("runs.one", { mode: run.mode, wallet: wallet?.name ?? "–" })}>
      <div className="row flex-wrap">
        <ModeBadge mode={run.mode as Mode} small />
        <b className="md ell">{wallet?.name ?? run.wallet_id.slice(0, 8)}</b>
        <span className={`row sp ${tone}`} style={{ gap: 6 }}>
          <Icon name={icon} size="s" />
          {run.blocked ? t("foot.blocked") : t(`states.${leaving}`)}
        </span>
      </div>
      <dl className="kv xs">
        <dt>{t("runs.allotment")}</dt>
        <dd>
          {money(run.allotment)} {wallet?.quote}
        </dd>
        {active && (
          <>
            <dt>{t("runs.closed", { count: active.trade_count })}</dt>
            <dd>
              <Signed value={active.pnl} /> <span className="t3">{wallet?.quote}</span>
            </dd>
          </>
        )}
        <dt>{t("runs.feed")}</dt>
        <dd>{t(`feeds.${run.feed}`)}</dd>
        {run.last_bar !== null && (
          <>
            <dt>{t("runs.lastBar")}</dt>
            <dd title={exact(run.last_bar)}>{moment(run.last_bar)}</dd>
          </>
        )}
        <dt>{t(isOver(run.state) ? "runs.until" : "runs.since")}</dt>
        <dd>{moment(isOver(run.state) ? run.stopped_at : run.created_at)}</dd>
      </dl>
      {run.fault && (
        <p className="crit xs" lang="en">
          {run.fault}
        </p>
      )}
      {mayAct && deedsFor(run).length > 0 && (
        <div className="row flex-wrap">
          {deedsFor(run).map((deed) => (
            <button
              key={deed}
              type="button"
              className="btn"
              disabled={command.isPending}
              onClick={() => void act(deed)}
            >
              {command.isPending && command.variables.deed === deed
                ? t("asked")
                : t(`deeds.verbs.${deed}`)}
            </button>
          ))}
        </div>
      )}
    </li>
  );
}
