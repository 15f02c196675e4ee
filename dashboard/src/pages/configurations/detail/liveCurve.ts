/** What it did live as a curve, and behind it the range that nine of ten resampled backtests keep. */
import type { Shapes } from "@/api/client";
import type { EquityPoint, Expected } from "@/parts/charts/EquityPair";

const DAY_MS = 86_400_000;

/** The range is counted in days it ran; those to come follow the last one day by day. */
export function liveCurve(
  live: Shapes["LiveDay"][],
  expected: Shapes["ExpectedDay"][],
  start: number,
): { points: EquityPoint[]; expected: Expected[] } {
  const last = live.at(-1);
  const timeOf = (day: number): number | null => {
    if (last === undefined) return null;
    return live[day - 1]?.time ?? last.time + (day - last.day) * DAY_MS;
  };
  return {
    points: live.map((day) => ({
      time: day.time,
      equity: day.growth * start,
      drawdown: day.drawdown,
    })),
    expected: expected.flatMap((one) => {
      const time = timeOf(one.day);
      // Beyond the last day the chart has no place for it.
      if (time === null || last === undefined || time > last.time) return [];
      return [{ time, low: one.low * start, high: one.high * start }];
    }),
  };
}
