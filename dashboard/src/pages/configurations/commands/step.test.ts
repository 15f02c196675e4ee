import { expect, it } from "vitest";
import type { Shapes } from "@/api/client";
import { deedsFor } from "./deeds";
import { stepOf } from "./step";

const rule = (name: string, passed: boolean, value: number | null = 1, required = true) => ({
  rule: name,
  threshold: 1,
  value,
  passed,
  note: "",
  required,
});
const promotion = (evidence: Shapes["EvidenceShape"][]): Shapes["PromotionShape"] => ({
  configuration_id: "c",
  stage_from: "VALIDATION",
  stage_to: "MATURE",
  earned: evidence.every((one) => one.passed || !one.required),
  promoted: false,
  evidence,
});

it.each([
  ["earned", [rule("trades", true), rule("plateau", false, 1, false)], 0],
  ["sealed", [rule("trades", true), rule("hold_out_psr", false, null)], 1],
  ["refused", [rule("trades", true), rule("hold_out_psr", false, 0.4)], 1],
  ["refused", [rule("trades", false), rule("hold_out_psr", false, null)], 2],
] as const)("a step is %s", (kind, evidence, failed) =>
  expect(stepOf(promotion([...evidence]))).toMatchObject({ kind, failed }),
);

it.each([
  ["RUNNING", null, "paper", ["pause", "drain", "flatten"]],
  ["RUNNING", "paused", "testnet", ["resume", "drain", "flatten", "rollback"]],
  ["DRAINING", null, "live", ["flatten"]],
  ["STOPPED", null, "live", []],
] as const)("%s, %s, %s leaves %o", (state, blocked, mode, deeds) =>
  expect(deedsFor({ state, blocked, mode })).toEqual(deeds),
);
