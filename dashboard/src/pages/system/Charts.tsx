/** What engines reported over time: small charts of one scale each, and the same as a table. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { count, exact, latency, moment, percent } from "@/format";
import { DataTable } from "@/parts/DataTable";
import { type Asked, Panel } from "@/parts/Panel";
import { Sparkline } from "@/parts/Sparkline";

type Point = Shapes["SystemPoint"];
const KINDS = [
  { id: "memory", of: (p: Point) => p.memory_mib, write: (v: number) => `${count(v)} MiB` },
  { id: "commit", of: (p: Point) => p.commit_p99_ms, write: latency },
  { id: "latency", of: (p: Point) => p.worst_latency_ms, write: latency },
  { id: "feed", of: (p: Point) => p.worst_feed_ms, write: latency },
  { id: "weight", of: (p: Point) => p.weight_share, write: (v: number) => percent(v, 1) },
  { id: "queue", of: (p: Point) => p.queued_commands, write: (v: number) => count(v) },
] as const;

export function Charts({ query }: { query: Asked & { data?: Point[] } }) {
  const { t } = useTranslation("system");
  const [asTable, setAsTable] = useState(false);
  const points = query.data ?? [];
  return (
    <Panel
      title={t("charts.title")}
      query={query}
      family="chart"
      error={{ what: t("charts.unread") }}
      empty={points.length === 0 && { text: t("charts.empty") }}
      action={
        <button type="button" className="btn ghost sp" onClick={() => setAsTable(!asTable)}>
          {t(asTable ? "charts.asChart" : "charts.asTable")}
        </button>
      }
    >
      {asTable ? (
        <DataTable
          id="system.points"
          label={t("charts.title")}
          rows={points}
          height="360px"
          rowKey={(p) => `${p.owner}/${p.time}`}
          columns={[
            {
              id: "time",
              head: t("charts.time"),
              phone: true,
              sort: (p) => p.time,
              cell: (p) => <time title={exact(p.time)}>{moment(p.time)}</time>,
            },
            ...KINDS.map((kind) => ({
              id: kind.id,
              head: t(`charts.${kind.id}`),
              numeric: true,
              phone: kind.id === "memory",
              sort: kind.of,
              cell: (p: Point) => write(kind.of(p), kind.write),
            })),
          ]}
        />
      ) : (
        <div className="g c2 p-3">
          {KINDS.map((kind) => (
            <Small key={kind.id} name={t(`charts.${kind.id}`)} points={points} kind={kind} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function write(value: number | null, how: (value: number) => string): string {
  return value === null ? "–" : how(value);
}

function Small(props: { name: string; points: Point[]; kind: (typeof KINDS)[number] }) {
  const { t } = useTranslation("system");
  const { kind, points } = props;
  const values = points.map(kind.of).filter((value): value is number => value !== null);
  const last = values.at(-1) ?? null;
  const most = values.length > 0 ? Math.max(...values) : null;
  return (
    <figure className="grid gap-1">
      <figcaption className="row">
        <span className="t2">{props.name}</span>
        <b className="sp">{write(last, kind.write)}</b>
        <span className="t3 xs">{t("charts.most", { value: write(most, kind.write) })}</span>
      </figcaption>
      {values.length > 1 ? (
        <Sparkline values={values} width={320} height={56} />
      ) : (
        <span className="t3 xs">{t("charts.none")}</span>
      )}
    </figure>
  );
}
