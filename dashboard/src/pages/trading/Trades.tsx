import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useConfigurations } from "@/api/names";
import type { Wallet } from "@/app/scope";
import { duration, exact, moment, price, quantity, signedPercent, toNumber } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import type { MenuItem } from "@/parts/Menu";
import { Panel } from "@/parts/Panel";
import { Signed } from "@/parts/Signed";
import { More } from "./More";
import { Instrument, SideWord } from "./parts";
import { type Trade, tradePages } from "./queries";

const NONE: Trade[] = [];

export function Trades(props: { wallet: Wallet | null; onOpen: (id: string) => void }) {
  const { t } = useTranslation("trading");
  const { wallet } = props;
  const navigate = useNavigate();
  const asked = useInfiniteQuery({ ...tradePages(wallet?.id ?? ""), enabled: wallet !== null });
  const names = useConfigurations();
  const rows = asked.data?.pages.flatMap((page) => page.items) ?? NONE;
  const quote = wallet?.quote ?? "";
  const columns = useMemo<DataColumn<Trade>[]>(() => {
    const time = (id: string, of: (trade: Trade) => number): DataColumn<Trade> => ({
      id,
      head: t(id),
      numeric: true,
      sort: of,
      cell: (trade) => (
        <time className="t2" title={exact(of(trade))}>
          {moment(of(trade))}
        </time>
      ),
    });
    return [
      {
        id: "pair",
        head: t("instrument"),
        phone: true,
        sort: (x) => x.pair,
        cell: (x) => <Instrument pair={x.pair} of={names.get(x.configuration_id)} />,
      },
      { id: "side", head: t("side"), phone: true, cell: (x) => <SideWord side={x.side} /> },
      { id: "quantity", head: t("quantity"), numeric: true, cell: (x) => quantity(x.quantity) },
      { id: "entry", head: t("entry"), numeric: true, cell: (x) => price(x.entry_price) },
      { id: "exit", head: t("exit"), numeric: true, cell: (x) => price(x.exit_price) },
      {
        id: "why",
        head: t("leftOn"),
        sort: (x) => x.exit_reason,
        cell: (x) => t(`exits.${x.exit_reason}`, { defaultValue: x.exit_reason }),
      },
      {
        id: "pnl",
        head: t("pnl", { quote }),
        numeric: true,
        phone: true,
        sort: (x) => toNumber(x.pnl),
        cell: (x) => (
          <span className="md">
            <Signed value={x.pnl} />
          </span>
        ),
      },
      {
        id: "pct",
        head: t("pnlShare"),
        numeric: true,
        sort: (x) => toNumber(x.pnl_pct),
        cell: (x) => (
          <Signed value={x.pnl_pct} write={(v) => signedPercent(Number(v) / 100)} digits={2} />
        ),
      },
      {
        id: "fees",
        head: t("fees", { quote }),
        numeric: true,
        hidden: true,
        cell: (x) => <Signed value={-Number(x.fees)} />,
      },
      {
        id: "worst",
        head: t("worst"),
        numeric: true,
        hidden: true,
        cell: (x) => signedPercent(Number(x.mae_pct) / 100),
      },
      {
        id: "best",
        head: t("best"),
        numeric: true,
        hidden: true,
        cell: (x) => signedPercent(Number(x.mfe_pct) / 100),
      },
      {
        id: "held",
        head: t("held"),
        numeric: true,
        sort: (x) => x.exit_time - x.entry_time,
        cell: (x) => duration(x.exit_time - x.entry_time),
      },
      time("closed", (x) => x.exit_time),
    ];
  }, [t, names, quote]);
  const look = (x: Trade) =>
    void navigate({
      to: "/markets",
      search: { configuration: x.configuration_id, activation: x.activation_id, trade: x.id },
    });
  const actions = (x: Trade): MenuItem[] => [
    { label: t("onChart"), icon: "markets", run: () => look(x) },
    { label: t("explain"), icon: "info", run: () => props.onOpen(x.id) },
  ];
  return (
    <Panel
      title={t("trades.title")}
      meta={t("trades.meta", { count: rows.length })}
      query={wallet === null ? undefined : asked}
      rows={12}
      error={{ what: t("trades.unread") }}
      empty={rows.length === 0 && { text: t("trades.empty") }}
    >
      <DataTable
        id="trading.trades"
        label={t("trades.title")}
        columns={columns}
        rows={rows}
        rowKey={(x) => x.id}
        onOpen={look}
        actions={actions}
        height="calc(100vh - 190px)"
        chooseColumns
      />
      <More asked={asked} />
    </Panel>
  );
}
