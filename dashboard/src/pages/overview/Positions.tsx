import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { inRisk, type PositionRow, usePositionRows } from "@/api/held";
import { useConfigurations } from "@/api/names";
import { positions } from "@/api/queries";
import type { Wallet } from "@/app/scope";
import { price, quantity, riskMultiple } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Arrow } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { Signed } from "@/parts/Signed";

export function Positions({ wallet }: { wallet: Wallet | null }) {
  const { t } = useTranslation("overview");
  const navigate = useNavigate();
  const asked = useQuery({
    ...positions({ wallet_id: wallet?.id ?? "" }),
    enabled: wallet !== null,
  });
  const names = useConfigurations();
  const rows = usePositionRows(asked.data);
  const columns = useMemo<DataColumn<PositionRow>[]>(
    () => [
      {
        id: "pair",
        head: t("positions.instrument"),
        phone: true,
        sort: (p) => p.pair,
        cell: (p) => (
          <>
            <span className="name">{p.pair}</span>{" "}
            <span className="t3 sub2">{names.get(p.configuration_id)?.strategy_name}</span>
          </>
        ),
      },
      {
        id: "side",
        head: t("positions.side"),
        phone: true,
        sort: (p) => p.side,
        cell: (p) => (
          <span className="side">
            <Arrow up={p.side === "long"} size={8} />
            {t(`positions.${p.side}`)}
          </span>
        ),
      },
      {
        id: "quantity",
        head: t("positions.quantity"),
        numeric: true,
        cell: (p) => quantity(p.quantity),
      },
      { id: "entry", head: t("positions.entry"), numeric: true, cell: (p) => price(p.entry_price) },
      { id: "last", head: t("positions.last"), numeric: true, cell: (p) => price(p.last) },
      { id: "stop", head: t("positions.stop"), numeric: true, cell: (p) => price(p.stop) },
      {
        id: "pnl",
        head: t("positions.pnl", { quote: wallet?.quote }),
        numeric: true,
        phone: true,
        sort: (p) => p.pnl,
        cell: (p) => (
          <span className="md">
            <Signed value={p.pnl} />
          </span>
        ),
      },
      {
        id: "r",
        head: "R",
        numeric: true,
        phone: true,
        sort: (p) => inRisk(p.pnl, p),
        cell: (p) => <Signed value={inRisk(p.pnl, p)} write={riskMultiple} />,
      },
    ],
    [names, t, wallet?.quote],
  );
  return (
    <Panel
      title={t("positions.title")}
      meta={rows.length > 0 ? t("positions.meta", { count: rows.length }) : null}
      query={wallet === null ? undefined : asked}
      rows={2}
      error={{ what: t("positions.unread"), effect: t("positions.effect") }}
      empty={rows.length === 0 && { text: t("positions.empty") }}
      action={
        <Link className="sp" to="/trading">
          {t("positions.all")}
        </Link>
      }
    >
      <DataTable
        id="overview.positions"
        label={t("positions.title")}
        columns={columns}
        rows={rows}
        rowKey={(p) => p.id}
        onOpen={(p) => void navigate({ to: "/trading", search: { position: p.id } })}
      />
    </Panel>
  );
}
