import { expect, test } from "vitest";
import type { Verdict } from "./query";
import { reasonsOf } from "./sentence";

const rule = (name: string, verdict: string, required = true, value: number | null = 1) =>
  ({ rule: name, verdict, required, value }) as Verdict["rules"][number];

test("the gravest two rules that are not met make the sentence, each reason once", () => {
  const rules = [
    rule("look_ahead", "not", true, null),
    rule("trades", "not"),
    rule("plateau", "met"),
    rule("deflated_sharpe_raw", "not"),
    rule("deflated_sharpe", "not"),
    rule("overfitting", "note", false),
    rule("folds_positive", "not"),
  ];
  expect(reasonsOf({ rules })).toEqual(["deflated_sharpe", "folds_positive"]);
  expect(reasonsOf({ rules: rules.slice(0, 1) })).toEqual(["look_ahead"]);
  expect(reasonsOf({ rules: [rule("trades", "met")] })).toEqual([]);
});
