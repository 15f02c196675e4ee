/** The newest events, a sentence each: first what was kept, then what the stream says. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { recentEvents } from "@/api/queries";
import { onEvent, type TradeEvent, useStream } from "@/api/stream";
import { exact, moment } from "@/format";
import { iconOf, isTold, toneOf, useEventText } from "./eventText";
import { Icon } from "./Icon";

const KEPT = 200;

/** The newest `count` events that say something, newest first. */
export function useRecentEvents(count: number, matches: (event: TradeEvent) => boolean = isTold) {
  const client = useQueryClient();
  const asked = useQuery(recentEvents());
  useEffect(
    () =>
      onEvent((event) =>
        client.setQueryData<TradeEvent[]>(recentEvents().queryKey, (known) =>
          known === undefined ? known : [...known, event].slice(-KEPT),
        ),
      ),
    [client],
  );
  const items = (asked.data ?? []).filter(matches).slice(-count).reverse();
  return { asked, items };
}

/** `label`: the list scrolls by itself, and is reached by keyboard under this name. */
export function EventList({ items, label }: { items: TradeEvent[]; label?: string }) {
  const write = useEventText();
  return (
    <ul className="log" {...(label !== undefined && { tabIndex: 0, "aria-label": label })}>
      {items.map((event) => {
        const tone = toneOf(event);
        return (
          <li key={event.sequence}>
            <time dateTime={new Date(event.time).toISOString()} title={exact(event.time)}>
              {moment(event.time)}
            </time>
            <Icon
              name={iconOf(event)}
              size="s"
              className={tone === "critical" ? "crit" : tone || "t3"}
            />
            <span>{write(event)}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** "streaming", or how it is asked for instead. */
export function StreamWord() {
  const { t } = useTranslation("parts");
  const state = useStream((stream) => stream.state);
  return (
    <span className="row t3 xs" style={{ gap: 6 }}>
      <span className={`dot ${state === "live" ? "ok-dot" : "stale"}`} />
      {t(`stream.${state}`)}
    </span>
  );
}
