import { useTranslation } from "react-i18next";
import { type Asked, Panel } from "@/parts/Panel";
import { groupTitle, statisticText } from "../evidence";
import type { Verdict } from "../queries";

/** Every statistic of the study, each with what it means to a trader. */
export function Statistics({ query, verdict }: { query: Asked; verdict: Verdict | undefined }) {
  const { t } = useTranslation("configurations");
  const { t: told } = useTranslation("evidence");
  const all = verdict?.statistics ?? [];
  const groups = [...new Set(all.map((one) => one.group))];
  return (
    <Panel
      title={t("statistics.title")}
      meta={t("statistics.meta", { count: all.length })}
      query={query}
      error={{ what: t("statistics.unread") }}
      empty={all.length === 0 && { text: t("statistics.empty") }}
    >
      {groups.map((group, index) => (
        <details key={group} className="ev" open={index === 0}>
          <summary>
            <span className="what" style={{ gridColumn: "1 / 3" }}>
              {groupTitle(told, group)}
            </span>
            <span className="asked">
              {t("statistics.meta", { count: all.filter((one) => one.group === group).length })}
            </span>
          </summary>
          <dl className="kv stats body">
            {all
              .filter((one) => one.group === group)
              .map((one) => (
                <div key={one.name} className="contents">
                  <dt>
                    {told(`statistics.${one.name}.title`, { defaultValue: one.title })}
                    <small>
                      {told(`statistics.${one.name}.meaning`, { defaultValue: one.meaning })}
                    </small>
                  </dt>
                  <dd>{statisticText(told, one.name, one.value, one.text)}</dd>
                </div>
              ))}
          </dl>
        </details>
      ))}
    </Panel>
  );
}
