import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCancelOrder } from "@/api/byHand";
import { useConfigurations } from "@/api/names";
import type { Wallet } from "@/app/scope";
import { useMay } from "@/app/session";
import { exact, moment, price, quantity, toNumber } from "@/format";
import { confirm } from "@/parts/confirm";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import type { MenuItem } from "@/parts/Menu";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { modeOf } from "./asking";
import { More } from "./More";
import { Instrument, OrderStateWord, SideWord } from "./parts";
import { isOver, type Order, orderPages } from "./queries";

type Show = "all" | "working" | "failed";
const NONE: Order[] = [];

export function Orders(props: { wallet: Wallet | null; onOpen: (id: string) => void }) {
  const { t } = useTranslation("trading");
  const { wallet, onOpen } = props;
  const mayTrade = useMay("operator");
  const [show, setShow] = useState<Show>("all");
  const asked = useInfiniteQuery({ ...orderPages(wallet?.id ?? ""), enabled: wallet !== null });
  const names = useConfigurations();
  const cancel = useCancelOrder();
  const known = asked.data?.pages.flatMap((page) => page.items) ?? NONE;
  const rows = known.filter((order) => isShown(order, show));
  const columns = useMemo<DataColumn<Order>[]>(
    () => [
      {
        id: "pair",
        head: t("instrument"),
        phone: true,
        sort: (o) => o.pair,
        cell: (o) => <Instrument pair={o.pair} of={names.get(o.configuration_id)} />,
      },
      {
        id: "role",
        head: t("role"),
        sort: (o) => o.role,
        cell: (o) => t(`roles.${o.role}`, { defaultValue: o.role }),
      },
      { id: "side", head: t("side"), phone: true, cell: (o) => <SideWord side={o.side} /> },
      {
        id: "kind",
        head: t("kind"),
        cell: (o) => <span className="t2">{t(`kinds.${o.kind}`, { defaultValue: o.kind })}</span>,
      },
      {
        id: "quantity",
        head: t("quantity"),
        numeric: true,
        sort: (o) => toNumber(o.quantity),
        cell: (o) => quantity(o.quantity),
      },
      { id: "filled", head: t("filled"), numeric: true, cell: (o) => quantity(o.filled) },
      { id: "price", head: t("price"), numeric: true, cell: (o) => price(o.price) },
      {
        id: "state",
        head: t("state"),
        phone: true,
        sort: (o) => o.state,
        cell: (o) => <OrderStateWord state={o.state} />,
      },
      {
        id: "reason",
        head: t("reason"),
        cell: (o) => (
          <span className="t3">
            {o.reason && t(`reasons.${o.reason}`, { defaultValue: o.reason })}
          </span>
        ),
      },
      {
        id: "time",
        head: t("made"),
        numeric: true,
        sort: (o) => o.created_at,
        cell: (o) => (
          <time className="t2" title={exact(o.created_at)}>
            {moment(o.created_at)}
          </time>
        ),
      },
      {
        id: "client",
        head: t("clientId"),
        hidden: true,
        cell: (o) => <span className="mono t3">{o.client_order_id}</span>,
      },
      {
        id: "venue",
        head: t("venueId"),
        hidden: true,
        cell: (o) => <span className="mono t3">{o.venue_order_id ?? "–"}</span>,
      },
    ],
    [t, names],
  );
  const actions = (order: Order): MenuItem[] => [
    { label: t("explain"), icon: "info", run: () => onOpen(order.id) },
    ...(mayTrade && !isOver(order.state)
      ? [
          {
            label: t("cancelOrder"),
            icon: "close" as const,
            danger: true,
            why: order.role === "entry" ? undefined : t("protects"),
            run: () => {
              void confirm({
                mode: modeOf(wallet),
                title: t("cancel.title", { pair: order.pair }),
                text: t("cancel.text"),
                name: order.pair,
                verb: t("cancelOrder"),
              }).then((yes) => yes && cancel.mutate(order));
            },
          },
        ]
      : []),
  ];
  return (
    <Panel
      title={t("orders.title")}
      meta={t("orders.meta", { count: rows.length })}
      query={wallet === null ? undefined : asked}
      rows={12}
      error={{ what: t("orders.unread"), effect: t("orders.effect") }}
      empty={rows.length === 0 && { text: t(`orders.empty.${show}`) }}
      action={
        <Segments<Show>
          className="sp"
          label={t("orders.show")}
          value={show}
          onChange={setShow}
          options={(["all", "working", "failed"] as const).map((value) => ({
            value,
            label: t(`orders.shows.${value}`),
          }))}
        />
      }
    >
      <DataTable
        id="trading.orders"
        label={t("orders.title")}
        columns={columns}
        rows={rows}
        rowKey={(order) => order.id}
        onOpen={(order) => onOpen(order.id)}
        actions={actions}
        height="calc(100vh - 190px)"
        chooseColumns
      />
      <More asked={asked} />
    </Panel>
  );
}

function isShown(order: Order, show: Show): boolean {
  if (show === "working") return !isOver(order.state);
  if (show === "failed") return order.state === "REJECTED" || order.state === "UNKNOWN";
  return true;
}
