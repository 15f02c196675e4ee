import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { exact, moment } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Panel } from "@/parts/Panel";
import { audit } from "./query";

type Entry = Shapes["tradepulse__api__shapes__access__AuditShape"];

/** Who commanded what, from where, and what came of it. */
export function AuditTrail() {
  const { t } = useTranslation("users");
  const asked = useQuery(audit());
  const rows: Entry[] = asked.data ?? [];
  const columns = useMemo<DataColumn<Entry>[]>(
    () => [
      {
        id: "time",
        head: t("audit.time"),
        phone: true,
        sort: (e) => e.number,
        cell: (e) => <time title={exact(e.time)}>{moment(e.time)}</time>,
      },
      {
        id: "who",
        head: t("audit.who"),
        phone: true,
        sort: (e) => e.username,
        cell: (e) => e.username,
      },
      {
        id: "what",
        head: t("audit.what"),
        phone: true,
        sort: (e) => e.route,
        cell: (e) => (
          <span className="mono">
            {e.method} {e.route}
          </span>
        ),
      },
      {
        id: "object",
        head: t("audit.object"),
        cell: (e) => <span className="mono">{e.object.slice(0, 8)}</span>,
      },
      {
        id: "address",
        head: t("audit.address"),
        cell: (e) => <span className="mono">{e.address}</span>,
      },
      {
        id: "outcome",
        head: t("audit.outcome"),
        numeric: true,
        sort: (e) => e.outcome,
        cell: (e) => (
          <span className={e.outcome >= 400 ? "warn" : ""}>
            {e.outcome} {e.code}
          </span>
        ),
      },
    ],
    [t],
  );
  return (
    <Panel
      title={t("audit.title")}
      query={asked}
      error={{ what: t("audit.unread") }}
      empty={rows.length === 0 && { text: t("audit.empty") }}
    >
      <DataTable
        id="users.audit"
        label={t("audit.title")}
        columns={columns}
        rows={rows}
        rowKey={(e) => String(e.number)}
        height="360px"
      />
    </Panel>
  );
}
