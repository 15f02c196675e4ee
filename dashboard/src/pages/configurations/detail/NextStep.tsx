import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Icon } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { thresholdText, titleOf, valueText } from "../evidence";
import type { Verdict } from "../queries";
import { nextStage, type Row } from "../rows";

/** The list of rules has them all. */
const MOST = 5;

type Props = { row: Row | undefined; verdict: Verdict | undefined; onPromote: () => void };

/** What is missing to the next stage, in figures; and asking for the step. */
export function NextStep({ row, verdict, onPromote }: Props) {
  const { t } = useTranslation("configurations");
  const { t: told } = useTranslation("evidence");
  const mayAct = useMay("operator");
  const stage = row?.configuration.lifecycle_stage;
  const to = stage ? nextStage(stage) : null;
  if (stage === undefined) return null;
  const missing = (verdict?.rules ?? []).filter((one) => one.required && one.verdict === "not");
  return (
    <Panel title={to === null ? t("step.none") : t("step.title", { stage: to })}>
      <div className="body grid gap-3">
        {to === null ? (
          <p className="t2">{t(stage === "MATURE" ? "step.top" : "step.back")}</p>
        ) : (
          <>
            {to === "MATURE" && <p className="t2">{t("step.mature")}</p>}
            {missing.length > 0 && (
              <ul className="warns">
                {missing.slice(0, MOST).map((one) => {
                  const asked = thresholdText(told, one.rule, one.threshold);
                  return (
                    <li key={one.rule}>
                      <Icon name="bad" size="s" className="neg" />
                      <span>
                        {t(asked === "" ? "step.lacksBare" : "step.lacks", {
                          rule: titleOf(told, one.rule),
                          found: valueText(told, one.rule, one.value),
                          asked,
                        })}
                      </span>
                    </li>
                  );
                })}
              </ul>
            )}
            {missing.length > MOST && (
              <p className="t3 xs">{t("more", { count: missing.length - MOST })}</p>
            )}
            {missing.length === 0 && to === "VALIDATION" && (
              <p className="t2">{t(verdict?.studied ? "step.ready" : "step.untrained")}</p>
            )}
            {mayAct && (
              <div className="row">
                <button type="button" className="btn" onClick={onPromote}>
                  {t("do.promote", { stage: to })}
                </button>
              </div>
            )}
          </>
        )}
      </div>
    </Panel>
  );
}
