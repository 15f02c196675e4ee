/**
 * Around every chart: a sentence as its name, and the same rows as a table. `V` on the chart, or
 * the button, changes between the two.
 */
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

export type ChartTable = { columns: { head: string; numeric?: boolean }[]; rows: ReactNode[][] };

type Props = {
  /** The whole chart in a sentence: what, over which time, from where to where. */
  sentence: string;
  table: () => ChartTable;
  height: number;
  /** Held from outside where the button stands in a panel's head. */
  asTable?: boolean;
  onAsTable?: (asTable: boolean) => void;
  onKey?: (event: KeyboardEvent) => boolean;
  /** Whose chart it is, where the library asks for that. */
  by?: ReactNode;
  children: ReactNode;
};

export function ChartFrame(props: Props) {
  const { t } = useTranslation("parts");
  const [own, setOwn] = useState(false);
  const asTable = props.asTable ?? own;
  const change = props.onAsTable ?? setOwn;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "v") change(!asTable);
    else if (!props.onKey?.(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="chart" onKeyDown={onKeyDown} role="group" aria-label={props.sentence}>
      {asTable ? (
        <Rows {...props.table()} label={props.sentence} height={props.height} />
      ) : (
        <div tabIndex={0} role="img" aria-label={props.sentence}>
          {props.children}
        </div>
      )}
      {!asTable && props.by}
      {props.onAsTable === undefined && (
        <button type="button" className="lnk xs" onClick={() => change(!asTable)}>
          {asTable ? t("chart.asChart") : t("chart.asTable")}
        </button>
      )}
    </div>
  );
}

function Rows({ columns, rows, label, height }: ChartTable & { label: string; height: number }) {
  return (
    <div
      className="scroll-x scroll-y"
      style={{ maxHeight: height }}
      tabIndex={0}
      role="group"
      aria-label={label}
    >
      <table>
        <thead>
          <tr>
            {columns.map(({ head, numeric }) => (
              <th key={head} scope="col" className={numeric ? "r" : ""}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td key={at} className={columns[at]?.numeric ? "r" : ""}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
