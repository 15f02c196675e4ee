/** Every configuration by its stage, and up to four of them side by side. */
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { pageById } from "@/app/pages";
import { Panel } from "@/parts/Panel";
import { useCommands } from "../commands/useCommands";
import { Compare } from "../compare/Compare";
import { filtered, sorted } from "../rows";
import { useRows } from "../useRows";
import { Board } from "./Board";
import { Head } from "./Head";
import { Table } from "./Table";
import { useBoard } from "./useBoard";

export function BoardPage() {
  const { t } = useTranslation("configurations");
  const { rows, list, figures } = useRows();
  const { search, set, picked, pick, clear } = useBoard(t("compare.most"));
  const { items, dialogs } = useCommands();
  const { text, pair, strategy, running, sort } = search;
  const shown = useMemo(
    () => sorted(filtered(rows, { text, pair, strategy, running }), sort),
    [rows, text, pair, strategy, running, sort],
  );
  const chosen = useMemo(
    () => rows.filter((row) => picked.has(row.configuration.id)),
    [rows, picked],
  );
  const isFiltered = shown.length < rows.length;
  const nothing = rows.length === 0;
  const empty =
    shown.length === 0 &&
    (nothing
      ? {
          text: t("empty"),
          action: pageById("studio") && (
            <Link className="btn" to="/studio">
              {t("train")}
            </Link>
          ),
        }
      : {
          text: t("noMatch"),
          action: (
            <button
              type="button"
              className="btn"
              onClick={() =>
                set({ text: undefined, pair: undefined, strategy: undefined, running: false })
              }
            >
              {t("clearFilter")}
            </button>
          ),
        });
  const parts = { rows: shown, picked, onPick: pick, items };
  // A dash says that a figure is not known, which nobody can say before it was read.
  const asked = list.data !== undefined && figures.isPending ? figures : list;
  const isBare = search.view === "board" && asked.data !== undefined && !empty;
  return (
    <>
      <Head rows={rows} shown={shown.length} search={search} set={set} />
      {isBare ? (
        <Board {...parts} />
      ) : (
        <Panel
          title={t(search.view === "board" ? "board" : "title")}
          meta={isFiltered ? t("countShown", { shown: shown.length, count: rows.length }) : null}
          query={asked}
          rows={12}
          error={{ what: t("unread") }}
          empty={empty}
        >
          <Table {...parts} />
        </Panel>
      )}
      {chosen.length > 0 && (
        <div className="mt">
          <Compare rows={chosen} onDrop={pick} onClear={clear} items={items} />
        </div>
      )}
      {dialogs}
    </>
  );
}
