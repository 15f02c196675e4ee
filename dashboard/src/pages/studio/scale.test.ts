import { expect, test } from "vitest";
import { extentOf, nearest, scaleOf, ticksOf } from "./scale";

test.each([
  [[0, 10], 5, [0, 2, 4, 6, 8, 10]],
  [[-1.4, 2.1], 4, [-1, 0, 1, 2]],
  [[0.04, 0.31], 3, [0.1, 0.2, 0.3]],
  [[995, 1105], 4, [1000, 1050, 1100]],
  [[3, 3], 4, [3]],
] as [[number, number], number, number[]][])("ticks of %j, about %d", (extent, wanted, ticks) => {
  expect(ticksOf(extent, wanted)).toEqual(ticks);
});

test("an extent leaves room, knows one value and none, and passes by what is no number", () => {
  expect(extentOf([0, 10], 0.1)).toEqual([-1, 11]);
  expect(extentOf([5], 0.1)).toEqual([4.5, 5.5]);
  expect(extentOf([0], 0.1)).toEqual([-0.1, 0.1]);
  expect(extentOf([])).toEqual([0, 1]);
  expect(extentOf([Number.NaN, 1, 2], 0)).toEqual([1, 2]);
});

test("a scale runs the way its range does", () => {
  const down = scaleOf([0, 10], [100, 0]);
  expect([down(0), down(5), down(10)]).toEqual([100, 50, 0]);
  expect(scaleOf([3, 3], [0, 8])(3)).toBe(0);
});

test("the nearest of some values", () => {
  expect(nearest([1, 5, 9], 6)).toBe(1);
  expect(nearest([], 6)).toBe(-1);
});
