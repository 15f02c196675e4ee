import { expect, test } from "vitest";
import { typed, written } from "./value";

test.each([
  [null, ""],
  [3, "3"],
  [true, "true"],
  ["binance", "binance"],
  [{ MATURE: 8 }, '{"MATURE":8}'],
])("%j is written as %s and read back", (value, text) => {
  expect(written(value)).toBe(text);
  expect(typed(text, value)).toEqual(value);
});

test("what is no value goes to the server as it is", () => {
  expect(typed("abc", 3)).toBe("abc");
  expect(typed("12", "name")).toBe("12");
});
