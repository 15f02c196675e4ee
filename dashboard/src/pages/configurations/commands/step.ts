/** What a decision that was only asked about comes to. */
import type { Shapes } from "@/api/client";

/** Judged last and once: an opened hold-out proves nothing a second time. */
const HOLD_OUT = new Set(["hold_out_sharpe", "hold_out_psr", "dsr_with_hold_out"]);

export type Step = {
  /** `sealed`: all else says yes, and only the look at the hold-out is left. */
  kind: "earned" | "sealed" | "refused";
  required: number;
  failed: number;
};

export function stepOf({ earned, evidence }: Shapes["PromotionShape"]): Step {
  const required = evidence.filter((one) => one.required);
  const failed = required.filter((one) => !one.passed);
  const onlySealed = failed.every((one) => HOLD_OUT.has(one.rule) && one.value === null);
  const kind = earned ? "earned" : onlySealed ? "sealed" : "refused";
  return { kind, required: required.length, failed: failed.length };
}
