import { expect, test } from "vitest";
import type { Trial } from "./query";
import { axesOf, pointsOf } from "./trialPoints";

const trial = (number: number, fast: number, sharpe: number | null, trades: number) =>
  ({
    number,
    parameters: { fast, slow: 40, both: false },
    metrics: { sharpe, trade_count: trades, total_return: 0.1, max_drawdown: -0.2 },
  }) as unknown as Trial;
const TRIALS = [trial(0, 12, 0.5, 30), trial(1, 5, null, 0), trial(2, 7, -0.4, 10)];

test("tries are set against results, their order, and parameters that moved", () => {
  expect(axesOf(TRIALS)).toEqual(["trade_count", "max_drawdown", "total_return", "number", "fast"]);
  expect(axesOf([])).toEqual([]);
});

test("points run from left to right, without what has no Sharpe ratio", () => {
  const points = pointsOf(TRIALS, "trade_count", { fast: 12, slow: 40, both: false });
  expect(points.map(({ number, x, y }) => [number, x, y])).toEqual([
    [2, 10, -0.4],
    [0, 30, 0.5],
  ]);
  expect(points.map(({ isChosen }) => isChosen)).toEqual([false, true]);
  expect(points[0]?.set).toBe("fast 7, slow 40, both false");
  expect(pointsOf(TRIALS, "fast").map(({ x }) => x)).toEqual([7, 12]);
});
