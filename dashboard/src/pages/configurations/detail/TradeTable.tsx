import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { duration, exact, moment, price, quantity, signedPercent, toNumber } from "@/format";
import { type Mode, ModeBadge } from "@/parts/badges";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Signed } from "@/parts/Signed";
import { SideWord } from "../../trading/parts";
import type { Configuration } from "../queries";

/** A round trip, of the backtest or traded; only the second has a mode and a run. */
export type Round = {
  id: string;
  side: string;
  entry_time: number;
  exit_time: number;
  entry_price: number | string;
  exit_price: number | string;
  quantity: number | string;
  exit_reason: string;
  pnl: number | string;
  pnl_pct: number | string;
  bars_held: number;
  mode?: string;
  activation_id?: string;
};

type Props = { which: "backtest" | "traded"; rows: Round[]; configuration: Configuration };

export function TradeTable({ which, rows, configuration }: Props) {
  const { t } = useTranslation("configurations");
  const { t: words } = useTranslation("trading");
  const navigate = useNavigate();
  const quote = configuration.pair.split(/[/:]/)[1] ?? "";
  const columns = useMemo<DataColumn<Round>[]>(() => {
    const time = (id: "entry_time" | "exit_time", phone: boolean): DataColumn<Round> => ({
      id,
      head: t(`trades.${id}`),
      phone,
      sort: (x) => x[id],
      cell: (x) => (
        <time className="t2" title={exact(x[id])}>
          {moment(x[id])}
        </time>
      ),
    });
    const mode: DataColumn<Round>[] =
      which === "backtest"
        ? []
        : [
            {
              id: "mode",
              head: t("trades.mode"),
              sort: (x) => x.mode,
              cell: (x) => <ModeBadge mode={x.mode as Mode} small />,
            },
          ];
    return [
      time("exit_time", true),
      ...mode,
      { id: "side", head: words("side"), phone: true, cell: (x) => <SideWord side={x.side} /> },
      {
        id: "quantity",
        head: words("quantity"),
        numeric: true,
        cell: (x) => quantity(Number(Number(x.quantity).toPrecision(6))),
      },
      { id: "entry", head: words("entry"), numeric: true, cell: (x) => price(x.entry_price) },
      { id: "exit", head: words("exit"), numeric: true, cell: (x) => price(x.exit_price) },
      {
        id: "why",
        head: words("leftOn"),
        sort: (x) => x.exit_reason,
        cell: (x) => words(`exits.${x.exit_reason}`, { defaultValue: x.exit_reason }),
      },
      {
        id: "pnl",
        head: words("pnl", { quote }),
        numeric: true,
        phone: true,
        sort: (x) => toNumber(x.pnl),
        cell: (x) => <Signed value={x.pnl} />,
      },
      {
        id: "pct",
        head: words("pnlShare"),
        numeric: true,
        sort: (x) => toNumber(x.pnl_pct),
        cell: (x) => <Signed value={x.pnl_pct} write={(v) => signedPercent(Number(v) / 100)} />,
      },
      {
        id: "held",
        head: words("held"),
        numeric: true,
        sort: (x) => x.exit_time - x.entry_time,
        cell: (x) => duration(x.exit_time - x.entry_time),
      },
    ];
  }, [t, words, which, quote]);
  const look = (x: Round) =>
    void navigate({
      to: "/markets",
      search: { configuration: configuration.id, activation: x.activation_id, trade: x.id },
    });
  return (
    <DataTable
      id={`configurations.trades.${which}`}
      label={t("trades.title")}
      columns={columns}
      rows={rows}
      rowKey={(x) => x.id}
      height="352px"
      firstSort={{ id: "exit_time", desc: true }}
      onOpen={which === "traded" ? look : undefined}
    />
  );
}
