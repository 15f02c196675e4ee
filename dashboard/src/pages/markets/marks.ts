/** What happened, as the chart draws it: markers of the ledger on the bars that are shown. */
import type { Shapes } from "@/api/client";
import { riskMultiple, signedMoney, tone } from "@/format";
import { type Bars, indexAt } from "@/parts/charts/bars";
import type { Mark } from "@/parts/charts/marks";

export type Marker = Shapes["MarkerShape"];
export type Kind = "signals" | "orders" | "fills" | "stops";
export const KINDS: readonly Kind[] = ["signals", "orders", "fills", "stops"];

/** The marks of `shown` kinds on bars in view; `chosen`: the trade that is drawn stronger. */
export function marksOf(
  markers: Marker[],
  bars: Bars,
  shown: ReadonlySet<Kind>,
  chosen: string | null,
): Mark[] {
  const place = placer(bars);
  return markers.flatMap((marker): Mark[] => {
    if (marker.kind === "signal" && shown.has("signals")) return signal(marker, bars);
    if (marker.kind === "position" && shown.has("fills")) return entry(marker, place, false);
    if (marker.kind === "trade") {
      const isChosen = marker.id === chosen;
      return [
        ...(shown.has("fills") ? entry(marker, place, isChosen) : []),
        ...exit(marker, markers, place, shown, isChosen),
      ];
    }
    return [];
  });
}

type Place = (time: number | null) => number | null;

/** The bar a moment belongs to; null outside of what is shown. */
function placer(bars: Bars): Place {
  return (time) => {
    const index = time === null ? -1 : indexAt(bars.time, time);
    const isLast = index === bars.time.length - 1;
    const step = (bars.time[1] ?? 0) - (bars.time[0] ?? 0);
    const open = bars.time[index];
    if (open === undefined || (isLast && time !== null && time - open > 2 * step)) return null;
    return open;
  };
}

function signal(marker: Marker, bars: Bars): Mark[] {
  const index = indexAt(bars.time, marker.time);
  if (index < 0 || bars.time[index] !== marker.time) return [];
  // An exit of a long looks the other way, as an entry of a short does.
  const isUp = marker.action === "enter_long" || marker.action === "exit_short";
  const price = (isUp ? bars.high : bars.low)[index] ?? Number(marker.price);
  return [{ time: marker.time, price, kind: "signal", side: isUp ? "long" : "short" }];
}

function entry(marker: Marker, place: Place, isChosen: boolean): Mark[] {
  const time = place(marker.entry_time);
  const price = Number(marker.entry_price);
  const side = marker.side === "short" ? "short" : "long";
  return time === null ? [] : [{ time, price, kind: "entry", side, isChosen }];
}

function exit(
  marker: Marker,
  all: Marker[],
  place: Place,
  shown: ReadonlySet<Kind>,
  isChosen: boolean,
): Mark[] {
  const isStop = marker.reason === "stop" || marker.reason === "trail";
  const time = place(marker.time);
  if (time === null || !shown.has(isStop ? "stops" : "fills")) return [];
  const inRisk = riskOf(marker, all);
  const label =
    inRisk === null ? signedMoney(marker.pnl) : `${riskMultiple(Number(marker.pnl) / inRisk)} R`;
  return [
    {
      time,
      price: Number(marker.price),
      kind: isStop ? "stop" : "exit",
      side: marker.side === "short" ? "short" : "long",
      label,
      tone: tone(marker.pnl),
      isChosen,
    },
  ];
}

/** What a trade risked: its first stop against its entry; null where it had none. */
export function riskOf(trade: Marker, all: Marker[]): number | null {
  const first = all.find(
    ({ kind, time, activation_id }) =>
      kind === "stop" &&
      activation_id === trade.activation_id &&
      time >= (trade.entry_time ?? trade.time) &&
      time <= trade.time,
  );
  const distance = Math.abs(Number(trade.entry_price) - Number(first?.price));
  const risk = distance * Number(trade.quantity);
  return Number.isFinite(risk) && risk > 0 ? risk : null;
}
