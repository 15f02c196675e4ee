import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DataColumn } from "./DataTable";
import { Icon } from "./Icon";
import { Menu, type MenuItem } from "./Menu";

type Props<T> = {
  index: number;
  row: T;
  columns: DataColumn<T>[];
  isCurrent: boolean;
  isPicked: boolean;
  onFocus: () => void;
  onOpen?: (row: T) => void;
  onPick?: (row: T) => void;
  actions?: (row: T) => MenuItem[];
  endCell: boolean;
};

export function DataRow<T>(props: Props<T>) {
  const { t } = useTranslation("parts");
  const [isMenuOpen, setMenuOpen] = useState(false);
  const { row, onOpen, onPick } = props;
  const items = props.actions?.(row) ?? [];

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" && onOpen) onOpen(row);
    else if (event.key.toLowerCase() === "x" && onPick) onPick(row);
    else if (event.key === "." && items.length > 0) setMenuOpen(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: React.MouseEvent) => {
    // A click on a link, a button or a field in the row is meant for that.
    if ((event.target as HTMLElement).closest("a,button,input,label,[role=menuitem]")) return;
    onOpen?.(row);
  };
  return (
    <tr
      data-index={props.index}
      aria-rowindex={props.index + 2}
      tabIndex={props.isCurrent ? 0 : -1}
      className={`${props.isPicked ? "sel" : ""} ${onOpen ? "cursor-pointer" : ""}`}
      onFocus={props.onFocus}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      {onPick && (
        <td>
          <input
            type="checkbox"
            className="check"
            tabIndex={-1}
            aria-label={t("table.pick")}
            checked={props.isPicked}
            onChange={() => onPick(row)}
          />
        </td>
      )}
      {props.columns.map((column) => (
        <td
          key={column.id}
          className={`${column.numeric ? "r" : ""} ${column.phone ? "" : "only-d"}`}
        >
          {column.cell(row)}
        </td>
      ))}
      {props.endCell && (
        <td className="r">
          {items.length > 0 && (
            <span className="inline-flex">
              <Menu label={t("table.actions")} items={items} open={isMenuOpen} onOpen={setMenuOpen}>
                <button
                  type="button"
                  className="btn ghost icon"
                  tabIndex={-1}
                  aria-label={t("table.actions")}
                >
                  <Icon name="more" />
                </button>
              </Menu>
            </span>
          )}
        </td>
      )}
    </tr>
  );
}
