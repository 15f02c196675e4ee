import { expect, test } from "vitest";
import { ofSurface } from "./surface";

const SURFACE = {
  parameters: ["fast", "slow"],
  points: [
    [12, 48, -0.5],
    [5, 90, null],
    [7, 60],
  ],
};

test("a study keeps the tries that have a score", () => {
  expect(ofSurface({ surface: SURFACE, spec: { objectives: ["sharpe"] } })).toEqual([
    { number: 0, parameters: { fast: 12, slow: 48 }, metrics: { sharpe: -0.5 } },
  ]);
});

test("another score is not taken for a Sharpe ratio, and nothing for something", () => {
  expect(ofSurface({ surface: SURFACE, spec: { objectives: ["calmar"] } })).toEqual([]);
  expect(ofSurface({})).toEqual([]);
});
