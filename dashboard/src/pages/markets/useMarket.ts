/** What the page looks at: out of the address, and where that is silent, out of what trades. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Shapes } from "@/api/client";
import { marketKey, useLive } from "@/api/live";
import { type Named, useConfigurations } from "@/api/names";
import { activations } from "@/api/queries";
import { usePageSearch } from "@/app/router";
import { useScope } from "@/app/scope";
import { intervalMs, offered } from "./intervals";
import { seriesList } from "./queries";
import type { Series } from "./useBars";

export type Asked = {
  exchange: string;
  pair: string;
  interval: string;
  configuration: string;
  activation: string;
  trade: string;
  at: number;
};
export type Activation = Shapes["ActivationShape"];

const PREFERRED = "15m";

export function useMarket() {
  const [asked, set] = usePageSearch<Asked>();
  const { wallet } = useScope();
  const kept = useQuery(seriesList());
  const known = useConfigurations();
  const all = useQuery(activations());

  const configuration = useMemo<Named | null>(() => {
    if (asked.configuration) return known.get(asked.configuration) ?? null;
    if (asked.pair) return null;
    const running = all.data?.find(
      (one) => one.wallet_id === wallet?.id && one.stopped_at === null && one.fault === null,
    );
    return known.get(running?.configuration_id ?? "") ?? null;
  }, [asked.configuration, asked.pair, known, all.data, wallet?.id]);

  const activation = useMemo<Activation | null>(() => {
    if (configuration === null) return null;
    const own = (all.data ?? []).filter((one) => one.configuration_id === configuration.id);
    const named = own.find((one) => one.id === asked.activation);
    return named ?? own.find((one) => one.wallet_id === wallet?.id) ?? own[0] ?? null;
  }, [all.data, configuration, asked.activation, wallet?.id]);

  const first = kept.data?.find((one) => one.interval === PREFERRED) ?? kept.data?.[0];
  const exchange = configuration?.exchange ?? asked.exchange ?? first?.exchange ?? null;
  const pair = configuration?.pair ?? asked.pair ?? first?.pair ?? null;
  const intervals = useMemo(
    () =>
      offered(
        (kept.data ?? [])
          .filter((one) => one.exchange === exchange && one.pair === pair)
          .map((one) => one.interval),
      ),
    [kept.data, exchange, pair],
  );
  const wanted = asked.interval ?? configuration?.interval ?? PREFERRED;
  const interval = intervals.includes(wanted) ? wanted : (intervals[0] ?? wanted);
  // Until it is known which configuration is meant, nothing is read for nothing.
  const isKnown =
    kept.data !== undefined &&
    all.data !== undefined &&
    (configuration !== null || !asked.configuration) &&
    exchange !== null &&
    pair !== null;
  const series = useMemo<Series | null>(
    () => (isKnown && exchange && pair ? { exchange, pair, interval } : null),
    [isKnown, exchange, pair, interval],
  );

  const feed = activation?.feed ?? "live";
  const key = isKnown && exchange && pair ? marketKey(feed, exchange, pair) : null;
  const quote = useLive("prices", key);
  // A sandbox and a replay stand at a moment of the past: what came after it is not shown.
  const past = feed === "live" || activation?.last_bar == null ? null : activation.last_bar + 1;
  const now = quote?.time ?? past;
  const end = now === null ? null : floor(now, interval);
  return { asked, set, series, configuration, activation, intervals, feed, key, quote, end, kept };
}

const floor = (time: number, interval: string) =>
  Math.floor(time / intervalMs(interval)) * intervalMs(interval);
