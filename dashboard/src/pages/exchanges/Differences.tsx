import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { wallets } from "@/api/queries";
import { exact, moment } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Panel } from "@/parts/Panel";
import { reconciliations } from "./query";

type Row = Shapes["ReconciliationShape"];

/** Where the account and the ledger differed, and how it was settled. */
export function Differences() {
  const { t } = useTranslation("exchanges");
  const asked = useQuery(reconciliations());
  const { data: known } = useQuery(wallets());
  const rows = asked.data ?? [];
  const columns = useMemo<DataColumn<Row>[]>(() => {
    const names = new Map(known?.map((wallet) => [wallet.id, wallet.name]));
    return [
      {
        id: "time",
        head: t("diff.time"),
        phone: true,
        sort: (r) => r.time,
        cell: (r) => <time title={exact(r.time)}>{moment(r.time)}</time>,
      },
      { id: "wallet", head: t("diff.wallet"), cell: (r) => names.get(r.wallet_id) ?? "–" },
      {
        id: "kind",
        head: t("diff.kind"),
        phone: true,
        sort: (r) => r.kind,
        cell: (r) => r.kind.replaceAll("_", " "),
      },
      { id: "expected", head: t("diff.expected"), numeric: true, cell: (r) => r.expected },
      { id: "found", head: t("diff.found"), numeric: true, cell: (r) => r.found },
      { id: "how", head: t("diff.how"), phone: true, cell: (r) => r.resolved_how },
    ];
  }, [known, t]);
  return (
    <Panel
      title={t("diff.title")}
      meta={rows.length || null}
      query={asked}
      error={{ what: t("diff.unread") }}
      empty={rows.length === 0 && { text: t("diff.empty") }}
    >
      <DataTable
        id="exchanges.differences"
        label={t("diff.title")}
        columns={columns}
        rows={rows}
        rowKey={(r) => r.id}
      />
    </Panel>
  );
}
