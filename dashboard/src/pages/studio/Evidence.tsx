import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { EvidenceRow } from "@/parts/EvidenceRow";
import { Icon, type IconName } from "@/parts/Icon";
import { type Asked, Panel } from "@/parts/Panel";
import type { Verdict } from "./query";
import { valueText } from "./valueText";

const STATES = { met: "met", note: "note", not: "unmet" } as const;
const LOOK: [keyof typeof STATES, IconName, string][] = [
  ["met", "good", "pos"],
  ["note", "info", "warn"],
  ["not", "bad", "neg"],
];

/** Every rule of the stage with what it asked for and what it saw. */
export function Evidence({ query }: { query: Asked & { data?: Verdict } }) {
  const { t } = useTranslation("studio");
  const rules = query.data?.rules ?? [];
  return (
    <Panel
      title={t("evidence.title")}
      query={query}
      rows={12}
      error={{ what: t("verdict.unread") }}
      empty={rules.length === 0 && { text: t("evidence.empty") }}
      action={
        <span className="sp legend">
          {LOOK.map(([state, icon, tone]) => (
            <span key={state} className={tone}>
              <Icon name={icon} size="s" label={t(`evidence.${state}`)} />
              {rules.filter((rule) => rule.verdict === state).length}
            </span>
          ))}
        </span>
      }
    >
      <div role="list" aria-label={t("evidence.title")}>
        {rules.map((rule) => (
          <div key={rule.rule} role="listitem">
            <EvidenceRow
              state={STATES[rule.verdict as keyof typeof STATES] ?? "note"}
              name={t(`rules.${rule.rule}.title`, { defaultValue: rule.title })}
              plain={t(`rules.${rule.rule}.plain`, { defaultValue: rule.note })}
              value={valueText(rule.value_text, t)}
              threshold={boundText(rule.threshold_text, t)}
            >
              <p lang="en">{rule.note}</p>
              {!rule.required && <p>{t("evidence.notRequired")}</p>}
            </EvidenceRow>
          </div>
        ))}
      </div>
    </Panel>
  );
}

/** `0.95 or more` in the words of the page. */
function boundText(text: string, t: TFunction<"studio">): string {
  for (const [pattern, key] of BOUNDS) {
    const value = pattern.exec(text)?.[1];
    if (value !== undefined) return t(`bounds.${key}`, { value: valueText(value, t) });
  }
  return valueText(text, t);
}

const BOUNDS: [RegExp, string][] = [
  [/^(.*) or more$/, "least"],
  [/^(.*) or less$/, "most"],
  [/^over (.*)$/, "over"],
  [/^under (.*)$/, "under"],
  [/^(.*) are there$/, "there"],
];
