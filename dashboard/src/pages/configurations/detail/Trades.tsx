import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { type BacktestTrade, backtestTrades, type Configuration, tradesOf } from "../queries";
import { type Round, TradeTable } from "./TradeTable";

type Which = "backtest" | "traded";

const roundOf = (trade: BacktestTrade): Round => ({
  ...trade,
  id: `${trade.entry_time}/${trade.exit_time}`,
});

/** Round trips: those the backtest made, and those that were really traded, in whichever mode. */
export function Trades({ configuration }: { configuration: Configuration }) {
  const { t } = useTranslation("configurations");
  const [which, setWhich] = useState<Which>("backtest");
  const isBacktest = which === "backtest";
  const backtest = useInfiniteQuery({ ...backtestTrades(configuration.id), enabled: isBacktest });
  const traded = useInfiniteQuery({ ...tradesOf(configuration.id), enabled: !isBacktest });
  const asked = isBacktest ? backtest : traded;
  const rows: Round[] = isBacktest
    ? (backtest.data?.pages.flatMap((page) => page.items.map(roundOf)) ?? [])
    : (traded.data?.pages.flatMap((page) => page.items) ?? []);
  return (
    <Panel
      className="wraps"
      title={t("trades.title")}
      meta={t("trades.meta", { count: rows.length })}
      query={asked}
      rows={6}
      error={{ what: t("trades.unread") }}
      empty={rows.length === 0 && { text: t(`trades.empty.${which}`) }}
      action={
        <Segments<Which>
          className="sp"
          label={t("trades.which")}
          value={which}
          onChange={setWhich}
          options={(["backtest", "traded"] as const).map((value) => ({
            value,
            label: t(`trades.${value}`),
          }))}
        />
      }
    >
      <TradeTable which={which} rows={rows} configuration={configuration} />
      {asked.hasNextPage && (
        <div className="row justify-center p-2">
          <button
            type="button"
            className="btn"
            disabled={asked.isFetchingNextPage}
            onClick={() => void asked.fetchNextPage()}
          >
            {t(isBacktest ? "trades.later" : "trades.older")}
          </button>
        </div>
      )}
    </Panel>
  );
}
