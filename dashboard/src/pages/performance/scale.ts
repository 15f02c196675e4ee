/** Round values between `low` and `high`, about `most` of them: where a chart draws its grid. */
export function ticksOf(low: number, high: number, most = 4): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / most;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 5, 10].find((factor) => factor * size >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    // 3 * 0.1 is 0.30000000000000004: written, that is not a round value.
    return Number(((first + index) * step).toPrecision(12));
  });
}
