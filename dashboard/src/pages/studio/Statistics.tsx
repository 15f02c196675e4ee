import { useTranslation } from "react-i18next";
import { type Asked, Panel } from "@/parts/Panel";
import type { Verdict } from "./query";
import { valueText } from "./valueText";

type Statistic = Verdict["statistics"][number];

/** The groups of the server by a word for each: its questions are in one language. */
const GROUPS: Record<string, string> = {
  "Is there an edge?": "edge",
  "Or is it luck?": "luck",
  "Did it hold on later data?": "later",
  "What to expect": "expect",
  "How it was measured": "measured",
};

/** Every statistic with what it means to somebody who trades. */
export function Statistics({ query }: { query: Asked & { data?: Verdict } }) {
  const { t } = useTranslation("studio");
  const found = query.data?.statistics ?? [];
  const groups = [...new Set(found.map((one) => one.group))];
  return (
    <Panel
      title={t("statistics.title")}
      meta={found.length || null}
      query={query}
      error={{ what: t("verdict.unread") }}
      empty={found.length === 0 && { text: t("statistics.empty") }}
    >
      <div className="columns-1 desk:columns-2 full:columns-3 gap-0">
        {groups.map((group) => (
          <section key={group} className="break-inside-avoid-column pb-3">
            <h3 className="md t2 px-3 py-1.5">
              {t(`groups.${GROUPS[group]}`, { defaultValue: group })}
            </h3>
            <dl className="facts">
              {found
                .filter((one) => one.group === group)
                .map((one) => (
                  <Fact key={one.name} of={one} />
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Panel>
  );
}

function Fact({ of }: { of: Statistic }) {
  const { t } = useTranslation("studio");
  return (
    <div className="break-inside-avoid">
      <dt>{t(`statistics.${of.name}.title`, { defaultValue: of.title })}</dt>
      <dd>{valueText(of.text, t)}</dd>
      <dd className="font-normal! text-left! col-span-full t3 xs leading-normal">
        {t(`statistics.${of.name}.meaning`, { defaultValue: of.meaning })}
      </dd>
    </div>
  );
}
