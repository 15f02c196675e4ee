import { expect, test } from "vitest";
import { digits } from "./valueText";

test.each([
  ["1,073.25", "1.073,25"],
  ["\u22120.19", "\u22120,19"],
  ["0.05 or more", "0,05 or more"],
  ["84", "84"],
])("%s is %s in German, and stays in English", (text, german) => {
  expect(digits(text, "de")).toBe(german);
  expect(digits(text, "en-GB")).toBe(text);
});
