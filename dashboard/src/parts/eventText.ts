/** One sentence for an event, with its sign and how much it matters. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { overview } from "@/api/queries";
import type { TradeEvent } from "@/api/stream";
import { price, quantity, signedMoney } from "@/format";
import type { IconName } from "./Icon";

export type Tone = "" | "pos" | "neg" | "warn" | "critical";
type Payload = Record<string, unknown>;

const ICONS: readonly (readonly [string, IconName])[] = [
  ["signal.", "signal"],
  ["fill.", "fill"],
  ["trade.", "fill"],
  ["order.", "stop"],
  ["risk.", "warn"],
  ["alert.", "alerts"],
  ["activation.", "play"],
  ["configuration.", "configurations"],
  ["job.", "studio"],
  ["feed.", "markets"],
  ["reconcile.", "again"],
  ["wallet.", "users"],
  ["connection.", "exchanges"],
  ["portfolio.", "performance"],
  ["log.", "logs"],
];
const WARNS =
  /^(feed\.(stale|gap|conflict|disconnected)|risk\.(latched|locked|breaker_tripped|order_rejected|disputed|excess_fill)|order\.(rejected|refused)|reconcile\.difference)$/;
const ALARMS = /^(risk\.(kill_switch|liquidated|unprotected|order_lost)|order\.unknown)$/;

export const iconOf = (event: TradeEvent): IconName =>
  ICONS.find(([start]) => event.type.startsWith(start))?.[1] ?? "info";

export function toneOf(event: TradeEvent): Tone {
  const told = event.payload as Payload;
  if (ALARMS.test(event.type) || told.level === "critical" || told.state === "FAULTED")
    return "critical";
  if (WARNS.test(event.type) || told.level === "warning") return "warn";
  if (event.type === "trade.closed") return Number(told.pnl) < 0 ? "neg" : "pos";
  return "";
}

/** Types that are of no use to a reader: their outcome comes as an event of its own. */
const SILENT =
  /^(command\.|portfolio\.updated|order\.(intended|sent|cancelling)|job\.progress|risk\.agreed)/;
const PASSING = new Set(["STARTING", "WARMING"]);
export const isTold = (event: TradeEvent): boolean =>
  !SILENT.test(event.type) && !PASSING.has(String((event.payload as Payload).state));

const text = (value: unknown): string => (value == null ? "" : String(value));

/** Writes events as sentences of the language in use. Unknown types show their own name. */
export function useEventText(): (event: TradeEvent) => string {
  const { t, i18n } = useTranslation("events");
  const names = useNames();
  return (event) => {
    const told = event.payload as Payload;
    const key = keyOf(event);
    if (!i18n.exists(`events:${key}`)) {
      return [event.type, text(told.message ?? told.reason ?? told.pair)]
        .filter(Boolean)
        .join(": ");
    }
    return t(key, {
      ...told,
      pair: text(told.pair),
      configuration: nameIn(names, event) || t("configuration"),
      base: text(told.pair).split("/")[0],
      side: told.side ? t(`sides.${told.side}`) : "",
      role: told.role ? t(`roles.${told.role}`, { defaultValue: text(told.role) }) : "",
      quantity: quantity(told.quantity as string),
      price: price((told.price ?? told.exit_price ?? told.entry_price) as string),
      stop: price(told.stop as string),
      close: price(told.close as string),
      pnl: signedMoney(told.pnl as string),
      action: told.action ? t(`actions.${told.action}`, { defaultValue: text(told.action) }) : "",
      verdict: told.verdict
        ? t(`verdicts.${told.verdict}`, { defaultValue: text(told.verdict) })
        : "",
      exit: told.exit_reason
        ? t(`exits.${told.exit_reason}`, { defaultValue: text(told.exit_reason) })
        : "",
      reason: text(told.reason),
      state: text(told.state),
      stage: text(told.lifecycle_stage ?? told.to ?? told.stage),
      message: text(told.message),
    });
  };
}

/** An order at market rests nowhere: it has words of its own. */
function keyOf(event: TradeEvent): string {
  const key = event.type.replace(".", "_");
  return key === "order_open" && (event.payload as Payload).price == null ? `${key}_market` : key;
}

/** What runs, by the ids that events name it by. */
function useNames(): Map<string, string> {
  const { data } = useQuery(overview());
  return useMemo(() => {
    const pairs = (data?.active ?? []).flatMap(({ activation, configuration: c }) => {
      const name = `${c.strategy_name} ${c.pair}`;
      return [[activation.id, name] as const, [c.id, name] as const];
    });
    return new Map(pairs);
  }, [data]);
}

function nameIn(names: Map<string, string>, event: TradeEvent): string {
  const told = event.payload as Payload;
  const ids = [event.entity_id, text(told.activation_id), text(told.configuration_id)];
  return ids.map((id) => names.get(id)).find(Boolean) ?? "";
}
