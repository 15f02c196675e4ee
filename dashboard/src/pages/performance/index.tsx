/** How trading did: by strategy and configuration of one mode, and one of them against its backtest. */
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { activations } from "@/api/queries";
import { PageHead } from "@/app/PageHead";
import { usePageObject, usePageSearch } from "@/app/router";
import { chooseMode, useScope } from "@/app/scope";
import { date } from "@/format";
import { ModeBadge } from "@/parts/badges";
import { Icon } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { Detail } from "./Detail";
import { exportRows } from "./exported";
import { lastClosed, results } from "./queries";
import { ConfigurationTable, StrategyTable } from "./ResultTable";
import { configurationRows, strategyRows } from "./rows";

const DAY_MS = 86_400_000;
const PERIODS = { d: DAY_MS, w: 7 * DAY_MS, m: 30 * DAY_MS, y: 365 * DAY_MS, all: null } as const;
type Period = keyof typeof PERIODS;
const VIEWS = ["configurations", "strategies"] as const;
type View = (typeof VIEWS)[number];

export default function Performance() {
  const { t } = useTranslation("performance");
  const { mode, modes } = useScope();
  const [search, setSearch] = usePageSearch<{ view: View; period: Period; strategy: string }>();
  const id = usePageObject();
  const navigate = useNavigate();
  const view = VIEWS.find((one) => one === search.view) ?? "configurations";
  const period: Period =
    search.period !== undefined && search.period in PERIODS ? search.period : "all";

  const last = useQuery(lastClosed(mode));
  const back = PERIODS[period];
  const start = back === null || last.data == null ? undefined : last.data - back;
  const asked = useQuery({ ...results(start), enabled: back === null || last.data !== undefined });
  const running = useQuery(activations());
  const rows = useMemo(
    () => configurationRows(asked.data ?? [], running.data ?? [], mode),
    [asked.data, running.data, mode],
  );
  const strategies = useMemo(() => strategyRows(rows), [rows]);
  const shown = search.strategy ? rows.filter((row) => row.strategy === search.strategy) : rows;
  // The first at first sight, and it stays: rows change places while one reads.
  const first = useRef<Record<string, string>>({});
  const busiest = shown[0]?.configurationId;
  if (busiest !== undefined) first.current[mode] ??= busiest;
  const kept = shown.find((row) => row.configurationId === first.current[mode]);
  const chosen = id ?? kept?.configurationId ?? busiest;
  const isEmpty = view === "strategies" ? strategies.length === 0 : shown.length === 0;

  return (
    <>
      <PageHead title={t("title")}>
        {modes.length > 0 && (
          <Segments
            label={t("mode")}
            value={mode}
            onChange={(next) => {
              chooseMode(next);
              void navigate({ to: "/performance", search: { view, period } });
            }}
            options={modes.map((value) => ({ value, label: <ModeBadge mode={value} small /> }))}
          />
        )}
        <span className="t3 xs only-d">{t("never")}</span>
        <span className="sp" />
        <Segments<Period>
          label={t("period")}
          value={period}
          onChange={(next) => setSearch({ period: next })}
          options={(Object.keys(PERIODS) as Period[]).map((value) => ({
            value,
            label: t(`periods.${value}`),
            name: t(`periodNames.${value}`),
          }))}
        />
      </PageHead>
      <Panel
        title={t("results")}
        meta={
          start !== undefined && last.data != null
            ? t("span", { from: date(start), to: date(last.data) })
            : t("spanAll")
        }
        query={[last, asked, running]}
        error={{ what: t("unread") }}
        rows={4}
        empty={
          isEmpty && {
            text: t("empty", { mode: mode.toUpperCase() }),
            action: (
              <Link className="btn" to="/configurations">
                {t("activate")}
              </Link>
            ),
          }
        }
        action={
          <span className="sp row">
            {search.strategy && view === "configurations" && (
              <button
                type="button"
                className="chip"
                onClick={() => setSearch({ strategy: undefined })}
              >
                {t("onlyStrategy", { name: search.strategy })}
                <Icon name="close" size="xs" label={t("allStrategies")} />
              </button>
            )}
            <Segments<View>
              label={t("view")}
              value={view}
              onChange={(next) => setSearch({ view: next })}
              options={VIEWS.map((value) => ({
                value,
                label: t(`short.${value}`),
                name: t(`views.${value}`),
              }))}
            />
            <button
              type="button"
              className="btn ghost only-d"
              disabled={isEmpty}
              title={isEmpty ? t("nothingToExport") : undefined}
              onClick={() =>
                exportRows(
                  view === "strategies" ? strategies : shown,
                  { mode, start, end: last.data ?? null, view },
                  t,
                )
              }
            >
              {t("export")}
            </button>
          </span>
        }
      >
        {view === "strategies" ? (
          <StrategyTable
            rows={strategies}
            onOpen={(row) => setSearch({ view: "configurations", strategy: row.strategy })}
          />
        ) : (
          <ConfigurationTable
            rows={shown}
            chosen={chosen}
            onOpen={(row) =>
              void navigate({ to: `/performance/${row.configurationId}`, search: { ...search } })
            }
          />
        )}
      </Panel>
      {chosen !== undefined && view === "configurations" && (
        <Detail key={`${chosen}/${mode}`} configurationId={chosen} mode={mode} />
      )}
    </>
  );
}
