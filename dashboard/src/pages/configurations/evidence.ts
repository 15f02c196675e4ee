/** Rules and statistics of a training in the words and figures of the language in use. */
import type { TFunction } from "i18next";
import { count, date, MISSING, percent, ratio, signedPercent } from "@/format";

type Form =
  | "ratio"
  | "ratio3"
  | "probability"
  | "p"
  | "percent"
  | "share"
  | "gain"
  | "count"
  | "bps"
  | "clean"
  | "yes"
  | "date"
  | "years";
type Bound = "least" | "most" | "over" | "under" | "there" | "none";

const RULES: Record<string, readonly [Form, Bound]> = {
  searched: ["count", "least"],
  study: ["yes", "none"],
  same_data: ["yes", "none"],
  metrics_changed: ["count", "most"],
  newer_data: ["date", "least"],
  look_ahead: ["clean", "none"],
  ambiguous_exits: ["percent", "most"],
  track_record: ["count", "there"],
  trades: ["count", "least"],
  superiority: ["p", "under"],
  permutation: ["p", "under"],
  deflated_sharpe: ["probability", "least"],
  deflated_sharpe_raw: ["probability", "least"],
  walk_forward: ["probability", "least"],
  folds_positive: ["share", "least"],
  walk_forward_efficiency: ["ratio", "least"],
  overfitting: ["share", "most"],
  plateau: ["ratio", "least"],
  stress: ["gain", "over"],
  live_trades: ["count", "least"],
  live_days: ["count", "least"],
  false_discovery_rate: ["probability", "most"],
  live_slippage: ["bps", "most"],
  live_in_band: ["ratio", "least"],
  live_distribution: ["p", "over"],
  live_signal_match: ["percent", "least"],
  hold_out_sharpe: ["ratio3", "over"],
  hold_out_psr: ["probability", "least"],
  dsr_with_hold_out: ["probability", "least"],
  live_cusum: ["ratio", "most"],
  live_posterior: ["probability", "least"],
  live_drawdown: ["gain", "least"],
  live_decays: ["count", "under"],
  live_idle_days: ["count", "under"],
  retired_by_hand: ["yes", "none"],
};

const STATISTICS: Record<string, Form> = {
  psr: "probability",
  psr_2025: "probability",
  days: "count",
  trials_raw: "count",
  dsr: "probability",
  dsr_raw: "probability",
  dsr_empirical: "probability",
  spa: "p",
  spa_lower: "p",
  spa_upper: "p",
  reality_check: "p",
  permutation_p: "p",
  pbo: "share",
  pbo_representatives: "share",
  probability_of_loss: "share",
  sign_flip_p: "p",
  walk_forward_psr: "probability",
  walk_forward_return: "gain",
  walk_forward_days: "count",
  trades_out_of_sample: "count",
  min_track_record_days: "count",
  min_backtest_years: "years",
  drawdown_95: "gain",
  drawdown_99: "gain",
  trades: "count",
  trade_mean: "gain",
  trade_deviation: "percent",
};
/** What these say when there is no such number of days or years. */
const NEVER = new Set(["min_track_record_days", "min_backtest_years"]);
const SMALLEST_P = 0.001;

type T = TFunction<"evidence">;

function write(t: T, form: Form, value: number): string {
  switch (form) {
    case "ratio":
      return ratio(value);
    case "ratio3":
      return ratio(value, 3);
    // More digits where two would say 0 or 1, which no test ever does.
    case "probability":
      return ratio(value, Math.min(value, 1 - value) < 0.005 ? 4 : 2);
    case "p":
      return value < SMALLEST_P ? t("below", { value: ratio(SMALLEST_P, 3) }) : ratio(value, 3);
    case "percent":
      return percent(value);
    case "share":
      return percent(value, 0);
    case "gain":
      return signedPercent(value);
    case "count":
      return count(value);
    case "bps":
      return t("bps", { value: ratio(value) });
    case "clean":
      return t(value === 1 ? "clean" : "leak");
    case "yes":
      return t(value === 1 ? "yes" : "no");
    case "date":
      return date(value);
    case "years":
      return t("years", { value: ratio(value, 1) });
  }
}

/** The value a rule saw. */
export function valueText(t: T, rule: string, value: number | null): string {
  const [form] = RULES[rule] ?? ["ratio"];
  if (value !== null) return write(t, form, value);
  return form === "clean" ? t("unchecked") : MISSING;
}

/** What the rule asks for, as "0.95 or more"; empty where it asks for no number. */
export function thresholdText(t: T, rule: string, threshold: number | null): string {
  const [form, bound] = RULES[rule] ?? ["ratio", "none"];
  if (threshold === null || bound === "none") return "";
  return t(`bounds.${bound}`, { value: short(write(t, form, threshold)) });
}

/** A threshold is a round number: 0.05 and 2 %, however many digits its values have. */
function short(text: string): string {
  return text.replace(/([.,]\d*?)0+(?!\d)/, "$1").replace(/[.,](?!\d)/, "");
}

export function titleOf(t: T, rule: string): string {
  return t(`rules.${rule}.title`, { defaultValue: rule.replaceAll("_", " ") });
}

/** One plain sentence; a rule nobody has words for says its own note. */
export function plainOf(t: T, rule: string, note: string): string {
  return t(`rules.${rule}.plain`, { defaultValue: note });
}

export type Judged = { rule: string; passed: boolean; required: boolean };
/** "met"; or "unmet", or "note" where it decides nothing. */
export function stateOf(rule: Judged): "met" | "note" | "unmet" {
  return rule.passed ? "met" : rule.required ? "unmet" : "note";
}

const WEIGHT = { unmet: 0, note: 1, met: 2 } as const;
/** What is not met first; otherwise in the order they were judged. */
export function gravestFirst<R extends Judged>(rules: R[]): R[] {
  return rules.toSorted((a, b) => WEIGHT[stateOf(a)] - WEIGHT[stateOf(b)]);
}

/** A statistic; where it is no single number, as the server wrote it. */
export function statisticText(t: T, name: string, value: unknown, text: string): string {
  if (value === null && NEVER.has(name)) return t("never");
  if (typeof value !== "number") return text;
  return write(t, STATISTICS[name] ?? "ratio", value);
}

const GROUPS = {
  "Is there an edge?": "edge",
  "Or is it luck?": "luck",
  "Did it hold on later data?": "later",
  "What to expect": "expect",
  "How it was measured": "measured",
} as const;

export function groupTitle(t: T, group: string): string {
  const key = GROUPS[group as keyof typeof GROUPS];
  return key === undefined ? group : t(`groups.${key}`);
}
