import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import type { Wallet } from "@/app/scope";
import { useMay } from "@/app/session";
import { ago, moment } from "@/format";
import type { Mode } from "@/parts/badges";
import { confirm } from "@/parts/confirm";
import { Icon, type IconName } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { tradingStates } from "./query";

type State = Shapes["TradingState"];
const LOOK: Record<State, [IconName, string]> = {
  ACTIVE: ["good", "pos"],
  REDUCING: ["pause", "warn"],
  HALTED: ["octagon", "crit"],
};

/** What the wallet may do, what holds it there, and a person's word about it. */
export function TradingStatePanel({ wallet }: { wallet: Wallet | null }) {
  const { t } = useTranslation("risk");
  const mayCommand = useMay("operator");
  const asked = useQuery(tradingStates());
  const [reason, setReason] = useState("");
  const state = asked.data?.find((one) => one.wallet_id === wallet?.id);
  const ask = useCommand({
    run: (wanted: State, key) =>
      got(
        api.POST("/api/v1/risk/state", {
          body: { state: wanted, reason, wallet_id: wallet?.id ?? null },
          params: { header: { "idempotency-key": key } },
        }),
      ),
    touches: ["risk", "limits", "overview"],
    done: () => t("state.asked"),
  });
  const reset = useCommand({
    run: (codes: string[], key) =>
      got(
        api.POST("/api/v1/risk/latches/reset", {
          body: { wallet_id: wallet?.id ?? "", codes, reason },
          params: { header: { "idempotency-key": key } },
        }),
      ),
    touches: ["risk", "limits", "overview"],
    done: () => t("latch.lifted"),
  });
  const mode = (wallet?.mode ?? "paper") as Mode;
  const change = async (wanted: State) => {
    const verb = t(`state.do.${wanted}`);
    const name = wallet?.name ?? "";
    const text = t(`state.means.${wanted}`);
    if (await confirm({ mode, title: `${verb}: ${name}`, text, name, verb })) ask.mutate(wanted);
  };
  const lift = async (latch: Shapes["LatchShape"]) => {
    const title = t("latch.liftTitle", { code: latch.code });
    const name = wallet?.name ?? "";
    const isMeant = await confirm({
      mode,
      always: true,
      title,
      text: t("latch.liftText", { reason: latch.reason }),
      name,
      verb: t("latch.lift"),
    });
    if (isMeant) reset.mutate([latch.code]);
  };
  const [icon, tone] = LOOK[state?.state ?? "ACTIVE"];
  const isReady = reason.trim().length > 0;
  return (
    <Panel
      title={t("state.title")}
      query={asked}
      family="form"
      error={{ what: t("state.unread"), effect: t("state.effect") }}
      empty={state === undefined && { text: t("state.none") }}
    >
      {state && (
        <div className="body grid gap-3">
          <p className={`row md ${tone}`}>
            <Icon name={icon} />
            <b>{t(`state.name.${state.state}`)}</b>
            <span className="t3 xs sp">{t("state.since", { when: ago(state.since) })}</span>
          </p>
          <p className="t2">{t(`state.means.${state.state}`)}</p>
          {state.latches.map((latch) => (
            <div key={latch.code} className="row wrap">
              <Icon name="stop" size="s" className="warn" />
              <span className="mono">{latch.code}</span>
              <span className="t2 grow">{latch.reason}</span>
              <span className="t3 xs">
                {latch.until_ms === null
                  ? t("latch.untilLifted")
                  : t("latch.until", { time: moment(latch.until_ms) })}
              </span>
              {mayCommand && (
                <button
                  type="button"
                  className="btn"
                  disabled={!isReady || reset.isPending}
                  title={isReady ? undefined : t("needsReason")}
                  onClick={() => void lift(latch)}
                >
                  {t("latch.lift")}
                </button>
              )}
            </div>
          ))}
          {mayCommand && (
            <div className="row wrap">
              <label className="field grow">
                <span className="lab">{t("reason")}</span>
                <input
                  className="inp"
                  value={reason}
                  onChange={(event) => setReason(event.target.value)}
                />
              </label>
              {(["ACTIVE", "REDUCING", "HALTED"] as const)
                .filter((wanted) => wanted !== state.state)
                .map((wanted) => (
                  <button
                    key={wanted}
                    type="button"
                    className="btn self-end"
                    disabled={!isReady || ask.isPending}
                    title={isReady ? undefined : t("needsReason")}
                    onClick={() => void change(wanted)}
                  >
                    {t(`state.do.${wanted}`)}
                  </button>
                ))}
            </div>
          )}
        </div>
      )}
    </Panel>
  );
}
