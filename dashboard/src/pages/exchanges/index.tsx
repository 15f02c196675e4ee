/** Connections to exchanges: their keys, their health, their wallets, and what comparing found. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { wallets } from "@/api/queries";
import { PageHead } from "@/app/PageHead";
import { useMay } from "@/app/session";
import { Icon } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { systemNow } from "../system/query";
import { AddConnection } from "./AddConnection";
import { AddWallet } from "./AddWallet";
import { ConnectionCard } from "./ConnectionCard";
import { Differences } from "./Differences";
import { connections } from "./query";

export default function Exchanges() {
  const { t } = useTranslation("exchanges");
  const mayAdd = useMay("operator");
  const [adding, setAdding] = useState<"connection" | "wallet" | null>(null);
  const asked = useQuery(connections());
  const known = useQuery(wallets());
  const system = useQuery(systemNow());
  return (
    <>
      <PageHead title={t("title")}>
        {mayAdd && (
          <span className="row sp">
            <button type="button" className="btn" onClick={() => setAdding("wallet")}>
              <Icon name="plus" size="s" />
              {t("addWallet")}
            </button>
            <button type="button" className="btn primary" onClick={() => setAdding("connection")}>
              <Icon name="plus" size="s" />
              {t("add")}
            </button>
          </span>
        )}
      </PageHead>
      <Panel
        title={t("connections")}
        query={asked}
        family="job"
        error={{ what: t("unread") }}
        empty={
          asked.data?.length === 0 && {
            text: t("empty"),
            action: mayAdd ? (
              <button type="button" className="btn" onClick={() => setAdding("connection")}>
                {t("add")}
              </button>
            ) : undefined,
          }
        }
      >
        <div className="g c2 p-3">
          {(asked.data ?? []).map((connection) => (
            <ConnectionCard
              key={connection.id}
              connection={connection}
              wallets={(known.data ?? []).filter((w) => w.connection_id === connection.id)}
              engines={system.data?.engines ?? []}
            />
          ))}
        </div>
      </Panel>
      <div className="mt">
        <Differences />
      </div>
      <AddConnection open={adding === "connection"} onClose={() => setAdding(null)} />
      <AddWallet
        open={adding === "wallet"}
        onClose={() => setAdding(null)}
        connections={asked.data ?? []}
      />
    </>
  );
}
