import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/app/PageHead";
import { pageById } from "@/app/pages";
import { Icon } from "@/parts/Icon";
import { Segments } from "@/parts/Segments";
import { type Row, SORTS, type Sort } from "../rows";
import type { Search } from "./useBoard";

type Props = {
  rows: Row[];
  shown: number;
  search: Search;
  set: (change: Partial<Search>) => void;
};

/** The title with how many there are, and what narrows and orders them. */
export function Head({ rows, shown, search, set }: Props) {
  const { t } = useTranslation("configurations");
  const values = (of: (row: Row) => string) => [...new Set(rows.map(of))].sort();
  const pairs = values((row) => row.configuration.pair);
  const strategies = values((row) => row.configuration.strategy_name);
  return (
    <PageHead title={t("title")}>
      <span className="t3 only-d">
        {shown === rows.length
          ? t("count", { count: rows.length, strategies: strategies.length })
          : t("countShown", { shown, count: rows.length })}
      </span>
      <span className="row filters">
        <input
          className="inp s"
          type="search"
          data-filter
          placeholder={t("filterShort")}
          aria-label={t("filter")}
          value={search.text ?? ""}
          onChange={({ target }) => set({ text: target.value || undefined })}
        />
        <Choice
          label={t("everyPair")}
          value={search.pair}
          values={pairs}
          onChange={(pair) => set({ pair })}
        />
        <Choice
          label={t("everyStrategy")}
          value={search.strategy}
          values={strategies}
          onChange={(strategy) => set({ strategy })}
        />
        <label className="row t2 nw">
          <input
            type="checkbox"
            className="check"
            checked={search.running}
            onChange={({ target }) => set({ running: target.checked })}
          />
          {t("onlyRunning")}
        </label>
        {search.view === "board" && (
          <select
            className="inp s"
            aria-label={t("sort")}
            value={search.sort}
            onChange={({ target }) => set({ sort: target.value as Sort })}
          >
            {SORTS.map((sort) => (
              <option key={sort} value={sort}>
                {t(`sorts.${sort}`)}
              </option>
            ))}
          </select>
        )}
      </span>
      <Segments
        className="sp"
        label={t("view")}
        value={search.view}
        onChange={(view) => set({ view })}
        options={(["board", "table"] as const).map((value) => ({
          value,
          label: t(`views.${value}`),
        }))}
      />
      {pageById("studio") && (
        <Link className="btn primary only-d" to="/studio">
          <Icon name="plus" size="s" />
          {t("trainShort")}
        </Link>
      )}
    </PageHead>
  );
}

function Choice(props: {
  label: string;
  value: string | undefined;
  values: string[];
  onChange: (value: string | undefined) => void;
}) {
  return (
    <select
      className="inp s"
      aria-label={props.label}
      value={props.value ?? ""}
      onChange={({ target }) => props.onChange(target.value || undefined)}
    >
      <option value="">{props.label}</option>
      {props.values.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}
