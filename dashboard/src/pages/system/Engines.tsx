import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { ago, count, duration, latency } from "@/format";
import { Icon } from "@/parts/Icon";
import { Meter } from "@/parts/Meter";
import { type Asked, Panel } from "@/parts/Panel";
import { figuresOf } from "./query";

type Engine = Shapes["EngineShape"];

export function Engines({ query }: { query: Asked & { data?: Shapes["SystemShape"] } }) {
  const { t } = useTranslation("system");
  const engines = query.data?.engines ?? [];
  return (
    <Panel
      title={t("engines.title")}
      query={query}
      family="job"
      error={{ what: t("engines.unread"), effect: t("engines.effect") }}
      empty={engines.length === 0 && { text: t("engines.empty") }}
    >
      <div className="body grid gap-4">
        {engines.map((engine) => (
          <One key={engine.owner} engine={engine} />
        ))}
      </div>
    </Panel>
  );
}

function One({ engine }: { engine: Engine }) {
  const { t } = useTranslation("system");
  const told = figuresOf(engine);
  return (
    <section className="grid gap-2">
      <h3 className="row">
        <Icon
          name={engine.stale ? "warn" : "good"}
          className={engine.stale ? "stale" : "pos"}
          label={t(engine.stale ? "engines.silent" : "engines.well")}
        />
        <b>{told.host ?? engine.owner}</b>
        <span className="t3 xs sp">
          {engine.stale
            ? t("engines.lastHeard", { when: ago(engine.written_at) })
            : t("engines.since", { time: duration(Date.now() - engine.started_at) })}
        </span>
      </h3>
      <dl className="kv">
        <dt>{t("engines.activations")}</dt>
        <dd>{told.activations ?? "–"}</dd>
        <dt>{t("engines.queue")}</dt>
        <dd>{told.queued_commands ?? "–"}</dd>
        <dt>{t("engines.memory")}</dt>
        <dd>{told.memory_mib === undefined ? "–" : `${count(told.memory_mib)} MiB`}</dd>
        <dt>{t("engines.commit")}</dt>
        <dd>
          {latency(told.commits?.p50_ms)} / {latency(told.commits?.p99_ms)}
        </dd>
      </dl>
      {(told.connections ?? []).map((each) => (
        <div key={each.connection_id} className="grid gap-1">
          <span className="row">
            <Icon
              name={each.connected ? "good" : "warn"}
              size="s"
              className={each.connected ? "pos" : "warn"}
              label={t(each.connected ? "engines.connected" : "engines.cut")}
            />
            {each.name}
            <span className="t3 xs sp">
              {latency(each.latency_ms)}, {t("engines.skew", { skew: latency(each.clock_skew_ms) })}
            </span>
          </span>
          <Meter
            label={t("engines.weight", { name: each.name })}
            used={each.weight_used}
            refuseAt={each.weight_limit}
            warnAt={0.8 * each.weight_limit}
            text={`${count(each.weight_used)} / ${count(each.weight_limit)}`}
          />
          {each.last_fault && <span className="t3 xs">{each.last_fault}</span>}
        </div>
      ))}
    </section>
  );
}
