/** Results of one mode as rows: by configuration, and added up by strategy. Never across modes. */
import type { Shapes } from "@/api/client";
import type { Stage } from "@/parts/badges";
import { sumOf } from "./sums";

type Result = Shapes["PerformanceShape"];
type Activation = Shapes["ActivationShape"];
export type Feed = "live" | "sandbox" | "replay";

type Figures = {
  key: string;
  strategy: string;
  quote: string;
  feed: Feed;
  trades: number;
  pnl: string;
  winRate: number | null;
  /** What its backtest won, weighted by trades where several are added up. */
  promised: number | null;
  running: number;
};
export type ConfigurationRow = Figures & {
  configurationId: string;
  pair: string;
  exchange: string;
  stage: Stage;
  sharpe: number | null;
  drawdown: number | null;
};
export type StrategyRow = Figures & { configurations: number };

/** "USDT" of "BTC/USDT:USDT". */
export const quoteOf = (pair: string): string => pair.split("/")[1]?.split(":")[0] ?? "";

/**
 * A row for every configuration and feed that ran in `mode`: also for one without a closed trade,
 * because that it runs is a result too. Most trades first.
 */
export function configurationRows(
  results: readonly Result[],
  activations: readonly Activation[],
  mode: string,
): ConfigurationRow[] {
  const known = new Map(results.map((result) => [result.configuration_id, result]));
  const rows = new Map<string, ConfigurationRow>();
  for (const result of results) {
    if (result.mode !== mode || result.feed === null) continue;
    const row = rowOf(result, result.feed);
    rows.set(row.key, {
      ...row,
      trades: result.trade_count,
      pnl: result.total_pnl,
      winRate: result.win_rate,
    });
  }
  for (const activation of activations) {
    const result = known.get(activation.configuration_id);
    if (activation.mode !== mode || result === undefined) continue;
    const fresh = rowOf(result, activation.feed);
    const row = rows.get(fresh.key) ?? fresh;
    const runs = activation.state !== "STOPPED" && activation.state !== "FAULTED";
    rows.set(row.key, { ...row, running: row.running + (runs ? 1 : 0) });
  }
  return [...rows.values()].sort((a, b) => b.trades - a.trades || b.running - a.running);
}

function rowOf(result: Result, feed: Feed): ConfigurationRow {
  return {
    key: `${result.configuration_id}/${feed}`,
    configurationId: result.configuration_id,
    strategy: result.strategy_name,
    pair: result.pair,
    exchange: result.exchange,
    quote: quoteOf(result.pair),
    stage: result.lifecycle_stage as Stage,
    feed,
    trades: 0,
    pnl: "0",
    winRate: null,
    promised: result.backtest.win_rate ?? null,
    sharpe: result.backtest.sharpe ?? null,
    drawdown: result.backtest.max_drawdown ?? null,
    running: 0,
  };
}

/** Rows of one strategy, feed and currency as one. */
export function strategyRows(rows: readonly ConfigurationRow[]): StrategyRow[] {
  const groups = new Map<string, ConfigurationRow[]>();
  for (const row of rows) {
    const key = `${row.strategy}/${row.feed}/${row.quote}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, members]) => {
    const [first] = members as [ConfigurationRow];
    return {
      key,
      strategy: first.strategy,
      quote: first.quote,
      feed: first.feed,
      trades: members.reduce((sum, row) => sum + row.trades, 0),
      pnl: sumOf(members.map((row) => row.pnl)),
      winRate: weighted(members, (row) => row.winRate),
      promised: weighted(members, (row) => row.promised),
      running: members.reduce((sum, row) => sum + row.running, 0),
      configurations: new Set(members.map((row) => row.configurationId)).size,
    };
  });
}

/** The mean by trades of those that have the figure and traded; null where none has. */
function weighted(
  rows: readonly ConfigurationRow[],
  value: (row: ConfigurationRow) => number | null,
): number | null {
  let [sum, trades] = [0, 0];
  for (const row of rows) {
    const found = value(row);
    if (found === null || row.trades === 0) continue;
    sum += found * row.trades;
    trades += row.trades;
  }
  return trades === 0 ? null : sum / trades;
}
