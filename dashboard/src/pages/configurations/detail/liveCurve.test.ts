import { expect, it } from "vitest";
import { liveCurve } from "./liveCurve";

const DAY = 86_400_000;

it("draws the expected range on the days it ran, and not beyond", () => {
  const live = [1, 2, 3].map((day) => ({
    day,
    time: day * DAY,
    growth: 1 + day / 100,
    drawdown: 0,
  }));
  const expected = [1, 3, 4].map((day) => ({
    day,
    fall_95: 0,
    fall_99: 0,
    low: 0.9,
    middle: 1,
    high: 1.1,
  }));
  const made = liveCurve(live, expected, 100);
  expect(made.points.map((point) => point.equity)).toEqual([101, 102, 103]);
  expect(made.expected.map((one) => one.time)).toEqual([DAY, 3 * DAY]);
  expect(made.expected[0]).toMatchObject({ low: 90, high: expect.closeTo(110) });
  expect(liveCurve([], expected, 100)).toEqual({ points: [], expected: [] });
});
