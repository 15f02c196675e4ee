/** A training as it is being written: text of fields, and the request that they make. */
import type { Shapes } from "@/api/client";
import { number, type Param, typed, type Value, valuesIn } from "./schema";

export type Range = {
  mode: "search" | "fixed";
  low: string;
  high: string;
  step: string;
  value: string;
  /** Of a choice: what may be tried. */
  picked: Value[];
};

/** Fields of the request under their own names; empty text leaves it to the server. */
export type Settings = {
  trials: string;
  folds: string;
  search: string;
  objectives: string;
  constraints: string;
  seed: string;
  hold_out_share: string;
  permutations: string;
  replications: string;
  fold_train_days: string;
  fold_test_days: string;
  embargo_days: string;
  patience: string;
  anchored: boolean;
  decide_early: boolean;
  initial_cash: string;
  taker_fee_bps: string;
  slippage_bps: string;
  leverage: string;
  allow_short: boolean;
};
export type Draft = { ranges: Record<string, Range>; settings: Settings };

/** What is trained on: a kept series and the days of it, as `2024-01-31`; both days included. */
export type Chosen = {
  exchange: string;
  pair: string;
  interval: string;
  from?: string;
  to?: string;
};

export const METHODS = ["random", "tpe", "cmaes", "grid"] as const;
export const OBJECTIVES = [
  "sharpe",
  "sortino",
  "calmar",
  "total_return",
  "profit_factor",
  "sqn",
  "max_drawdown",
] as const;

const RULES = ["initial_cash", "taker_fee_bps", "slippage_bps", "leverage"] as const;
const NUMBERS = [
  "trials",
  "folds",
  "seed",
  "permutations",
  "replications",
  "fold_train_days",
  "fold_test_days",
  "embargo_days",
  "patience",
  "hold_out_share",
] as const;
const DAY_MS = 86_400_000;

export function draftOf(params: Param[]): Draft {
  return {
    ranges: Object.fromEntries(params.map((param) => [param.name, rangeOf(param)])),
    settings: {
      trials: "200",
      folds: "5",
      search: "random",
      objectives: "sharpe",
      constraints: "",
      seed: "0",
      hold_out_share: "0.25",
      permutations: "200",
      replications: "1000",
      fold_train_days: "",
      fold_test_days: "",
      embargo_days: "0",
      patience: "",
      anchored: false,
      decide_early: true,
      initial_cash: "10000",
      taker_fee_bps: "10",
      slippage_bps: "2",
      leverage: "",
      allow_short: false,
    },
  };
}

/** The parameter as the strategy declares it: searched over its whole range. */
export const rangeOf = (param: Param): Range => ({
  mode: "search",
  low: String(param.low),
  high: String(param.high),
  step: "",
  value: String(param.default),
  picked: param.options,
});

/** Whether the search goes through the range as it is declared: then nothing is said of it. */
export function isDeclared(param: Param, range: Range): boolean {
  if (range.mode === "fixed") return false;
  if (param.kind === "choice") return range.picked.length === param.options.length;
  const declared = rangeOf(param);
  return range.low === declared.low && range.high === declared.high && range.step.trim() === "";
}

/** The fixed values alone: what the graph is drawn with. */
export function fixedOf(params: Param[], draft: Draft): Record<string, unknown> {
  return Object.fromEntries(
    params.flatMap((param) => {
      const range = draft.ranges[param.name];
      return range?.mode === "fixed" ? [[param.name, fixedValue(param, range.value)]] : [];
    }),
  );
}

export function fixedValue(param: Param, text: string): unknown {
  if (param.kind !== "choice") return typed(text);
  return param.options.find((option) => String(option) === text) ?? text;
}

/** The values of the searched parameters that differ from what is declared. */
export function gridOf(params: Param[], draft: Draft): Record<string, unknown[]> {
  return Object.fromEntries(
    params.flatMap((param) => {
      const range = draft.ranges[param.name];
      if (range === undefined || range.mode === "fixed" || isDeclared(param, range)) return [];
      const values =
        param.kind === "choice"
          ? param.options.filter((option) => range.picked.includes(option))
          : isAllowed(param, range)
            ? valuesIn(param.kind, range.low, range.high, range.step)
            : // The ends alone: they are what the refusal should speak of.
              [typed(range.low), typed(range.high)];
      return [[param.name, values]];
    }),
  );
}

function isAllowed(param: Param, range: Range): boolean {
  const ends = [number(range.low), number(range.high)];
  return ends.every((end) => end === null || (end >= param.least && end <= param.most));
}

/** The request. Text that is no number goes as it is: what is wrong with it the server says. */
export function requestOf(
  strategy: string,
  params: Param[],
  draft: Draft,
  chosen: Chosen,
): Shapes["NewTrainingJob"] {
  const { settings } = draft;
  const [grid, fixed] = [gridOf(params, draft), fixedOf(params, draft)];
  const filled = (name: keyof Settings) => String(settings[name]).trim() !== "";
  const numbers = (names: readonly (keyof Settings)[]) =>
    Object.fromEntries(names.filter(filled).map((name) => [name, typed(String(settings[name]))]));
  const constraints = settings.constraints.split(",").map((one) => one.trim());
  const body = {
    strategy,
    exchange: chosen.exchange,
    symbol: chosen.pair,
    interval: chosen.interval,
    search: settings.search,
    objectives: [settings.objectives],
    ...numbers(NUMBERS),
    ...(constraints[0] && { constraints: constraints.filter(Boolean) }),
    anchored: settings.anchored,
    decide_early: settings.decide_early,
    ...(Object.keys(grid).length > 0 && { grid }),
    ...(Object.keys(fixed).length > 0 && { fixed }),
    rules: {
      ...numbers(RULES),
      ...(settings.allow_short && { allow_short: true }),
    },
    ...(chosen.from && { start_ms: dayMs(chosen.from) }),
    ...(chosen.to && { end_ms: dayMs(chosen.to) + DAY_MS }),
  };
  // Of other types where a user typed something else: that is for the server to refuse.
  return body as Shapes["NewTrainingJob"];
}

/** Midnight UTC of a day written as `2024-01-31`. */
export const dayMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** The moment behind the last day. */
export const dayEndMs = (day: string): number => dayMs(day) + DAY_MS;

/** How many different sets the search could try; infinite with a whole range of real numbers. */
export function sizeOf(params: Param[], draft: Draft): number {
  return params.reduce((size, param) => {
    const range = draft.ranges[param.name];
    if (range === undefined || range.mode === "fixed") return size;
    if (param.kind === "choice") return size * range.picked.length;
    if (!isDeclared(param, range)) {
      return size * valuesIn(param.kind, range.low, range.high, range.step).length;
    }
    return param.kind === "whole" ? size * (param.high - param.low + 1) : Number.POSITIVE_INFINITY;
  }, 1);
}

/** Tries of all its searches together: one over all searched bars, one in each fold. */
export function triesOf({ trials, folds }: Settings): number | null {
  const found = Number(trials) * (1 + Number(folds));
  return trials.trim() !== "" && folds.trim() !== "" && Number.isFinite(found) ? found : null;
}
