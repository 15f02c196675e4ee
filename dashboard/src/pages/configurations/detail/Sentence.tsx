import { useTranslation } from "react-i18next";
import { StageBadge } from "@/parts/badges";
import type { Verdict } from "../queries";

/** The verdict first: how many rules say yes, and why it stands where it stands. */
export function Sentence({ verdict }: { verdict: Verdict | undefined }) {
  const { t } = useTranslation("configurations");
  if (verdict === undefined) return null;
  const required = verdict.rules.filter((one) => one.required);
  const unmet = required.filter((one) => one.verdict !== "met").length;
  return (
    <section className="panel mt" aria-label={t("rules.sentence")}>
      <div className="grid gap-1 p-3">
        <p className="row flex-wrap">
          <StageBadge stage={verdict.stage} />
          <b>
            {unmet > 0
              ? t("rules.unmet", { count: required.length, unmet })
              : t("rules.allMet", { count: required.length })}
          </b>
          {verdict.synthetic && <span className="chip">{t("rules.synthetic")}</span>}
        </p>
        <p className="t2" lang="en">
          {verdict.sentence}
        </p>
      </div>
    </section>
  );
}
