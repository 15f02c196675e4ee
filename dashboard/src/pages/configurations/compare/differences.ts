/** What configurations are compared by, which of them is best in it, and where they differ. */
import { count, date, MISSING, percent, price, ratio, signedPercent } from "@/format";
import type { Row } from "../rows";

export type Section = "evidence" | "backtest" | "parameters" | "rules" | "origin";
export type Line = {
  section: Section;
  /** A key of the words, or for parameters their own name. */
  key: string;
  texts: string[];
  /** Which columns are the best; empty where none is better, or all are. */
  best: number[];
  differs: boolean;
};

type Better = "high" | "low";
type Measure = [string, (row: Row) => number | null | undefined, (v: number) => string, Better];

const metric = (name: string) => (row: Row) =>
  row.configuration.metrics[name] as number | null | undefined;
const whole = (value: number) => percent(value, 0);

const EVIDENCE: Measure[] = [
  ["expected", (r) => r.figures?.expected_live_sharpe, ratio, "high"],
  ["sharpe", (r) => r.figures?.sharpe, ratio, "high"],
  ["tries", (r) => r.configuration.trials, count, "low"],
  ["deflated", (r) => r.figures?.deflated_sharpe, ratio, "high"],
  ["pbo", (r) => r.figures?.overfitting, whole, "low"],
  ["drawdown95", (r) => r.figures?.drawdown_95, percent, "high"],
  ["outOfSample", (r) => r.figures?.out_of_sample_return, signedPercent, "high"],
  ["unmet", (r) => (r.required > 0 ? r.unmet : null), count, "low"],
];
const BACKTEST: Measure[] = [
  ["totalReturn", metric("total_return"), signedPercent, "high"],
  ["maxDrawdown", metric("max_drawdown"), (v) => percent(-Math.abs(v)), "high"],
  ["winRate", metric("win_rate"), whole, "high"],
  ["profitFactor", metric("profit_factor"), ratio, "high"],
  ["tradeCount", metric("trade_count"), count, "high"],
  ["exposure", metric("exposure"), whole, "low"],
];

function measured(section: Section, [key, of, write, better]: Measure, rows: Row[]): Line {
  const values = rows.map((row) => of(row) ?? null);
  const texts = values.map((value) => (value === null ? MISSING : write(value)));
  const differs = new Set(texts).size > 1;
  return { section, key, texts, differs, best: differs ? bestOf(values, texts, better) : [] };
}

/** By what is shown: two that read the same are equally good. */
function bestOf(values: (number | null)[], texts: string[], better: Better): number[] {
  const known = values.filter((value) => value !== null);
  // Better than what nobody knows is not better.
  if (known.length < 2) return [];
  const top = better === "high" ? Math.max(...known) : Math.min(...known);
  const shown = texts[values.indexOf(top)];
  const found = texts.flatMap((text, index) => (text === shown ? [index] : []));
  return found.length === texts.length ? [] : found;
}

function plain(section: Section, key: string, texts: string[]): Line {
  return { section, key, texts, best: [], differs: new Set(texts).size > 1 };
}

export function written(value: unknown): string {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "object") {
    const { kind, x } = value as { kind?: unknown; x?: unknown };
    if (kind !== undefined && x !== undefined) {
      return `${String(kind).replaceAll("_", " ")} ${written(x)}`;
    }
    return Object.entries(value)
      .map(([name, one]) => `${name} ${written(one)}`)
      .join(", ");
  }
  return typeof value === "number" ? price(value) : String(value);
}

/** One line for every name that any of the documents has. */
function documents(section: Section, all: Record<string, unknown>[]): Line[] {
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return names.map((name) =>
    plain(
      section,
      name,
      all.map((one) => written(one[name])),
    ),
  );
}

export function compared(rows: Row[]): Line[] {
  const of = rows.map((row) => row.configuration);
  return [
    ...EVIDENCE.map((measure) => measured("evidence", measure, rows)),
    ...BACKTEST.map((measure) => measured("backtest", measure, rows)),
    ...documents(
      "parameters",
      of.map((c) => c.parameters),
    ),
    ...documents(
      "rules",
      of.map((c) => c.rules),
    ),
    plain(
      "origin",
      "data",
      of.map((c) => `${date(c.data_start)} – ${date(c.data_end)}`),
    ),
    plain(
      "origin",
      "fingerprint",
      of.map((c) => c.data_fingerprint.slice(0, 12)),
    ),
    plain(
      "origin",
      "code",
      of.map((c) => c.code_version.slice(0, 12)),
    ),
  ];
}
