import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MenuItem } from "@/parts/Menu";
import { Panel } from "@/parts/Panel";
import type { Row } from "../rows";
import { CompareChart } from "./CompareChart";
import { CompareTable } from "./CompareTable";
import { compared } from "./differences";

type Props = {
  rows: Row[];
  onDrop: (id: string) => void;
  onClear: () => void;
  items: (row: Row) => MenuItem[];
};

/** Two to four side by side: their figures with the best dotted, what differs, and their growth. */
export function Compare({ rows, onDrop, onClear, items }: Props) {
  const { t } = useTranslation("configurations");
  const [onlyDifferent, setOnly] = useState(false);
  const lines = compared(rows).filter((line) => line.differs || !onlyDifferent);
  return (
    <Panel
      title={t("compare.title")}
      meta={t("compare.chosen", { count: rows.length })}
      empty={rows.length < 2 && { text: t("compare.another") }}
      action={
        <span className="sp row">
          {rows.length > 1 && (
            <label className="row t2">
              <input
                type="checkbox"
                className="check"
                checked={onlyDifferent}
                onChange={({ target }) => setOnly(target.checked)}
              />
              {t("compare.only")}
            </label>
          )}
          <button type="button" className="btn ghost" onClick={onClear}>
            {t("compare.clear")}
          </button>
        </span>
      }
    >
      <div className="cmp">
        <CompareTable rows={rows} lines={lines} onDrop={onDrop} items={items} />
        <CompareChart rows={rows} />
      </div>
    </Panel>
  );
}
