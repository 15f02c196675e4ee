import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { EventList, StreamWord, useRecentEvents } from "@/parts/EventTail";
import { isTold } from "@/parts/eventText";
import { Panel } from "@/parts/Panel";

/** The newest events of trading: training writes too often for this place. */
export function Events() {
  const { t } = useTranslation("overview");
  const { asked, items } = useRecentEvents(
    30,
    (event) => isTold(event) && !/^(job|log)\./.test(event.type),
  );
  return (
    <Panel
      className="fill-side"
      title={t("events.title")}
      meta={<StreamWord />}
      query={asked}
      family="tail"
      rows={8}
      error={{ what: t("events.unread") }}
      empty={items.length === 0 && { text: t("events.empty") }}
      action={
        <Link className="sp" to="/logs">
          {t("events.log")}
        </Link>
      }
    >
      <EventList items={items} label={t("events.title")} />
    </Panel>
  );
}
