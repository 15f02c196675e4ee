import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import { at, fieldOf } from "./refusal";

const refused = (code: string, detail: string, more: object = {}) =>
  new ApiError({ status: 422, code, detail, ...more });

test.each([
  ["bad_parameter", "parameter fast cannot be 20000", "parameter.fast"],
  ["empty_space", "parameter slow has no value to search", "parameter.slow"],
  ["empty_grid", "grid parameter 'slow' has no values", "parameter.slow"],
  ["unknown_parameter", "strategy ema_cross has no parameter 'fst'", "parameter.fst"],
  ["bad_train_spec", "training option 'permutations' is wrong", "permutations"],
  ["bad_train_spec", "training option 'start_ms' is wrong", "dates"],
  ["bad_rules", "rule 'leverage' is wrong", "leverage"],
  ["too_little_data", "there is too little data for these folds", "folds"],
  ["empty", "no 1h bars of BTC/USDT in that range", "dates"],
  ["role_needed", "your role does not allow that", null],
])("%s, %s: %s", (code, detail, field) => {
  expect(fieldOf(refused(code, detail))).toBe(field);
});

test("what the server finds wrong with the body stands at its field", () => {
  const error = refused("validation", "trials is wrong", { errors: [{ where: "trials" }] });
  expect(fieldOf(error)).toBe("trials");
  expect(at(error, "trials")).toBe(error);
  expect(at(error, "folds")).toBeNull();
  expect(at(null, "folds")).toBeNull();
});
