import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Stage, StageBadge } from "@/parts/badges";
import { Icon } from "@/parts/Icon";
import { LineKey } from "@/parts/LineKey";
import { Menu, type MenuItem } from "@/parts/Menu";
import { nameOf, type Row, shortId } from "../rows";
import type { Line, Section } from "./differences";

type Props = {
  rows: Row[];
  lines: Line[];
  onDrop: (id: string) => void;
  items: (row: Row) => MenuItem[];
};

/** The best of a line has a dot and is bold; a line whose values differ has the sign for that. */
export function CompareTable({ rows, lines, onDrop, items }: Props) {
  const { t } = useTranslation("configurations");
  const sections = [...new Set(lines.map((line) => line.section))];
  return (
    <div className="scroll-x" role="group" aria-label={t("compare.scrolls")} tabIndex={0}>
      <table aria-label={t("compare.title")}>
        <thead>
          <tr>
            <th scope="col">
              <span className="sr">{t("compare.figure")}</span>
            </th>
            {rows.map((row, index) => (
              <th key={row.configuration.id} scope="col" className="r">
                <Column row={row} index={index} onDrop={onDrop} items={items(row)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("table.stage")}</th>
            {rows.map(({ configuration: c }) => (
              <td key={c.id} className="r">
                <StageBadge stage={c.lifecycle_stage as Stage} />
              </td>
            ))}
          </tr>
          {sections.map((section) => (
            <Lines
              key={section}
              section={section}
              lines={lines.filter((line) => line.section === section)}
              columns={rows.length}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Lines(props: { section: Section; lines: Line[]; columns: number }) {
  const { t } = useTranslation("configurations");
  const isNamed = props.section === "parameters";
  return (
    <>
      <tr className="sec">
        <th scope="colgroup" colSpan={props.columns + 1}>
          {t(`compare.sections.${props.section}`)}
        </th>
      </tr>
      {props.lines.map((line) => (
        <tr key={line.key} className={line.differs ? "" : "same"}>
          <th scope="row">
            <span className="row">
              {isNamed ? (
                <span className="mono">{line.key}</span>
              ) : (
                t(`compare.figures.${line.key}`, { defaultValue: line.key.replaceAll("_", " ") })
              )}
              {line.differs && line.best.length === 0 && (
                <Icon name="differs" size="xs" className="warn" label={t("compare.differs")} />
              )}
            </span>
          </th>
          {line.texts.map((text, index) => (
            <td key={index} className={`r ${line.best.includes(index) ? "bst" : ""}`}>
              {text}
              {line.best.includes(index) && <span className="sr"> {t("compare.best")}</span>}
            </td>
          ))}
        </tr>
      ))}
    </>
  );
}

function Column(props: {
  row: Row;
  index: number;
  onDrop: (id: string) => void;
  items: MenuItem[];
}) {
  const { t } = useTranslation("configurations");
  const { configuration: c } = props.row;
  const name = nameOf(c);
  const items: MenuItem[] = [
    ...props.items,
    ...(props.items.length > 0 ? (["line"] as const) : []),
    { label: t("compare.drop"), icon: "close", run: () => props.onDrop(c.id) },
  ];
  return (
    <span className="row justify-end" style={{ gap: 7 }}>
      <LineKey index={props.index} />
      <Link to={`/configurations/${c.id}`} className="lnk plain" title={name}>
        {c.strategy_name} <span className="t3 mono xs">{shortId(c.id)}</span>
        <span className="t3 block xs r">
          {c.pair} {c.interval}
        </span>
      </Link>
      <Menu label={t("card.actions", { name })} items={items}>
        <button type="button" className="btn ghost icon" aria-label={t("card.actions", { name })}>
          <Icon name="more" />
        </button>
      </Menu>
    </span>
  );
}
