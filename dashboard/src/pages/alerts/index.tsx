/** What needs eyes: what happened, since when, what it affects, what to do; and what raises alerts. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { alertRules, alerts } from "@/api/queries";
import { PageHead } from "@/app/PageHead";
import { useMay } from "@/app/session";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { AlertList } from "./AlertList";
import { RuleTable } from "./RuleTable";

const VIEWS = ["open", "seen", "rules"] as const;
type View = (typeof VIEWS)[number];

export default function Alerts() {
  const { t } = useTranslation("alerts");
  const [view, setView] = useState<View>("open");
  const asked = useQuery(alerts({ unread: view === "open" }));
  const rules = useQuery(alertRules());
  const mayAct = useMay("operator");
  const open = view === "open" ? (asked.data ?? []) : [];
  const acknowledge = useCommand({
    run: (ids: string[], key) =>
      got(
        api.POST("/api/v1/alerts/acknowledge", {
          body: { ids },
          params: { header: { "idempotency-key": key } },
        }),
      ),
    touches: ["alerts", "overview"],
    done: (_, ids) => t("acknowledged", { count: ids.length }),
  });
  return (
    <>
      <PageHead title={t("title")}>
        <Segments<View>
          label={t("view")}
          value={view}
          onChange={setView}
          options={VIEWS.map((value) => ({ value, label: t(`views.${value}`) }))}
        />
        {mayAct && open.length > 1 && (
          <button
            type="button"
            className="btn sp"
            disabled={acknowledge.isPending}
            onClick={() => acknowledge.mutate(open.map((alert) => alert.id))}
          >
            {t("all", { count: open.length })}
          </button>
        )}
      </PageHead>
      {view === "rules" ? (
        <Panel
          title={t("views.rules")}
          query={rules}
          rows={8}
          error={{ what: t("rulesUnread") }}
          empty={rules.data?.length === 0 && { text: t("noRules") }}
        >
          <RuleTable rules={rules.data ?? []} />
        </Panel>
      ) : (
        <Panel
          title={t(`views.${view}`)}
          meta={asked.data?.length ? asked.data.length : null}
          query={asked}
          family="tail"
          error={{ what: t("unread") }}
          empty={asked.data?.length === 0 && { text: t(view === "open" ? "noneOpen" : "noneSeen") }}
        >
          <AlertList
            alerts={asked.data ?? []}
            rules={rules.data ?? []}
            onAcknowledge={mayAct ? (alert) => acknowledge.mutate([alert.id]) : undefined}
          />
        </Panel>
      )}
    </>
  );
}
