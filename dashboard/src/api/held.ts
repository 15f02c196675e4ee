/** What a position risks and would bring: from its own figures, never guessed. */
import { useQuery } from "@tanstack/react-query";
import { toNumber } from "@/format";
import type { Shapes } from "./client";
import { marketKey, useLiveAll } from "./live";
import { useConfigurations } from "./names";
import { activations } from "./queries";

type Position = Shapes["PositionShape"];
export type PositionRow = Position & { last: string | null; pnl: number | null };

type Held = { side: string; quantity: string; entry_price: string; stop: string | null };

const sign = (position: Held) => (position.side === "long" ? 1 : -1);

/** What its stop would lose against the entry: negative; null without a stop. */
export function riskOf(position: Held): number | null {
  const stop = toNumber(position.stop);
  if (stop === null) return null;
  return (stop - Number(position.entry_price)) * Number(position.quantity) * sign(position);
}

/** The open result at `last`, before fees; null without a price. */
export function openResult(position: Held, last: string | null | undefined): number | null {
  const now = toNumber(last);
  if (now === null) return null;
  return (now - Number(position.entry_price)) * Number(position.quantity) * sign(position);
}

/** A result in units of the first risk; null where there was no stop to lose it at. */
export function inRisk(result: number | null, position: Held): number | null {
  const risk = riskOf(position);
  return result === null || risk === null || risk >= 0 ? null : result / -risk;
}

/** The positions with the last price of their feed, and what they would bring at it. */
export function usePositionRows(found: Position[] | undefined): PositionRow[] {
  const running = useQuery(activations());
  const names = useConfigurations();
  const keyOf = (p: Position) => {
    const feed = running.data?.find((one) => one.id === p.activation_id)?.feed;
    const exchange = names.get(p.configuration_id)?.exchange;
    return feed && exchange ? marketKey(feed, exchange, p.pair) : null;
  };
  const keys = (found ?? []).map(keyOf);
  const prices = useLiveAll(
    "prices",
    keys.filter((key) => key !== null),
  );
  return (found ?? []).map((p, index) => {
    const last = prices.get(keys[index] ?? "")?.last ?? null;
    return { ...p, last, pnl: openResult(p, last) };
  });
}
