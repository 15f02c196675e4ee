/** Is what trades what was tested? The API's figures against its lines, as verdicts of three kinds. */
import type { Shapes } from "@/api/client";

type Tracking = Shapes["TrackingShape"];
type Day = Shapes["ExpectedDay"];
export type State = "met" | "note" | "unmet";
export type Verdict = {
  rule: "cusum" | "drawdown" | "slippage" | "match";
  state: State;
  value: number | null;
  /** Where it becomes a note, and where it is not met. */
  watch: number | null;
  limit: number | null;
  /** Why it cannot be judged; a key of words. */
  why: "noTrades" | "noPromise" | "noDays" | "noFills" | null;
};
type Line = "fall_95" | "fall_99" | "low" | "middle" | "high";

const START: Day = { day: 0, fall_95: 0, fall_99: 0, low: 1, middle: 1, high: 1 };

/** A line of the expected days after `days`, also between two of them; null beyond the last. */
export function expectedAt(expected: readonly Day[], days: number, line: Line): number | null {
  const last = expected.at(-1);
  if (last === undefined || days < 0 || days > last.day) return null;
  let before = START;
  for (const after of expected) {
    if (days <= after.day) {
      const part = (days - before.day) / (after.day - before.day);
      return before[line] + part * (after[line] - before[line]);
    }
    before = after;
  }
  return last[line];
}

export function judged(tracking: Tracking): Verdict[] {
  return [cusum(tracking), drawdown(tracking), slippage(tracking), match(tracking)];
}

function cusum({ cusum: chart }: Tracking): Verdict {
  const value = chart?.items.at(-1)?.sum ?? null;
  const blank = {
    rule: "cusum",
    watch: chart?.watch ?? null,
    limit: chart?.decayed ?? null,
  } as const;
  if (chart === null) return { ...blank, state: "note", value, why: "noPromise" };
  if (value === null) return { ...blank, state: "note", value, why: "noTrades" };
  const state = value > chart.decayed ? "unmet" : value > chart.watch ? "note" : "met";
  return { ...blank, state, value, why: null };
}

function drawdown({ live, expected }: Tracking): Verdict {
  const day = live.at(-1)?.day ?? 0;
  const value = live.length === 0 ? null : Math.min(...live.map((each) => each.drawdown));
  const watch = expectedAt(expected, day, "fall_95");
  const limit = expectedAt(expected, day, "fall_99");
  const blank = { rule: "drawdown", value, watch, limit } as const;
  if (watch === null || limit === null) return { ...blank, state: "note", why: "noPromise" };
  if (value === null) return { ...blank, state: "note", why: "noDays" };
  const state = value < limit ? "unmet" : value < watch ? "note" : "met";
  return { ...blank, state, why: null };
}

function slippage({ slippage: found }: Tracking): Verdict {
  const blank = { rule: "slippage", watch: found?.modelled_bps ?? null } as const;
  if (found === null || found.fills === 0)
    return { ...blank, state: "note", value: null, limit: null, why: "noFills" };
  const { measured_bps: value, limit_bps: limit } = found;
  return { ...blank, state: value > limit ? "unmet" : "met", value, limit, why: null };
}

function match({ signal_match: value, signal_match_limit: limit }: Tracking): Verdict {
  const blank = { rule: "match", value, watch: null, limit } as const;
  if (value === null) return { ...blank, state: "note", why: "noDays" };
  return { ...blank, state: value < limit ? "unmet" : "met", why: null };
}
