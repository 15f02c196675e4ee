import type { TFunction } from "i18next";
import { iso } from "@/format";
import { type CsvColumn, download, toCsv } from "./csv";
import type { ConfigurationRow, StrategyRow } from "./rows";

type Any = ConfigurationRow | StrategyRow;

/** The rows in view as a file: plain figures, fractions for rates, whatever the language. */
export function exportRows(
  rows: Any[],
  about: { mode: string; start: number | undefined; end: number | null; view: string },
  t: TFunction,
): void {
  const columns: CsvColumn<Any>[] = [
    { head: "mode", value: () => about.mode },
    { head: "feed", value: (row) => row.feed },
    { head: "strategy", value: (row) => row.strategy },
    {
      head: "configuration_id",
      value: (row) => ("configurationId" in row ? row.configurationId : null),
    },
    { head: "pair", value: (row) => ("pair" in row ? row.pair : null) },
    { head: "stage", value: (row) => ("stage" in row ? row.stage : null) },
    { head: "closed_from", value: () => (about.start === undefined ? null : iso(about.start)) },
    { head: "closed_to", value: () => (about.end === null ? null : iso(about.end)) },
    { head: "trades", value: (row) => row.trades },
    { head: "pnl", value: (row) => row.pnl },
    { head: "currency", value: (row) => row.quote },
    { head: "win_rate", value: (row) => row.winRate },
    { head: "backtest_win_rate", value: (row) => row.promised },
    { head: "running", value: (row) => row.running },
  ];
  download(`${t("file")}-${about.mode}-${about.view}.csv`, toCsv(columns, rows));
}
