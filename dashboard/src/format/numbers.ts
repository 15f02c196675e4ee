/**
 * How numbers are written, everywhere. Amounts come as decimal strings and stay strings: they are
 * formatted digit by digit, never through a float. Missing is "–", never 0.
 */
import { formatLanguage } from "./locale";

export type Amount = string | number | null | undefined;
export const MISSING = "\u2013";
const MINUS = "\u2212";
const PERCENT = "\u202f%";

const formats = new Map<string, Intl.NumberFormat>();

function format(value: string | number, least: number, most: number, signed: boolean): string {
  const key = `${formatLanguage()}/${least}/${most}/${signed}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(formatLanguage(), {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
      // Zero has no sign, also a zero that was -0.004 before it was rounded.
      signDisplay: signed ? "exceptZero" : "negative",
    });
    formats.set(key, found);
  }
  // A numeric string is formatted exactly; the type knows only literals of that shape.
  return found.format(value as `${number}`).replace("-", MINUS);
}

function isMissing(value: Amount): value is null | undefined {
  return value === null || value === undefined || value === "" || Number.isNaN(Number(value));
}

function write(value: Amount, least: number, most = least, signed = false): string {
  return isMissing(value) ? MISSING : format(value, least, most, signed);
}

/** Decimals of a step such as a tick "0.10" (1) or a lot "1e-8" (8). */
export function decimalsOf(step: string): number {
  const [digits = "", exponent] = step.toLowerCase().split("e-");
  const written = (digits.split(".")[1] ?? "").replace(/0+$/, "").length;
  return written + (exponent === undefined ? 0 : Number(exponent));
}

/** A price in the decimals of its tick; without one, as many as its size needs. */
export function price(value: Amount, tick?: string | null): string {
  if (isMissing(value)) return MISSING;
  if (tick) return write(value, decimalsOf(tick));
  const size = Math.abs(Number(value));
  return write(value, 0, size >= 10 ? 5 : 8);
}

/** A quantity in the decimals of its lot. */
export function quantity(value: Amount, lot?: string | null): string {
  return lot ? write(value, decimalsOf(lot)) : write(value, 0, 8);
}

/** An amount of the quote currency: two decimals; the unit stands in the label. */
export const money = (value: Amount): string => write(value, 2);
/** A result: always signed, zero without a sign. */
export const signedMoney = (value: Amount): string => write(value, 2, 2, true);
export const count = (value: Amount): string => write(value, 0);
/** Ratios, Sharpe ratios, probabilities. */
export const ratio = (value: Amount, digits = 2): string => write(value, digits);
export const signedRatio = (value: Amount, digits = 2): string =>
  write(value, digits, digits, true);
/** A result in units of what was risked. */
export const riskMultiple = (value: Amount): string => write(value, 2, 2, true);

function hundredfold(value: Amount): number | null {
  return isMissing(value) ? null : Number(value) * 100;
}

function withSign(text: string): string {
  return text === MISSING ? text : text + PERCENT;
}

/** A result given as a fraction, 0.0123 as "1.23 %". */
export const percent = (value: Amount, digits = 2): string =>
  withSign(write(hundredfold(value), digits));
export const signedPercent = (value: Amount, digits = 2): string =>
  withSign(write(hundredfold(value), digits, digits, true));
/** A share given as a fraction, 0.196 as "19.6 %". */
export const share = (value: Amount): string => withSign(write(hundredfold(value), 1));

/** Milliseconds under a second, else seconds with two decimals. */
export function latency(ms: Amount): string {
  if (isMissing(ms)) return MISSING;
  return Number(ms) < 1000 ? `${write(ms, 0)} ms` : `${write(Number(ms) / 1000, 2)} s`;
}

/** "pos", "neg" or "": the tone of a result as it is shown with `digits` decimals. */
export function tone(value: Amount, digits = 2): "pos" | "neg" | "" {
  if (isMissing(value)) return "";
  const shown = Math.round(Number(value) * 10 ** digits);
  return shown > 0 ? "pos" : shown < 0 ? "neg" : "";
}

/** The number a decimal string stands for: for charts and sorting, never for showing. */
export function toNumber(value: Amount): number | null {
  return isMissing(value) ? null : Number(value);
}
