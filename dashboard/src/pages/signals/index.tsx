/** Every signal, also those that nothing came of, and why. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useConfigurations } from "@/api/names";
import { PageHead } from "@/app/PageHead";
import { usePageObject, usePageSearch } from "@/app/router";
import { useScope } from "@/app/scope";
import { exact, moment, price } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { More } from "../trading/More";
import { Instrument } from "../trading/parts";
import { type Signal, signalPages } from "./queries";
import { SignalDrawer } from "./SignalDrawer";
import { ActionWord, useReason, VerdictWord } from "./words";

const VERDICTS = ["all", "traded", "refused", "ignored"] as const;
type Verdict = (typeof VERDICTS)[number];
const ACTIONS = ["enter_long", "exit_long", "enter_short", "exit_short"] as const;
const NONE: Signal[] = [];

export default function Signals() {
  const { t } = useTranslation("signals");
  const { wallet } = useScope();
  const navigate = useNavigate();
  const id = usePageObject();
  const [search, set] = usePageSearch<{
    verdict: string;
    action: string;
    configuration: string;
  }>();
  const names = useConfigurations();
  const reason = useReason();
  const verdict = VERDICTS.find((one) => one === search.verdict) ?? "all";
  const action = ACTIONS.find((one) => one === search.action);
  const asked = useInfiniteQuery({
    ...signalPages({
      wallet_id: wallet?.id ?? "",
      ...(verdict !== "all" && { verdict }),
      ...(action && { action }),
      ...(search.configuration && { configuration_id: search.configuration }),
    }),
    enabled: wallet !== null,
  });
  const rows = asked.data?.pages.flatMap((page) => page.items) ?? NONE;
  const isFiltered = verdict !== "all" || action !== undefined || Boolean(search.configuration);
  const columns = useMemo<DataColumn<Signal>[]>(
    () => [
      {
        id: "bar",
        head: t("bar"),
        phone: true,
        sort: (s) => s.bar_time,
        cell: (s) => (
          <time className="t2" title={exact(s.bar_time)}>
            {moment(s.bar_time)}
          </time>
        ),
      },
      {
        id: "pair",
        head: t("instrument"),
        phone: true,
        sort: (s) => names.get(s.configuration_id)?.pair,
        cell: (s) => {
          const of = names.get(s.configuration_id);
          return of ? <Instrument pair={of.pair} of={of} /> : s.configuration_id.slice(0, 8);
        },
      },
      {
        id: "action",
        head: t("said"),
        phone: true,
        sort: (s) => s.action,
        cell: (s) => <ActionWord action={s.action} />,
      },
      { id: "close", head: t("close"), numeric: true, cell: (s) => price(s.close) },
      {
        id: "verdict",
        head: t("verdict"),
        phone: true,
        sort: (s) => s.verdict,
        cell: (s) => <VerdictWord verdict={s.verdict} />,
      },
      {
        id: "why",
        head: t("why"),
        sort: (s) => s.reason,
        cell: (s) => <span className="t2">{reason(s)}</span>,
      },
    ],
    [t, names, reason],
  );
  const show = (to: string | null) =>
    void navigate({ to: to === null ? "/signals" : `/signals/${to}`, search: { ...search } });
  return (
    <>
      <PageHead title={t("title")}>
        <Segments<Verdict>
          label={t("verdict")}
          value={verdict}
          onChange={(next) => set({ verdict: next === "all" ? undefined : next })}
          options={VERDICTS.map((value) => ({ value, label: t(`verdicts.${value}`) }))}
        />
        <select
          className="inp s"
          aria-label={t("said")}
          value={action ?? ""}
          onChange={({ target }) => set({ action: target.value || undefined })}
        >
          <option value="">{t("everyAction")}</option>
          {ACTIONS.map((one) => (
            <option key={one} value={one}>
              {t(`actions.${one}`)}
            </option>
          ))}
        </select>
        <select
          className="inp s"
          aria-label={t("configuration")}
          value={search.configuration ?? ""}
          onChange={({ target }) => set({ configuration: target.value || undefined })}
        >
          <option value="">{t("everyConfiguration")}</option>
          {[...names.values()].map((one) => (
            <option key={one.id} value={one.id}>
              {one.strategy_name} {one.pair} {one.interval}
            </option>
          ))}
        </select>
      </PageHead>
      <Panel
        title={t("title")}
        meta={t("meta", { count: rows.length })}
        query={wallet === null ? undefined : asked}
        rows={12}
        error={{ what: t("unread") }}
        empty={
          rows.length === 0 && {
            text: t(isFiltered ? "noMatch" : "empty"),
            action: isFiltered && (
              <button
                type="button"
                className="btn"
                onClick={() =>
                  set({ verdict: undefined, action: undefined, configuration: undefined })
                }
              >
                {t("clear")}
              </button>
            ),
          }
        }
      >
        <DataTable
          id="signals"
          label={t("title")}
          columns={columns}
          rows={rows}
          rowKey={(s) => s.id}
          onOpen={(s) => show(s.id)}
          height="calc(100vh - 190px)"
        />
        <More asked={asked} />
      </Panel>
      {id !== undefined && <SignalDrawer id={id} onClose={() => show(null)} />}
    </>
  );
}
