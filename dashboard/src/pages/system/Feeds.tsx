import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { latency } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Icon } from "@/parts/Icon";
import { type Asked, Panel } from "@/parts/Panel";
import { type Figures, figuresOf } from "./query";

type Feed = NonNullable<Figures["feeds"]>[number] & { engine: string };
const LATE_MS = 60_000;

export function Feeds({ query }: { query: Asked & { data?: Shapes["SystemShape"] } }) {
  const { t } = useTranslation("system");
  const rows = (query.data?.engines ?? []).flatMap((engine) =>
    (figuresOf(engine).feeds ?? []).map((feed) => ({ ...feed, engine: engine.owner })),
  );
  const columns = useMemo<DataColumn<Feed>[]>(
    () => [
      {
        id: "pair",
        head: t("feeds.pair"),
        phone: true,
        sort: (f) => f.pair,
        cell: (f) => (
          <Link className="lnk" to="/markets" search={{ exchange: f.exchange, pair: f.pair }}>
            {f.pair}
          </Link>
        ),
      },
      {
        id: "exchange",
        head: t("feeds.exchange"),
        sort: (f) => f.exchange,
        cell: (f) => f.exchange,
      },
      { id: "feed", head: t("feeds.kind"), sort: (f) => f.feed, cell: (f) => t(`feeds.${f.feed}`) },
      { id: "interval", head: t("feeds.interval"), cell: (f) => f.interval },
      {
        id: "age",
        head: t("feeds.age"),
        numeric: true,
        phone: true,
        sort: (f) => f.silent_ms,
        cell: (f) => (
          <span className={(f.silent_ms ?? 0) > LATE_MS ? "stale row" : "row"}>
            {(f.silent_ms ?? 0) > LATE_MS && <Icon name="clock" size="s" />}
            {latency(f.silent_ms)}
          </span>
        ),
      },
    ],
    [t],
  );
  return (
    <Panel
      title={t("feeds.title")}
      meta={rows.length || null}
      query={query}
      error={{ what: t("feeds.unread") }}
      empty={rows.length === 0 && { text: t("feeds.empty") }}
    >
      <DataTable
        id="system.feeds"
        label={t("feeds.title")}
        columns={columns}
        rows={rows}
        rowKey={(f) => `${f.engine}/${f.feed}/${f.exchange}/${f.pair}/${f.interval}`}
        firstSort={{ id: "age", desc: true }}
      />
    </Panel>
  );
}
