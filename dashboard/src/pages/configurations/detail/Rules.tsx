import { useTranslation } from "react-i18next";
import { EvidenceRow } from "@/parts/EvidenceRow";
import { type Asked, Panel } from "@/parts/Panel";
import {
  gravestFirst,
  type Judged,
  plainOf,
  stateOf,
  thresholdText,
  titleOf,
  valueText,
} from "../evidence";
import type { Verdict } from "../queries";

type Rule = Judged & { value: number | null; threshold: number | null; note: string };

/** The verdict rule by rule, with what was asked and what was seen. */
export function Rules({ query, verdict }: { query: Asked; verdict: Verdict | undefined }) {
  const { t } = useTranslation("configurations");
  const rules: Rule[] = (verdict?.rules ?? []).map((one) => ({
    ...one,
    passed: one.verdict === "met",
  }));
  const required = rules.filter((one) => one.required);
  const unmet = required.filter((one) => !one.passed).length;
  return (
    <Panel
      title={t("rules.title")}
      meta={t("rules.meta", { met: required.length - unmet, count: required.length })}
      query={query}
      rows={8}
      error={{ what: t("rules.unread") }}
    >
      <RuleList rules={rules} />
    </Panel>
  );
}

/** What is not met first. Each row opens to what the server noted of it. */
export function RuleList({ rules }: { rules: Rule[] }) {
  const { t: told } = useTranslation("evidence");
  return (
    <>
      {gravestFirst(rules).map((one) => {
        const plain = plainOf(told, one.rule, one.note);
        return (
          <EvidenceRow
            key={one.rule}
            state={stateOf(one)}
            name={titleOf(told, one.rule)}
            plain={plain}
            value={valueText(told, one.rule, one.value)}
            threshold={thresholdText(told, one.rule, one.threshold)}
          >
            {one.note === "" || one.note === plain ? undefined : <span lang="en">{one.note}</span>}
          </EvidenceRow>
        );
      })}
    </>
  );
}
