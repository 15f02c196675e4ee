/** Exact sums of decimal strings: money is added digit by digit, never as floats. */

const PLACES = 18;

/** `text` in units of 10^-18. */
function scaled(text: string): bigint {
  const [, sign, whole = "0", part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim()) ?? [];
  if (sign === undefined || part.length > PLACES) throw new RangeError(`no amount: ${text}`);
  const digits = BigInt(whole + part.padEnd(PLACES, "0"));
  return sign === "-" ? -digits : digits;
}

/** The exact sum, as a decimal string without needless zeros. Error: RangeError for what is no plain decimal. */
export function sumOf(amounts: readonly string[]): string {
  const total = amounts.reduce((sum, amount) => sum + scaled(amount), 0n);
  const digits = (total < 0n ? -total : total).toString().padStart(PLACES + 1, "0");
  const part = digits.slice(-PLACES).replace(/0+$/, "");
  return `${total < 0n ? "-" : ""}${digits.slice(0, -PLACES)}${part ? `.${part}` : ""}`;
}
