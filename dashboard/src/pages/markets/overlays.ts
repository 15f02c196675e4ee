/** The lines of a configuration's graph over the candles: which there are, and their values. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type Bars, indexAt } from "@/parts/charts/bars";
import type { Overlay } from "@/parts/charts/candleSeries";
import { intervalMs } from "./intervals";
import { graph, graphValues, type Node } from "./queries";
import type { useMarket } from "./useMarket";

const RAW = new Set(["open", "high", "low", "close", "constant"]);
const FIRST_SHOWN = 3;
/** Bars of a sandbox close every second: its lines are computed again only now and then. */
const SANDBOX_STEP = 32;

/** Nodes that are lines of their own in the candles' scale, the last computed first. */
export function drawable(nodes: Node[]): Node[] {
  const lines = nodes.filter(
    (node) => node.pane === "price" && node.kind === "series" && !RAW.has(node.op),
  );
  // What only another line is made of says nothing beside it, such as a maximum beside the one of
  // the bar before.
  const shifted = new Set(
    lines.filter(({ op }) => op === "previous").flatMap(({ inputs }) => inputs),
  );
  return lines.filter(({ id }) => !shifted.has(id)).reverse();
}

/** `values` on exactly the bars that are shown: nothing is drawn beyond their end. */
export function onBars(
  times: number[],
  values: (number | boolean | null)[],
  bars: Bars,
): { time: number[]; values: number[] } {
  const last = bars.time[bars.time.length - 1] ?? 0;
  const from = Math.max(indexAt(times, (bars.time[0] ?? 0) - 1) + 1, 0);
  const to = indexAt(times, last) + 1;
  return {
    time: times.slice(from, to),
    values: values.slice(from, to).map((v) => (typeof v === "number" ? v : Number.NaN)),
  };
}

export type Line = Overlay & { id: number };
const NONE: Line[] = [];

export function useOverlays(market: ReturnType<typeof useMarket>, bars: Bars | null) {
  const { configuration, activation, series, feed } = market;
  const fits = configuration !== null && series?.interval === configuration.interval;
  const [chosen, setChosen] = useState<{ of: string; nodes: number[] } | null>(null);
  const picture = useQuery({ ...graph(configuration?.id ?? ""), enabled: fits });
  const nodes = useMemo(
    () => (fits ? drawable(picture.data?.picture.nodes ?? []) : []),
    [fits, picture.data],
  );
  const ids =
    chosen !== null && chosen.of === configuration?.id
      ? chosen.nodes
      : nodes.slice(0, FIRST_SHOWN).map(({ id }) => id);
  const step = intervalMs(series?.interval ?? "15m") * (feed === "live" ? 1 : SANDBOX_STEP);
  const first = bars?.time[0] ?? 0;
  const last = bars?.time[bars.time.length - 1] ?? 0;
  const values = useQuery({
    ...graphValues({
      configurationId: configuration?.id ?? "",
      activationId: sees(activation?.session_start, first) ? activation?.id : undefined,
      nodes: ids,
      start: first,
      end: (Math.floor(last / step) + 1) * step,
    }),
    enabled: fits && ids.length > 0 && bars !== null && bars.time.length > 0,
  });
  const lines = useMemo<Line[]>(() => {
    const told = values.data;
    if (!fits || bars === null || told === undefined) return NONE;
    if (told.configuration_id !== configuration?.id) return NONE;
    return told.nodes.map((node) => ({
      id: node.id,
      name: short(node.expression),
      ...onBars(told.open_time, node.values, bars),
    }));
  }, [fits, bars, values.data, configuration?.id]);
  const toggle = (id: number) => {
    if (configuration === null) return;
    const next = ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
    setChosen({ of: configuration.id, nodes: next });
  };
  return { lines, nodes, ids, toggle, fits, error: values.error };
}

const LONGEST = 30;
const short = (words: string) =>
  words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}\u2026` : words;

/** Whether the activation was there for the bars from `first` on: then they are as it saw them. */
const sees = (sessionStart: number | null | undefined, first: number) =>
  sessionStart != null && sessionStart <= first;
