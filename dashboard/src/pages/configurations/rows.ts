/** A configuration with all that a board says of it, and how boards are filtered and sorted. */
import type { Shapes } from "@/api/client";
import type { Mode, Stage } from "@/parts/badges";
import type { Activation, Configuration, Figures } from "./queries";

export type Active = Shapes["ActiveShape"];

export type Row = {
  configuration: Configuration;
  figures: Figures | undefined;
  /** What of it runs for who is here, with the figures of its own ledger. */
  active: Active[];
  /** Rules that decide, and those of them that say no. */
  required: number;
  unmet: number;
};

export function rowsOf(
  configurations: Configuration[],
  figures: Figures[],
  active: Active[],
): Row[] {
  const told = new Map(figures.map((one) => [one.configuration_id, one]));
  const running = groupedBy(active, (one) => one.configuration.id);
  return configurations.map((configuration) => {
    const required = configuration.evidence.filter((one) => one.required);
    return {
      configuration,
      figures: told.get(configuration.id),
      active: running.get(configuration.id) ?? [],
      required: required.length,
      unmet: required.filter((one) => !one.passed).length,
    };
  });
}

export function groupedBy<K, V>(values: V[], of: (value: V) => K): Map<K, V[]> {
  const found = new Map<K, V[]>();
  for (const value of values) {
    const key = of(value);
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

export const SORTS = ["expected", "deflated", "return", "tries", "newest", "name"] as const;
export type Sort = (typeof SORTS)[number];

const BY: Record<Sort, (row: Row) => number | string | null | undefined> = {
  expected: (row) => row.figures?.expected_live_sharpe,
  deflated: (row) => row.figures?.deflated_sharpe,
  return: (row) => row.figures?.out_of_sample_return,
  tries: (row) => row.configuration.trials,
  newest: (row) => row.configuration.created_at,
  name: (row) => row.configuration.strategy_name,
};
const RISING = new Set<Sort>(["tries", "name"]);

/** Best first; few tries are better than many. What has no such figure stands last. */
export function sorted(rows: Row[], by: Sort): Row[] {
  const direction = RISING.has(by) ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [BY[by](a) ?? null, BY[by](b) ?? null];
    if (left === right) return a.configuration.id < b.configuration.id ? -1 : 1;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -direction : direction;
  });
}

export type Filter = { text?: string; pair?: string; strategy?: string; running?: boolean };

/** Those that every word of the text is found in, and that are of the pair and the strategy. */
export function filtered(rows: Row[], { text = "", pair, strategy, running }: Filter): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ configuration: c, active }) => {
    if (pair !== undefined && c.pair !== pair) return false;
    if (strategy !== undefined && c.strategy_name !== strategy) return false;
    if (running && active.length === 0) return false;
    const told = [c.strategy_name, c.pair, c.interval, c.exchange, c.lifecycle_stage, c.id]
      .join(" ")
      .toLowerCase();
    return words.every((word) => told.includes(word));
  });
}

/** "ema_cross BTC/USDT 1h": as it is called in sentences. */
export const nameOf = (c: { strategy_name: string; pair: string; interval: string }): string =>
  `${c.strategy_name} ${c.pair} ${c.interval}`;

export const shortId = (id: string): string => id.slice(0, 8);

const WEIGHT: readonly Mode[] = ["live", "testnet", "paper"];

/** The modes it runs in, the gravest first. */
export function modesOf(activations: Pick<Activation, "mode">[]): Mode[] {
  return WEIGHT.filter((mode) => activations.some((one) => one.mode === mode));
}

export const isOver = (state: string): boolean => state === "STOPPED" || state === "FAULTED";

export type Foot =
  | { kind: "state"; state: string }
  | { kind: "blocked" }
  | { kind: "unmet"; count: number }
  | { kind: "untrained" }
  | { kind: "ready" }
  | { kind: "none" }
  | { kind: "result"; pnl: number; trades: number };

/** What a card says last: first what is under way, then what it lacks, then what it earned. */
export function footOf(row: Row): Foot {
  const { active, configuration, figures, required, unmet } = row;
  const moving = active.find(({ activation }) => activation.state !== "RUNNING");
  if (moving !== undefined) return { kind: "state", state: moving.activation.state };
  if (active.some(({ activation }) => activation.blocked !== null)) return { kind: "blocked" };
  if (configuration.lifecycle_stage === "DISCOVERY" && unmet > 0) {
    return { kind: "unmet", count: unmet };
  }
  if (active.length > 0) {
    const pnl = active.reduce((sum, one) => sum + Number(one.pnl), 0);
    return { kind: "result", pnl, trades: active.reduce((sum, one) => sum + one.trade_count, 0) };
  }
  // What is over is told by its stage.
  if (["DECAYED", "RETIRED"].includes(configuration.lifecycle_stage)) return { kind: "none" };
  if (unmet > 0) return { kind: "unmet", count: unmet };
  if (figures?.studied === false || required === 0) return { kind: "untrained" };
  return { kind: "ready" };
}

/** The stage that a step leads to; null where only a new training leads on. */
export function nextStage(stage: Stage): "VALIDATION" | "MATURE" | null {
  return stage === "DISCOVERY" ? "VALIDATION" : stage === "VALIDATION" ? "MATURE" : null;
}
