/**
 * The dense table. Sorting and columns are remembered under `id`; J K walk the rows, Enter opens,
 * X picks, . shows the row's actions; over 200 rows only those on screen are drawn.
 */
import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ColumnMenu } from "./ColumnMenu";
import { DataRow } from "./DataRow";
import { Icon } from "./Icon";
import type { MenuItem } from "./Menu";
import { useRemembered } from "./remembered";
import { useRowKeys } from "./rowKeys";

export type DataColumn<T> = {
  id: string;
  /** With its unit: "P&L, USDT". */
  head: string;
  cell: (row: T) => ReactNode;
  /** What it is sorted by; without it the column cannot be sorted. */
  sort?: (row: T) => string | number | null | undefined;
  numeric?: boolean;
  /** Shown on a phone too. */
  phone?: boolean;
  /** Not shown until the user asks for it. */
  hidden?: boolean;
};

type Props<T> = {
  id: string;
  /** What the rows are, for screen readers. */
  label: string;
  columns: DataColumn<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  onOpen?: (row: T) => void;
  actions?: (row: T) => MenuItem[];
  picked?: ReadonlySet<string>;
  onPick?: (row: T) => void;
  /** CSS height of the scrolling part; without it the table is as long as its rows. */
  height?: string;
  firstSort?: { id: string; desc: boolean };
  /** Shows the button that chooses columns. */
  chooseColumns?: boolean;
};

const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});
const VIRTUAL_FROM = 200;
const ROW_PX = 32;

export function DataTable<T extends object>(props: Props<T>) {
  const { t } = useTranslation("parts");
  const { columns, rows, rowKey } = props;
  const kept = useRemembered(props.id, {
    sorting: props.firstSort ? [props.firstSort] : [],
    hidden: columns.filter((column) => column.hidden).map((column) => column.id),
  });
  const scroller = useRef<HTMLDivElement>(null);
  const defs = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: (row: T) => column.sort?.(row) ?? undefined,
        enableSorting: column.sort !== undefined,
        sortUndefined: "last" as const,
        sortFn: "basic" as const,
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: defs,
    data: rows,
    getRowId: rowKey,
    state: {
      sorting: kept.value.sorting,
      columnVisibility: Object.fromEntries(kept.value.hidden.map((id) => [id, false])),
    },
    onSortingChange: (change) =>
      kept.set({ sorting: typeof change === "function" ? change(kept.value.sorting) : change }),
  });
  const sorted = table.getRowModel().rows;
  const shown = columns.filter((column) => !kept.value.hidden.includes(column.id));
  const isVirtual = sorted.length > VIRTUAL_FROM && props.height !== undefined;
  const virtual = useVirtualizer({
    count: isVirtual ? sorted.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const keys = useRowKeys(sorted.length, scroller, (index) => virtual.scrollToIndex(index));
  const window = isVirtual ? virtual.getVirtualItems().map((item) => item.index) : null;
  const drawn = window ?? sorted.map((_, index) => index);
  const above = isVirtual ? (virtual.getVirtualItems()[0]?.start ?? 0) : 0;
  const below = isVirtual
    ? virtual.getTotalSize() - (virtual.getVirtualItems().at(-1)?.end ?? 0)
    : 0;
  const span = shown.length + (props.actions ? 1 : 0) + (props.onPick ? 1 : 0);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys act on the rows inside
    <div
      ref={scroller}
      className={`scroll-x ${props.height ? "scroll-y" : ""}`}
      style={props.height ? { maxHeight: props.height } : undefined}
      onKeyDown={keys.onKeyDown}
    >
      <table aria-label={props.label} aria-rowcount={sorted.length + 1}>
        <thead>
          <tr>
            {props.onPick && (
              <th>
                <span className="sr">{t("table.pick")}</span>
              </th>
            )}
            {shown.map((column) => {
              const direction = table.getColumn(column.id)?.getIsSorted();
              return (
                <th
                  key={column.id}
                  scope="col"
                  className={`${column.numeric ? "r" : ""} ${column.phone ? "" : "only-d"}`}
                  aria-sort={
                    direction ? (direction === "asc" ? "ascending" : "descending") : undefined
                  }
                >
                  {column.sort ? (
                    <button
                      type="button"
                      onClick={() => table.getColumn(column.id)?.toggleSorting()}
                    >
                      {column.head}
                      {direction && (
                        <Icon
                          name="down"
                          size="xs"
                          className={direction === "asc" ? "rotate-180" : ""}
                        />
                      )}
                    </button>
                  ) : (
                    column.head
                  )}
                </th>
              );
            })}
            {(props.actions || props.chooseColumns) && (
              <th className="r">
                {props.chooseColumns ? (
                  <ColumnMenu
                    columns={columns}
                    hidden={kept.value.hidden}
                    onChange={(hidden) => kept.set({ hidden })}
                  />
                ) : (
                  <span className="sr">{t("table.actions")}</span>
                )}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Gap height={above} span={span} />}
          {drawn.map((index) => {
            const row = sorted[index];
            if (row === undefined) return null;
            return (
              <DataRow<T>
                key={row.id}
                index={index}
                row={row.original}
                columns={shown}
                isCurrent={index === keys.current}
                isPicked={props.picked?.has(row.id) ?? false}
                onFocus={() => keys.setCurrent(index)}
                onOpen={props.onOpen}
                onPick={props.onPick}
                actions={props.actions}
                endCell={Boolean(props.actions || props.chooseColumns)}
              />
            );
          })}
          {below > 0 && <Gap height={below} span={span} />}
        </tbody>
      </table>
    </div>
  );
}

/** Room of the rows that are not drawn. */
function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr>
      <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
