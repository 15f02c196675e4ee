/** The verdict in one plain sentence or two: what was found, and the gravest reasons against it. */
import type { TFunction } from "i18next";
import { count, ratio } from "@/format";
import type { Verdict } from "./query";

// In the order of their weight: the first ones that are not met make the sentence.
const WEIGHT = [
  "look_ahead",
  "deflated_sharpe",
  "deflated_sharpe_raw",
  "walk_forward",
  "folds_positive",
  "superiority",
  "permutation",
  "stress",
  "overfitting",
  "plateau",
  "walk_forward_efficiency",
  "trades",
  "track_record",
  "ambiguous_exits",
];
const NAMED = 2;

export function sentenceOf(told: Verdict, t: TFunction<"studio">): string {
  const figures = {
    sharpe: ratio(told.sharpe),
    live: ratio(told.expected_live_sharpe),
    luck: ratio(told.luck_sharpe),
    tries: count(told.tries),
  };
  if (told.stage !== "DISCOVERY") return t(`verdict.says.${told.stage}`, figures);
  if (!told.studied) return t("verdict.says.unstudied", figures);
  // Above what luck alone shows, and yet not by enough.
  const isClose = (told.sharpe ?? 0) > (told.luck_sharpe ?? Number.POSITIVE_INFINITY);
  const word = (rule: string) =>
    rule === "deflated_sharpe" && isClose ? "deflated_sharpe_close" : rule;
  const reasons = reasonsOf(told).map((rule) =>
    t(`why.${word(rule)}`, { ...figures, ...foldsOf(told) }),
  );
  if (reasons.length === 0) return t("verdict.says.unpromoted");
  const opening = told.sharpe === null ? "openNone" : told.sharpe > 1 ? "openGood" : "openPlain";
  const why = reasons.join(t("verdict.says.and"));
  return `${t(`verdict.says.${opening}`, figures)} ${why}. ${t("verdict.says.advice")}`;
}

/** The gravest of the rules that are not met; both forms of one are told as one. What was not
 * measured says nothing, unless nothing else does. */
export function reasonsOf(told: Pick<Verdict, "rules">): string[] {
  const unmet = told.rules.filter(
    (rule) => rule.required && rule.verdict === "not" && WEIGHT.includes(rule.rule),
  );
  const measured = unmet.filter((rule) => rule.value !== null);
  const reasons = (measured.length > 0 ? measured : unmet)
    .map((rule) => (rule.rule === "deflated_sharpe_raw" ? "deflated_sharpe" : rule.rule))
    .toSorted((a, b) => WEIGHT.indexOf(a) - WEIGHT.indexOf(b));
  return [...new Set(reasons)].slice(0, NAMED);
}

function foldsOf({ folds }: Verdict): { lost: string; folds: string } {
  const lost = folds.filter((fold) => Number(fold.test_return ?? 0) <= 0).length;
  return { lost: count(lost), folds: count(folds.length) };
}
