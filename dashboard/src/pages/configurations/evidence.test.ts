import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { setFormatting } from "@/format";
import de from "@/words/de/evidence.json";
import en from "@/words/en/evidence.json";
import {
  gravestFirst,
  plainOf,
  statisticText,
  thresholdText,
  titleOf,
  valueText,
} from "./evidence";

const made = i18next.createInstance();
const told = (language: string) => made.getFixedT(language, "evidence");

describe("rules and statistics in words", () => {
  beforeAll(async () => {
    await made.init({
      resources: { en: { evidence: en }, de: { evidence: de } },
      interpolation: { escapeValue: false },
    });
    setFormatting("en", "utc");
  });

  it.each([
    ["deflated_sharpe", 0.3841, 0.95, "0.38", "0.95 or more"],
    ["deflated_sharpe", 0.9991, 0.5, "0.9991", "0.5 or more"],
    ["superiority", 0.0001, 0.05, "under 0.001", "under 0.05"],
    ["overfitting", 0.39, 0.5, "39\u202f%", "50\u202f% or less"],
    ["ambiguous_exits", 0, 0.02, "0.00\u202f%", "2\u202f% or less"],
    ["track_record", 165, 100, "165", "100 are there"],
    ["stress", -0.289, 0, "\u221228.90\u202f%", "over 0\u202f%"],
    ["look_ahead", null, 1, "not checked", ""],
    ["trades", null, 30, "–", "30 or more"],
    ["a_new_rule", 1.5, 1, "1.50", ""],
  ])("%s saw %s, asked %s", (rule, value, threshold, shown, asked) => {
    expect(valueText(told("en"), rule, value)).toBe(shown);
    expect(thresholdText(told("en"), rule, threshold)).toBe(asked);
  });

  it("speaks the language in use, and of what it has no words for as it was told", () => {
    setFormatting("de", "utc");
    expect(thresholdText(told("de"), "deflated_sharpe", 0.95)).toBe("0,95 oder mehr");
    setFormatting("en", "utc");
    expect(titleOf(told("de"), "plateau")).toBe("Hochebene");
    expect(titleOf(told("en"), "a_new_rule")).toBe("a new rule");
    expect(plainOf(told("en"), "a_new_rule", "its note")).toBe("its note");
  });

  it.each([
    ["dsr", 0.384, "?", "0.38"],
    ["drawdown_95", -0.31, "?", "\u221231.00\u202f%"],
    ["min_track_record_days", null, "?", "never"],
    ["sharpe_interval", [1, 2], "1.00 to 2.00", "1.00 to 2.00"],
    ["spa", null, "–", "–"],
  ])("writes %s", (name, value, text, shown) =>
    expect(statisticText(told("en"), name, value, text)).toBe(shown),
  );

  it("shows first what is not met, then what decides nothing", () => {
    const rules = [
      { rule: "met", passed: true, required: true },
      { rule: "note", passed: false, required: false },
      { rule: "not", passed: false, required: true },
    ];
    expect(gravestFirst(rules).map(({ rule }) => rule)).toEqual(["not", "note", "met"]);
  });
});
