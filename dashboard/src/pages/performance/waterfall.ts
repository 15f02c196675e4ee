/** The gap as steps from what the backtest earned to what was earned, in whole cents. */
import type { Shapes } from "@/api/client";
import { sumOf } from "./sums";

export type Step = { part: string; amount: string; trades: number; from: number; to: number };
export type Waterfall = {
  steps: Step[];
  /** Of all parts, shown or not: added up here, and equal to the API's own total. */
  sum: string;
  /** Ends of the scale. */
  low: number;
  high: number;
};

/** Always shown; the others where they are not zero. */
const CAUSES = ["data", "timing", "price", "fees", "funding", "missed", "extra"];

export function waterfall(gap: Pick<Shapes["LiveGapShape"], "expected_pnl" | "cents">): Waterfall {
  const parts = gap.cents.filter(({ part }) => part !== "total");
  let at = Number(gap.expected_pnl);
  const steps = parts
    .filter(({ part, amount }) => CAUSES.includes(part) || Number(amount) !== 0)
    .map(({ part, amount, trades }) => {
      const from = at;
      at += Number(amount);
      return { part, amount, trades, from, to: at };
    });
  const ends = [0, Number(gap.expected_pnl), ...steps.map((step) => step.to)];
  return {
    steps,
    sum: sumOf(parts.map(({ amount }) => amount)),
    low: Math.min(...ends),
    high: Math.max(...ends),
  };
}

/** Where a bar begins and how wide it is, in percent of the scale; a hair where it is nothing. */
export function barOf(from: number, to: number, { low, high }: Pick<Waterfall, "low" | "high">) {
  const span = high - low || 1;
  const left = ((Math.min(from, to) - low) / span) * 100;
  return { left, width: Math.max((Math.abs(to - from) / span) * 100, 0.4) };
}
