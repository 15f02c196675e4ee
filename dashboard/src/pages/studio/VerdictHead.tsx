import { useTranslation } from "react-i18next";
import { count, ratio } from "@/format";
import { StageGlyph } from "@/parts/badges";
import { type Asked, Panel } from "@/parts/Panel";
import type { Verdict } from "./query";
import { sentenceOf } from "./sentence";

type Props = { query: Asked & { data?: Verdict } };

/** The verdict in a sentence; beside it no figure without the number of tries. */
export function VerdictHead({ query }: Props) {
  const { t } = useTranslation("studio");
  const told = query.data;
  if (told === undefined) {
    return (
      <Panel
        title={t("steps.verdict")}
        query={query}
        family="job"
        error={{ what: t("verdict.unread") }}
      >
        {null}
      </Panel>
    );
  }
  const required = told.rules.filter((rule) => rule.required);
  const unmet = required.filter((rule) => rule.verdict === "not");
  return (
    <section className="panel verdict">
      <div className="big">
        <span className={`stage st-${told.stage.toLowerCase()}`}>
          <StageGlyph stage={told.stage} />
        </span>
        <div>
          <h2>
            {t(`verdict.heads.${told.stage}`, { unmet: unmet.length, rules: required.length })}
          </h2>
          <p>{sentenceOf(told, t)}</p>
          {told.synthetic && <p className="warn">{t("verdict.synthetic")}</p>}
        </div>
      </div>
      <dl className="nums">
        <div className="mut flex flex-col-reverse">
          <dt>{t("verdict.sharpe")}</dt>
          <dd>{ratio(told.sharpe)}</dd>
        </div>
        <div className="flex flex-col-reverse">
          <dt>{t("verdict.live")}</dt>
          <dd>{ratio(told.expected_live_sharpe)}</dd>
        </div>
        <div className="flex flex-col-reverse">
          <dt>
            {told.distinct === null
              ? t("verdict.tries")
              : t("verdict.distinct", { n: count(Math.round(told.distinct)) })}
          </dt>
          <dd>{count(told.tries)}</dd>
        </div>
        <div className="flex flex-col-reverse">
          <dt>{t("verdict.holdOut")}</dt>
          <dd>{t(`verdict.holdOuts.${told.hold_out}`, { defaultValue: told.hold_out })}</dd>
        </div>
      </dl>
    </section>
  );
}
