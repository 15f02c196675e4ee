import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useClose } from "@/api/byHand";
import { type PositionRow as Row, riskOf, usePositionRows } from "@/api/held";
import { useConfigurations } from "@/api/names";
import { positions } from "@/api/queries";
import type { Wallet } from "@/app/scope";
import { useMay } from "@/app/session";
import { exact, moment, money, price, quantity, signedMoney, toNumber } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import type { MenuItem } from "@/parts/Menu";
import { Panel } from "@/parts/Panel";
import { Signed } from "@/parts/Signed";
import { askToClose } from "./asking";
import { MoveStop } from "./MoveStop";
import { Instrument, SideWord } from "./parts";
import type { Position } from "./queries";

export function Positions({ wallet, chosen }: { wallet: Wallet | null; chosen?: string }) {
  const { t } = useTranslation("trading");
  const navigate = useNavigate();
  const mayTrade = useMay("operator");
  const [moving, setMoving] = useState<Position | null>(null);
  const close = useClose();
  const asked = useQuery({
    ...positions({ wallet_id: wallet?.id ?? "" }),
    enabled: wallet !== null,
  });
  const rows = usePositionRows(asked.data);
  const names = useConfigurations();
  const quote = wallet?.quote ?? "";
  const columns = useMemo<DataColumn<Row>[]>(
    () => [
      {
        id: "pair",
        head: t("instrument"),
        phone: true,
        sort: (p) => p.pair,
        cell: (p) => <Instrument pair={p.pair} of={names.get(p.configuration_id)} />,
      },
      {
        id: "side",
        head: t("side"),
        phone: true,
        sort: (p) => p.side,
        cell: (p) => <SideWord side={p.side} />,
      },
      { id: "quantity", head: t("quantity"), numeric: true, cell: (p) => quantity(p.quantity) },
      {
        id: "notional",
        head: t("notional", { quote }),
        numeric: true,
        hidden: true,
        cell: (p) => money(Number(p.quantity) * Number(p.last ?? p.entry_price)),
      },
      { id: "entry", head: t("entry"), numeric: true, cell: (p) => price(p.entry_price) },
      { id: "last", head: t("last"), numeric: true, cell: (p) => price(p.last) },
      {
        id: "pnl",
        head: t("pnl", { quote }),
        numeric: true,
        phone: true,
        sort: (p) => p.pnl,
        cell: (p) => (
          <span className="md">
            <Signed value={p.pnl} />
          </span>
        ),
      },
      { id: "stop", head: t("stop"), numeric: true, cell: (p) => <StopCell position={p} /> },
      { id: "target", head: t("target"), numeric: true, cell: (p) => price(p.target) },
      {
        id: "risk",
        head: t("risk", { quote }),
        numeric: true,
        sort: riskOf,
        cell: (p) => signedMoney(riskOf(p)),
      },
      {
        id: "since",
        head: t("since"),
        numeric: true,
        sort: (p) => p.entry_time,
        cell: (p) => (
          <time className="t2" title={exact(p.entry_time)}>
            {moment(p.entry_time)}
          </time>
        ),
      },
    ],
    [t, names, quote],
  );
  const look = (p: Position) =>
    void navigate({ to: "/markets", search: { configuration: p.configuration_id } });
  const actions = (p: Position): MenuItem[] => [
    { label: t("onChart"), icon: "markets", run: () => look(p) },
    ...(mayTrade
      ? [
          { label: t("moveStop"), icon: "stop" as const, run: () => setMoving(p) },
          "line" as const,
          {
            label: t("closePosition"),
            icon: "close" as const,
            danger: true,
            run: () => {
              void askToClose(p, wallet, t).then((yes) => yes && close.mutate(p));
            },
          },
        ]
      : []),
  ];
  return (
    <>
      <Panel
        title={t("positions.title")}
        meta={rows.length > 0 ? t("positions.meta", { count: rows.length }) : null}
        query={wallet === null ? undefined : asked}
        rows={3}
        error={{ what: t("positions.unread"), effect: t("positions.effect") }}
        empty={
          rows.length === 0 && {
            text: t("positions.empty"),
            action: (
              <Link className="btn" to="/configurations">
                {t("positions.activate")}
              </Link>
            ),
          }
        }
      >
        <DataTable
          id="trading.positions"
          label={t("positions.title")}
          columns={columns}
          rows={rows}
          rowKey={(p) => p.id}
          onOpen={look}
          actions={actions}
          chooseColumns
          picked={chosen === undefined ? undefined : new Set([chosen])}
        />
      </Panel>
      {moving !== null && (
        <MoveStop position={moving} wallet={wallet} onClose={() => setMoving(null)} />
      )}
    </>
  );
}

function StopCell({ position }: { position: Position }) {
  const { t } = useTranslation("trading");
  return toNumber(position.stop) === null ? (
    <span className="warn">{t("noStop")}</span>
  ) : (
    price(position.stop)
  );
}
