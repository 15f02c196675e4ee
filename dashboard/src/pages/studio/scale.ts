/** Figures to places on a picture: extents, round ticks, straight lines. */
export type Extent = readonly [low: number, high: number];

/** The least and the greatest value with a little room; around a single value, some width. */
export function extentOf(values: readonly number[], room = 0.04): Extent {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  const width = high - low || Math.abs(high) || 1;
  return [low - width * room, high + width * room];
}

/** A function from `from` onto `to`; `to` may run downwards, as a screen does. */
export function scaleOf([low, high]: Extent, [first, last]: Extent): (value: number) => number {
  const width = high - low || 1;
  return (value) => first + ((value - low) / width) * (last - first);
}

/** Round values inside the extent, about so many: steps of 1, 2 or 5 times a power of ten. */
export function ticksOf([low, high]: Extent, wanted = 5): number[] {
  const raw = (high - low) / Math.max(wanted, 1);
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((times) => times * power >= raw) ?? 10) * power;
  const digits = Math.max(0, -Math.floor(Math.log10(step)) + 1);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) =>
    // Without this 3 × 0.1 would be written as 0.30000000000000004.
    Number(((first + k) * step).toFixed(digits)),
  );
}

/** The index of the value nearest to `at`; -1 where there is none. */
export function nearest(values: readonly number[], at: number): number {
  let found = -1;
  for (const [index, value] of values.entries()) {
    if (found < 0 || Math.abs(value - at) < Math.abs((values[found] ?? 0) - at)) found = index;
  }
  return found;
}

/** How far an arrow goes from left to right: one, with Shift ten; 0 for other keys. */
export function stepFrom(event: { key: string; shiftKey: boolean }): number {
  const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
  return direction * (event.shiftKey ? 10 : 1);
}
