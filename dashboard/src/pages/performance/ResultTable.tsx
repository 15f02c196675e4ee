import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { count, percent, ratio, share, signedPercent, toNumber } from "@/format";
import { StageBadge } from "@/parts/badges";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Signed } from "@/parts/Signed";
import type { ConfigurationRow, StrategyRow } from "./rows";

type Any = ConfigurationRow | StrategyRow;

/** The currency in the head where all rows share it; else at every amount. */
function useFigures<T extends Any>(rows: T[]): DataColumn<T>[] {
  const { t } = useTranslation("performance");
  const quotes = new Set(rows.map((row) => row.quote));
  const only = quotes.size === 1 ? [...quotes][0] : undefined;
  return useMemo(
    () => [
      {
        id: "trades",
        head: t("table.trades"),
        numeric: true,
        sort: (row) => row.trades,
        cell: (row) => count(row.trades),
      },
      {
        id: "pnl",
        head: only === undefined ? t("table.pnl") : t("table.pnlIn", { quote: only }),
        numeric: true,
        phone: true,
        sort: (row) => toNumber(row.pnl),
        cell: (row) => (
          <span className="md">
            <Signed value={row.pnl} />
            {only === undefined && <span className="t3"> {row.quote}</span>}
          </span>
        ),
      },
      {
        id: "mean",
        head: t("table.mean"),
        numeric: true,
        sort: meanOf,
        cell: (row) => <Signed value={meanOf(row)} />,
      },
      {
        id: "won",
        head: t("table.won"),
        numeric: true,
        sort: (row) => row.winRate,
        cell: (row) => share(row.winRate),
      },
      {
        id: "promised",
        head: t("table.promised"),
        numeric: true,
        sort: (row) => row.promised,
        cell: (row) => <span className="t2">{share(row.promised)}</span>,
      },
      {
        id: "gap",
        head: t("table.gap"),
        numeric: true,
        sort: (row) => gapOf(row),
        cell: (row) => <Signed value={gapOf(row)} write={(v) => signedPercent(v, 1)} digits={3} />,
      },
    ],
    [only, t],
  );
}

const meanOf = (row: Any) => (row.trades === 0 ? null : Number(row.pnl) / row.trades);
const gapOf = (row: Any) =>
  row.winRate === null || row.promised === null ? null : row.winRate - row.promised;

export function StrategyTable(props: { rows: StrategyRow[]; onOpen: (row: StrategyRow) => void }) {
  const { t } = useTranslation("performance");
  const figures = useFigures(props.rows);
  const columns = useMemo<DataColumn<StrategyRow>[]>(
    () => [
      {
        id: "strategy",
        head: t("table.strategy"),
        phone: true,
        sort: (row) => row.strategy,
        cell: (row) => <span className="name">{row.strategy}</span>,
      },
      {
        id: "configurations",
        head: t("table.configurations"),
        numeric: true,
        sort: (row) => row.configurations,
        cell: (row) => (
          <span className="t2">
            {t("table.ofThem", { n: row.configurations, running: row.running })}
          </span>
        ),
      },
      {
        id: "feed",
        head: t("table.feed"),
        sort: (row) => row.feed,
        cell: (row) => <span className="t2">{t(`feeds.${row.feed}`)}</span>,
      },
      ...figures,
    ],
    [figures, t],
  );
  return (
    <DataTable
      id="performance.strategies"
      label={t("views.strategies")}
      columns={columns}
      rows={props.rows}
      rowKey={(row) => row.key}
      onOpen={props.onOpen}
      firstSort={{ id: "trades", desc: true }}
      height="292px"
    />
  );
}

export function ConfigurationTable(props: {
  rows: ConfigurationRow[];
  chosen: string | undefined;
  onOpen: (row: ConfigurationRow) => void;
}) {
  const { t } = useTranslation("performance");
  const figures = useFigures(props.rows);
  const columns = useMemo<DataColumn<ConfigurationRow>[]>(
    () => [
      {
        id: "configuration",
        head: t("table.configuration"),
        phone: true,
        sort: (row) => row.strategy,
        cell: (row) => (
          <>
            <span className="name">{row.strategy}</span> <span className="t3 sub2">{row.pair}</span>
          </>
        ),
      },
      {
        id: "stage",
        head: t("table.stage"),
        sort: (row) => row.stage,
        cell: (row) => <StageBadge stage={row.stage} />,
      },
      {
        id: "feed",
        head: t("table.feed"),
        sort: (row) => row.feed,
        cell: (row) => (
          <span className="row t2" style={{ gap: 6 }}>
            <span className={`dot ${row.running > 0 ? "ok-dot" : "t3"}`} />
            {t(row.running > 0 ? "table.runs" : "table.over", { feed: t(`feeds.${row.feed}`) })}
          </span>
        ),
      },
      ...figures,
      {
        id: "sharpe",
        head: t("table.sharpe"),
        numeric: true,
        sort: (row) => row.sharpe,
        cell: (row) => <span className="t2">{ratio(row.sharpe)}</span>,
        hidden: true,
      },
      {
        id: "drawdown",
        head: t("table.drawdown"),
        numeric: true,
        sort: (row) => row.drawdown,
        cell: (row) => <span className="t2">{percent(row.drawdown)}</span>,
        hidden: true,
      },
    ],
    [figures, t],
  );
  const picked = useMemo(
    () =>
      new Set(
        props.rows.filter((row) => row.configurationId === props.chosen).map((row) => row.key),
      ),
    [props.rows, props.chosen],
  );
  return (
    <DataTable
      id="performance.configurations"
      label={t("views.configurations")}
      columns={columns}
      rows={props.rows}
      rowKey={(row) => row.key}
      onOpen={props.onOpen}
      picked={picked}
      firstSort={{ id: "trades", desc: true }}
      chooseColumns
      height="292px"
    />
  );
}
