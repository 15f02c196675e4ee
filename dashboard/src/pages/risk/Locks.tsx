import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import type { Wallet } from "@/app/scope";
import { useMay } from "@/app/session";
import { exact, moment } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Panel } from "@/parts/Panel";
import { locks } from "./query";

type Lock = Shapes["LockShape"];

/** Pauses that protections put on a pair, an activation or the wallet. */
export function Locks({ wallet }: { wallet: Wallet | null }) {
  const { t } = useTranslation("risk");
  const mayLift = useMay("operator");
  const asked = useQuery({ ...locks(wallet?.id ?? ""), enabled: wallet !== null });
  const rows = asked.data ?? [];
  const lift = useCommand({
    run: (lock: Lock) =>
      got(api.DELETE("/api/v1/risk/locks/{lock_id}", { params: { path: { lock_id: lock.id } } })),
    touches: ["locks", "risk"],
    done: () => t("lock.lifted"),
  });
  const columns = useMemo<DataColumn<Lock>[]>(
    () => [
      {
        id: "what",
        head: t("lock.what"),
        phone: true,
        sort: (l) => l.pair ?? "",
        cell: (l) => <span className="name">{l.pair ?? t("lock.all")}</span>,
      },
      { id: "code", head: t("lock.rule"), phone: true, sort: (l) => l.code, cell: (l) => l.code },
      { id: "reason", head: t("lock.why"), cell: (l) => <span className="t2">{l.reason}</span> },
      {
        id: "until",
        head: t("lock.until"),
        numeric: true,
        phone: true,
        sort: (l) => l.until_ms,
        cell: (l) => <time title={exact(l.until_ms)}>{moment(l.until_ms)}</time>,
      },
    ],
    [t],
  );
  return (
    <Panel
      title={t("lock.title")}
      meta={rows.length || null}
      query={wallet === null ? undefined : asked}
      error={{ what: t("lock.unread") }}
      empty={rows.length === 0 && { text: t("lock.none") }}
    >
      <DataTable
        id="risk.locks"
        label={t("lock.title")}
        columns={columns}
        rows={rows}
        rowKey={(l) => l.id}
        actions={
          mayLift ? (l) => [{ label: t("lock.lift"), run: () => lift.mutate(l) }] : undefined
        }
      />
    </Panel>
  );
}
