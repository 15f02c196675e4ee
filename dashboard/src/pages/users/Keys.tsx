import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import { ago, date } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Panel } from "@/parts/Panel";
import { NewKey } from "./NewKey";
import { keys } from "./query";

type Key = Shapes["KeyShape"];

/** Keys for programs: what each may do, when it was used last. Its secret is shown once. */
export function Keys() {
  const { t } = useTranslation("users");
  const asked = useQuery(keys());
  const [isAdding, setAdding] = useState(false);
  const rows = (asked.data ?? []).filter((key) => key.revoked_at === null);
  const revoke = useCommand({
    run: (key: Key) =>
      got(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: key.id } } })),
    touches: ["keys"],
    done: (_, key) => t("key.revoked", { name: key.name }),
  });
  const columns = useMemo<DataColumn<Key>[]>(
    () => [
      {
        id: "name",
        head: t("key.name"),
        phone: true,
        sort: (k) => k.name,
        cell: (k) => <span className="name">{k.name}</span>,
      },
      {
        id: "scopes",
        head: t("key.scopes"),
        phone: true,
        cell: (k) => k.scopes.map((scope) => t(`scopes.${scope}`)).join(", "),
      },
      {
        id: "used",
        head: t("key.used"),
        numeric: true,
        sort: (k) => k.last_used_at,
        cell: (k) => (k.last_used_at === null ? t("never") : ago(k.last_used_at)),
      },
      {
        id: "expires",
        head: t("key.expires"),
        numeric: true,
        sort: (k) => k.expires_at,
        cell: (k) => (k.expires_at === null ? t("never") : date(k.expires_at)),
      },
    ],
    [t],
  );
  return (
    <>
      {/* Beside the panel: without keys the panel shows why, and nothing else. */}
      <NewKey open={isAdding} onClose={() => setAdding(false)} />
      <Panel
        title={t("keys")}
        meta={rows.length || null}
        query={asked}
        error={{ what: t("keysUnread") }}
        empty={rows.length === 0 && { text: t("noKeys") }}
        action={
          <button type="button" className="btn sp" onClick={() => setAdding(true)}>
            {t("key.add")}
          </button>
        }
      >
        <DataTable
          id="users.keys"
          label={t("keys")}
          columns={columns}
          rows={rows}
          rowKey={(key) => key.id}
          actions={(key) => [
            { label: t("key.revoke"), danger: true, run: () => revoke.mutate(key) },
          ]}
        />
      </Panel>
    </>
  );
}
