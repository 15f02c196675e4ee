import { useTranslation } from "react-i18next";
import { Panel } from "@/parts/Panel";
import { type Range, rangeOf } from "./draft";
import { ParameterRow } from "./ParameterRow";
import { at } from "./refusal";
import type { SearchProps } from "./SearchStep";

/** A row a parameter of the strategy's schema: what may be tried of it, or the one value it has. */
export function ParameterForm({ params, draft, onDraft, start }: SearchProps) {
  const { t } = useTranslation("studio");
  const change = (name: string, range: Range) =>
    onDraft({ ...draft, ranges: { ...draft.ranges, [name]: range } });
  return (
    <Panel
      title={t("parameters")}
      meta={params.length}
      empty={params.length === 0 && { text: t("form.none") }}
    >
      <div className="ranges">
        {params.map((param) => (
          <ParameterRow
            key={param.name}
            param={param}
            range={draft.ranges[param.name] ?? rangeOf(param)}
            onChange={(range) => change(param.name, range)}
            error={at(start.error, `parameter.${param.name}`)}
          />
        ))}
      </div>
    </Panel>
  );
}
