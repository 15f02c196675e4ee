import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import { useMay } from "@/app/session";
import { ago, count, latency, money } from "@/format";
import { type Mode, ModeBadge } from "@/parts/badges";
import { confirm } from "@/parts/confirm";
import { Icon, type IconName } from "@/parts/Icon";
import { Meter } from "@/parts/Meter";
import { figuresOf } from "../system/query";

type Connection = Shapes["ConnectionShape"];
type Props = {
  connection: Connection;
  wallets: Shapes["WalletShape"][];
  engines: Shapes["EngineShape"][];
};

export function ConnectionCard({ connection, wallets, engines }: Props) {
  const { t } = useTranslation("exchanges");
  const mayAct = useMay("operator");
  const [found, setFound] = useState<Shapes["KeysShape"] | null>(null);
  const path = { connection_id: connection.id };
  const test = useCommand({
    run: () =>
      got(api.POST("/api/v1/exchanges/connections/{connection_id}/test", { params: { path } })),
    touches: ["connections"],
    done: (keys) => {
      setFound(keys);
      return t("tested", { name: connection.name });
    },
  });
  const remove = useCommand({
    run: () =>
      got(api.DELETE("/api/v1/exchanges/connections/{connection_id}", { params: { path } })),
    touches: ["connections", "wallets"],
    done: () => t("removed", { name: connection.name }),
  });
  const health = engines
    .flatMap((engine) => figuresOf(engine).connections ?? [])
    .find((each) => each.connection_id === connection.id);
  const [icon, tone, word]: [IconName, string, string] = connection.fault
    ? ["bad", "crit", t("faulty")]
    : connection.checked_at === null
      ? ["info", "t3", t("untested")]
      : ["good", "pos", t("works")];
  const askRemove = async () => {
    const isMeant = await confirm({
      mode: connection.mode as Mode,
      always: true,
      title: t("removeTitle", { name: connection.name }),
      text: t("removeText"),
      name: connection.name,
      verb: t("remove"),
    });
    if (isMeant) remove.mutate(undefined);
  };
  return (
    <article className="panel" aria-label={connection.name}>
      <header>
        <ModeBadge mode={connection.mode as Mode} small />
        <h2>{connection.name}</h2>
        <span className={`row sp ${tone}`}>
          <Icon name={icon} size="s" />
          {word}
        </span>
      </header>
      <div className="body grid gap-3">
        {connection.fault && (
          <p className="crit" role="alert">
            {connection.fault}
          </p>
        )}
        <dl className="kv">
          <dt>{t("venue")}</dt>
          <dd>
            {connection.exchange}, {t(`market.${connection.market}`)}
          </dd>
          <dt>{t("key")}</dt>
          <dd className="mono">…{connection.key_hint}</dd>
          {connection.base_url && (
            <>
              <dt>{t("address")}</dt>
              <dd className="mono">{connection.base_url}</dd>
            </>
          )}
          <dt>{t("checked")}</dt>
          <dd>{connection.checked_at === null ? t("never") : ago(connection.checked_at)}</dd>
          {wallets.map((wallet) => (
            <div key={wallet.id} className="contents">
              <dt>{wallet.name}</dt>
              <dd>
                {money(wallet.balance)} {wallet.quote}
              </dd>
            </div>
          ))}
        </dl>
        {health && (
          <div className="grid gap-1">
            <span className="row t2">
              {latency(health.latency_ms)}
              <span className="t3 xs sp">{t("reconnects", { count: health.reconnects })}</span>
            </span>
            <Meter
              label={t("weight", { name: connection.name })}
              used={health.weight_used}
              refuseAt={health.weight_limit}
              warnAt={0.8 * health.weight_limit}
              text={`${count(health.weight_used)} / ${count(health.weight_limit)}`}
            />
          </div>
        )}
        {found && (
          <p className={found.can_withdraw ? "crit" : "t2"}>
            {t(found.can_trade ? "mayTrade" : "mayNotTrade")}{" "}
            {t(found.can_withdraw ? "mayWithdraw" : "mayNotWithdraw")}
          </p>
        )}
        {mayAct && (
          <div className="row">
            <button
              type="button"
              className="btn"
              disabled={test.isPending}
              onClick={() => test.mutate(undefined)}
            >
              {t(test.isPending ? "testing" : "test")}
            </button>
            <button type="button" className="btn ghost sp" onClick={() => void askRemove()}>
              {t("remove")}
            </button>
          </div>
        )}
      </div>
    </article>
  );
}
