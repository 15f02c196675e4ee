import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { count, date, exact, percent, ratio, signedPercent } from "@/format";
import { ModeBadge, STAGES, type Stage, StageBadge } from "@/parts/badges";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import type { MenuItem } from "@/parts/Menu";
import { Signed } from "@/parts/Signed";
import { modesOf, type Row, shortId } from "../rows";
import { FootWord } from "./CardFoot";

type Props = {
  rows: Row[];
  picked: ReadonlySet<string>;
  onPick: (id: string) => void;
  items: (row: Row) => MenuItem[];
};

/** The same configurations as rows: for hundreds of them, and for what the cards have no room for. */
export function Table({ rows, picked, onPick, items }: Props) {
  const { t } = useTranslation("configurations");
  const navigate = useNavigate();
  const columns = useMemo<DataColumn<Row>[]>(() => {
    const figure = (
      id: string,
      of: (row: Row) => number | null | undefined,
      write: (value: number | null | undefined) => string,
      more: Partial<DataColumn<Row>> = {},
    ): DataColumn<Row> => ({
      id,
      head: t(`table.${id}`),
      numeric: true,
      sort: of,
      cell: (row) => write(of(row)),
      ...more,
    });
    const metric = (name: string) => (row: Row) =>
      row.configuration.metrics[name] as number | null | undefined;
    return [
      {
        id: "name",
        head: t("table.name"),
        phone: true,
        sort: (row) => row.configuration.strategy_name,
        cell: ({ configuration: c }) => (
          <>
            <span className="name">{c.strategy_name}</span>{" "}
            <span className="t3 mono xs">{shortId(c.id)}</span>
          </>
        ),
      },
      {
        id: "pair",
        head: t("table.pair"),
        phone: true,
        sort: (row) => row.configuration.pair,
        cell: ({ configuration: c }) => (
          <>
            {c.pair} <span className="t3">{c.interval}</span>
          </>
        ),
      },
      {
        id: "stage",
        head: t("table.stage"),
        phone: true,
        sort: (row) => STAGES.indexOf(row.configuration.lifecycle_stage as Stage),
        cell: (row) => <StageBadge stage={row.configuration.lifecycle_stage as Stage} />,
      },
      figure("expected", (row) => row.figures?.expected_live_sharpe, ratio),
      figure("deflated", (row) => row.figures?.deflated_sharpe, ratio),
      figure("tries", (row) => row.configuration.trials, count),
      figure(
        "pbo",
        (row) => row.figures?.overfitting,
        (v) => percent(v, 0),
      ),
      figure("return", (row) => row.figures?.out_of_sample_return, signedPercent, {
        cell: (row) => (
          <Signed value={row.figures?.out_of_sample_return} write={signedPercent} digits={4} />
        ),
      }),
      figure("drawdown", (row) => row.figures?.drawdown_95, percent),
      figure("sharpe", metric("sharpe"), ratio, { hidden: true }),
      figure("winRate", metric("win_rate"), (v) => percent(v, 0), { hidden: true }),
      figure("trades", metric("trade_count"), count, { hidden: true }),
      {
        id: "runs",
        head: t("table.runs"),
        sort: (row) => modesOf(row.active.map((one) => one.activation)).join(),
        cell: (row) => (
          <span className="row" style={{ gap: 4 }}>
            {modesOf(row.active.map((one) => one.activation)).map((mode) => (
              <ModeBadge key={mode} mode={mode} small />
            ))}
          </span>
        ),
      },
      { id: "now", head: t("table.now"), cell: (row) => <FootWord row={row} /> },
      figure("created", (row) => row.configuration.created_at, date, {
        hidden: true,
        cell: ({ configuration: c }) => (
          <time className="t2" title={exact(c.created_at)}>
            {date(c.created_at)}
          </time>
        ),
      }),
    ];
  }, [t]);
  return (
    <DataTable
      id="configurations"
      label={t("title")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.configuration.id}
      onOpen={(row) => void navigate({ to: `/configurations/${row.configuration.id}` })}
      actions={items}
      picked={picked}
      onPick={(row) => onPick(row.configuration.id)}
      height="calc(100vh - 190px)"
      firstSort={{ id: "expected", desc: true }}
      chooseColumns
    />
  );
}
