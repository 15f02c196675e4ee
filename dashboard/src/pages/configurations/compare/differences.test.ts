import { describe, expect, it } from "vitest";
import { setFormatting } from "@/format";
import { madeRow } from "../made";
import { compared, written } from "./differences";

const rows = [
  madeRow(
    { id: "a", trials: 10, parameters: { fast: 1, slow: 2 } },
    { expected_live_sharpe: 0.5, overfitting: 0.3 },
  ),
  madeRow(
    { id: "b", trials: 10, parameters: { fast: 5, slow: 2, stop: 1 } },
    { expected_live_sharpe: 0.502, overfitting: 0.1 },
  ),
  madeRow(
    { id: "c", trials: 99, parameters: { fast: 1, slow: 2 } },
    { expected_live_sharpe: null, overfitting: 0.2 },
  ),
];

describe("comparing", () => {
  setFormatting("en", "utc");
  const lines = new Map(compared(rows).map((line) => [line.key, line]));

  it.each([
    // What reads the same is equally good, and what is missing is never best.
    ["expected", ["0.50", "0.50", "–"], [0, 1], true],
    ["pbo", ["30\u202f%", "10\u202f%", "20\u202f%"], [1], true],
    ["tries", ["10", "10", "99"], [0, 1], true],
    ["sharpe", ["1.00", "1.00", "1.00"], [], false],
    ["fast", ["1", "5", "1"], [], true],
    ["slow", ["2", "2", "2"], [], false],
    ["stop", ["–", "1", "–"], [], true],
    ["sizing", ["fraction of equity 1", "fraction of equity 1", "fraction of equity 1"], [], false],
  ])("%s", (key, texts, best, differs) =>
    expect(lines.get(key)).toMatchObject({ texts, best, differs }),
  );

  it.each([
    [null, "–"],
    [true, "true"],
    [{ a: 1, b: null }, "a 1, b –"],
  ])("writes %o as %s", (value, text) => expect(written(value)).toBe(text));
});
