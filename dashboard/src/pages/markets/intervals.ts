/** Bar lengths as they are written, such as 15m, and the keys 1 to 6 that choose the common ones. */
const UNITS: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
export const COMMON = ["1m", "5m", "15m", "1h", "4h", "1d"] as const;

export function intervalMs(interval: string): number {
  const [, count = "1", unit = "m"] = /^(\d+)([smhdw])$/.exec(interval) ?? [];
  return Number(count) * (UNITS[unit] ?? 60_000);
}

/** What can be shown of what is kept: the kept ones, and the common ones that these can be made to. */
export function offered(kept: string[]): string[] {
  const finest = Math.min(...kept.map(intervalMs));
  const made = COMMON.filter((one) => intervalMs(one) >= finest && intervalMs(one) % finest === 0);
  return [...new Set([...kept, ...made])].sort((a, b) => intervalMs(a) - intervalMs(b));
}
