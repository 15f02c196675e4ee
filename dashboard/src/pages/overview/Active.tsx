import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import type { Wallet } from "@/app/scope";
import { count, toNumber } from "@/format";
import { StageBadge } from "@/parts/badges";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Icon } from "@/parts/Icon";
import { type Asked, Panel } from "@/parts/Panel";
import { Signed } from "@/parts/Signed";

type Row = Shapes["ActiveShape"];

export function Active(props: {
  query: Asked & { data?: Shapes["OverviewShape"] };
  wallet: Wallet | null;
}) {
  const { t } = useTranslation("overview");
  const navigate = useNavigate();
  const { query, wallet } = props;
  const rows = useMemo(
    () => (query.data?.active ?? []).filter((row) => row.activation.wallet_id === wallet?.id),
    [query.data, wallet?.id],
  );
  const columns = useMemo<DataColumn<Row>[]>(
    () => [
      {
        id: "configuration",
        head: t("active.configuration"),
        phone: true,
        sort: (row) => row.configuration.strategy_name,
        cell: (row) => <span className="name">{row.configuration.strategy_name}</span>,
      },
      {
        id: "stage",
        head: t("active.stage"),
        phone: true,
        sort: (row) => row.configuration.lifecycle_stage,
        cell: (row) => <StageBadge stage={row.configuration.lifecycle_stage} />,
      },
      {
        id: "pair",
        head: t("active.instrument"),
        sort: (row) => row.configuration.pair,
        cell: (row) => <span className="t2">{row.configuration.pair}</span>,
      },
      {
        id: "bar",
        head: t("active.bar"),
        cell: (row) => <span className="t2">{row.configuration.interval}</span>,
      },
      {
        id: "state",
        head: t("active.state"),
        sort: (row) => row.activation.state,
        cell: (row) => <State row={row} />,
      },
      {
        id: "today",
        head: t("active.today"),
        numeric: true,
        phone: true,
        sort: (row) => toNumber(row.today),
        cell: (row) => (
          <span className="md">
            <Signed value={row.today} />
          </span>
        ),
      },
      {
        id: "pnl",
        head: t("active.pnl", { quote: wallet?.quote }),
        numeric: true,
        sort: (row) => toNumber(row.pnl),
        cell: (row) => <Signed value={row.pnl} />,
      },
      {
        id: "trades",
        head: t("active.trades"),
        numeric: true,
        sort: (row) => row.trade_count,
        cell: (row) => <span className="t2">{count(row.trade_count)}</span>,
      },
    ],
    [t, wallet?.quote],
  );
  return (
    <Panel
      title={t("active.title")}
      meta={rows.length > 0 ? t("active.meta", { count: rows.length }) : null}
      query={query}
      rows={4}
      error={{ what: t("active.unread") }}
      empty={
        rows.length === 0 && {
          text: t("active.empty"),
          action: (
            <Link className="btn" to="/configurations">
              {t("active.activate")}
            </Link>
          ),
        }
      }
      action={
        <Link className="sp" to="/configurations">
          {t("active.board")}
        </Link>
      }
    >
      <DataTable
        id="overview.active"
        label={t("active.title")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.activation.id}
        onOpen={(row) => void navigate({ to: `/configurations/${row.configuration.id}` })}
      />
    </Panel>
  );
}

function State({ row }: { row: Row }) {
  const { t } = useTranslation("overview");
  const { state, blocked } = row.activation;
  if (blocked) {
    return (
      <span className="row warn" style={{ gap: 6 }} title={t("active.blocked", { why: blocked })}>
        <Icon name="pause" size="xs" />
        {t(`active.states.${state}`)}
      </span>
    );
  }
  const tone = state === "RUNNING" ? "ok-dot" : state === "FAULTED" ? "crit" : "t3";
  return (
    <span className="row" style={{ gap: 6 }}>
      <span className={`dot ${tone}`} />
      {t(`active.states.${state}`)}
    </span>
  );
}
