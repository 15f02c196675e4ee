import { describe, expect, it, test } from "vitest";
import { type Draft, draftOf, fixedOf, gridOf, requestOf, sizeOf, triesOf } from "./draft";
import { paramsOf, valuesIn } from "./schema";

const SCHEMA = {
  type: "object",
  properties: {
    fast: {
      type: "integer",
      default: 12,
      minimum: 1,
      maximum: 10_000,
      search: { low: 3, high: 50 },
    },
    width: {
      type: "number",
      default: 2,
      minimum: 0.1,
      maximum: 10,
      search: { low: 1.5, high: 2.5 },
    },
    ratio: { enum: [4, 6, 12], default: 12 },
    both: { enum: [true, false], default: false },
  },
};
const params = paramsOf(SCHEMA);
const chosen = { exchange: "binance", pair: "BTC/USDT", interval: "1h" };
const changed = (name: string, change: object): Draft => {
  const draft = draftOf(params);
  const before = draft.ranges[name];
  if (before !== undefined) draft.ranges[name] = { ...before, ...change };
  return draft;
};

test("a schema gives parameters in the order of declaration", () => {
  expect(params.map(({ name, kind }) => [name, kind])).toEqual([
    ["fast", "whole"],
    ["width", "number"],
    ["ratio", "choice"],
    ["both", "choice"],
  ]);
  expect(params[0]).toMatchObject({ low: 3, high: 50, least: 1, most: 10_000, default: 12 });
  expect(paramsOf(undefined)).toEqual([]);
});

describe("values of a range", () => {
  it.each([
    ["whole", "3", "6", "", [3, 4, 5, 6]],
    ["whole", "3", "10", "3", [3, 6, 9]],
    ["number", "1", "2", "0,5", [1, 1.5, 2]],
    ["number", "2", "2", "", [2]],
    ["whole", "9", "3", "", []],
    ["whole", "many", "6", "", ["many"]],
    ["whole", "3", "", "", [""]],
  ] as const)("%s from %s to %s by %s", (kind, low, high, step, values) => {
    expect(valuesIn(kind, low, high, step)).toEqual(values);
  });

  it("cuts real numbers into twenty steps, and thins what is too long, ends kept", () => {
    expect(valuesIn("number", "0", "1", "")).toHaveLength(21);
    const long = valuesIn("whole", "1", "100000", "");
    expect([long.length, long[0], long.at(-1)]).toEqual([1000, 1, 100_000]);
    expect(long.every(Number.isInteger)).toBe(true);
  });
});

test("what stands as declared is not sent; what is narrowed, fixed or unticked is", () => {
  expect(gridOf(params, draftOf(params))).toEqual({});
  expect(gridOf(params, changed("fast", { low: "3", high: "5" }))).toEqual({ fast: [3, 4, 5] });
  expect(gridOf(params, changed("ratio", { picked: [12, 4] }))).toEqual({ ratio: [4, 12] });
  expect(gridOf(params, changed("fast", { high: "20000" }))).toEqual({ fast: [3, 20_000] });
  const fixed = changed("both", { mode: "fixed", value: "true" });
  expect([gridOf(params, fixed), fixedOf(params, fixed)]).toEqual([{}, { both: true }]);
  expect(fixedOf(params, changed("fast", { mode: "fixed", value: "x" }))).toEqual({ fast: "x" });
});

test("the request holds whole days, numbers as numbers, and nothing that was left empty", () => {
  const body = requestOf("ema_cross", params, draftOf(params), {
    ...chosen,
    from: "2024-01-01",
    to: "2024-01-02",
  });
  expect(body).toMatchObject({
    strategy: "ema_cross",
    symbol: "BTC/USDT",
    trials: 200,
    hold_out_share: 0.25,
    start_ms: Date.UTC(2024, 0, 1),
    end_ms: Date.UTC(2024, 0, 3),
    rules: { initial_cash: 10_000, taker_fee_bps: 10, slippage_bps: 2 },
  });
  for (const name of ["grid", "fixed", "patience", "constraints", "fold_train_days"]) {
    expect(body).not.toHaveProperty(name);
  }
});

test("the size of a space is the product of what each parameter may be", () => {
  const narrow = changed("width", { mode: "fixed", value: "2" });
  expect(sizeOf(params, narrow)).toBe(48 * 3 * 2);
  expect(sizeOf(params, draftOf(params))).toBe(Number.POSITIVE_INFINITY);
  expect(sizeOf(params, changed("width", { low: "1", high: "2", step: "0.5" }))).toBe(48 * 3 * 6);
  const { settings } = draftOf(params);
  expect(triesOf(settings)).toBe(1200);
  expect(triesOf({ ...settings, folds: "" })).toBeNull();
});
