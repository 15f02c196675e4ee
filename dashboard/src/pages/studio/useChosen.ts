/** What is trained on: out of the address, and where that is silent, a kept series. */
import { useQuery } from "@tanstack/react-query";
import { offered } from "../markets/intervals";
import { seriesList } from "../markets/queries";
import { type Chosen, dayOf } from "./draft";
import type { SeriesInfo } from "./query";

/** The studio's part of the address. */
export type Asked = {
  step: string;
  job: string;
  configuration: string;
  exchange: string;
  pair: string;
  interval: string;
  from: string;
  to: string;
};

export type Choice = ReturnType<typeof useChosen>;
const PREFERRED = "1h";
const NONE: SeriesInfo[] = [];

export function useChosen(asked: Partial<Asked>) {
  const kept = useQuery(seriesList());
  const all = kept.data ?? NONE;
  const exchanges = [...new Set(all.map((one) => one.exchange))].filter((name) => !isMark(name));
  const known = (value: string | undefined, list: string[]) =>
    list.find((one) => one === value) ?? list[0];
  const exchange = known(asked.exchange, exchanges);
  const ofExchange = all.filter((one) => one.exchange === exchange);
  const pairs = [...new Set(ofExchange.map((one) => one.pair))];
  const pair = known(asked.pair, pairs);
  const ofPair = ofExchange.filter((one) => one.pair === pair);
  const intervals = offered(ofPair.map((one) => one.interval));
  const interval =
    intervals.find((one) => one === asked.interval) ??
    intervals.find((one) => one === PREFERRED) ??
    intervals[0];
  const first = Math.min(...ofPair.map((one) => one.first));
  const last = Math.max(...ofPair.map((one) => one.last));
  const chosen: Chosen | null =
    exchange && pair && interval
      ? { exchange, pair, interval, from: asked.from, to: asked.to }
      : null;
  return {
    kept,
    all: all.filter((one) => !isMark(one.exchange)),
    exchanges,
    pairs,
    intervals,
    chosen,
    /** The first and the last day there is, as `2024-01-31`. */
    days: ofPair.length > 0 ? ([dayOf(first), dayOf(last)] as const) : null,
  };
}

/** Mark prices are kept beside the bars of their market, and are nothing to train on. */
const isMark = (exchange: string) => exchange.endsWith("_mark");
