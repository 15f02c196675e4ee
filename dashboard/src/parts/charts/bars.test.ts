import { expect, it } from "vitest";
import { type Bars, barAt, grownBy, indexAt, shiftOf } from "./bars";

const make = (times: number[]): Bars => {
  const column = Float64Array.from(times, (time) => time * 2);
  return { time: times, open: column, high: column, low: column, close: column, volume: column };
};

it("finds the bar a moment belongs to", () => {
  const times = [10, 20, 30];
  const cases = [
    [9, -1],
    [10, 0],
    [19, 0],
    [20, 1],
    [99, 2],
  ] as const;
  for (const [time, index] of cases) expect(indexAt(times, time), String(time)).toBe(index);
  expect(indexAt([], 5)).toBe(-1);
});

it("reads one bar of the columns", () => {
  expect(barAt(make([10, 20]), 1)).toMatchObject({ time: 20, close: 40 });
  expect(barAt(make([10]), 1)).toBeNull();
});

it("knows a series that goes on from another one", () => {
  const before = make([10, 20, 30]);
  expect(grownBy(null, before)).toBe(-1);
  expect(grownBy(before, make([10, 20, 30]))).toBe(1); // the last one may have changed
  expect(grownBy(before, make([10, 20, 30, 40, 50]))).toBe(3);
  expect(grownBy(before, make([5, 10, 20, 30, 40]))).toBe(-1);
  expect(grownBy(before, make([10, 20]))).toBe(-1);
});

it("knows another window on the same series, and how far it lies", () => {
  const before = make([30, 40, 50]);
  const cases = [
    [[10, 20, 30, 40], 2],
    [[40, 50, 60], -1],
    [[30, 40, 50, 60], 0],
    [[60, 70], null],
    [[30, 50, 70], null],
    [[20, 30, 50], null],
  ] as const;
  for (const [next, shift] of cases)
    expect(shiftOf(before, make([...next])), `${next}`).toBe(shift);
  expect(shiftOf(null, before)).toBeNull();
});
