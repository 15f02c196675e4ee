/** The bars on the chart: the window, its moves, and what goes on at its end. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { type ApiError, asApiError, problemOf } from "@/api/problem";
import { accessToken, isDue, renewOrLeave } from "@/api/token";
import { BarWindow, type Wanted } from "./barWindow";
import { type Columns, readColumns } from "./columns";
import { intervalMs } from "./intervals";

export type Series = { exchange: string; pair: string; interval: string };
type State = { bars: Columns | null; error: ApiError | null };

/** `end`: bars from this moment on are not shown; `around`: what must be in the window. */
export function useBars(series: Series | null, end: number | null, around: number | null) {
  const client = useQueryClient();
  const [state, setState] = useState<State>({ bars: null, error: null });
  const [attempt, setAttempt] = useState(0);
  const { exchange, pair, interval } = series ?? { exchange: "", pair: "", interval: "" };
  const isKnown = series !== null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another window
  const window = useMemo(() => {
    if (!isKnown) return null;
    const read = (wanted: Wanted) =>
      client.fetchQuery({
        queryKey: ["bars", exchange, pair, interval, wanted],
        queryFn: () => readBars({ exchange, pair, interval }, wanted),
        // Closed bars do not change; those at the end are asked for by another question.
        staleTime: wanted.end === undefined ? 0 : 300_000,
        retry: false,
      });
    return new BarWindow(read, intervalMs(interval), (bars) => setState({ bars, error: null }));
  }, [client, isKnown, exchange, pair, interval, attempt]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `end` and `around` move a window that stands
  useEffect(() => {
    if (window === null) return;
    let isOver = false;
    setState({ bars: null, error: null });
    window.load(end ?? undefined, around ?? undefined).then(
      () => !isOver && setState({ bars: window.bars, error: null }),
      (error: unknown) => !isOver && setState({ bars: null, error: asApiError(error) }),
    );
    return () => {
      isOver = true;
    };
  }, [window]);

  const failed = useCallback(
    (error: unknown) => setState((before) => ({ bars: before.bars, error: asApiError(error) })),
    [],
  );
  const isThere = state.bars !== null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another moment moves the window
  useEffect(() => {
    if (window === null || !isThere || around === null || window.holds(around)) return;
    window.load(end ?? undefined, around).catch(failed);
  }, [window, isThere, around]);

  useEffect(() => {
    if (window?.isAtEnd && isThere && end !== null) window.newer(end).catch(failed);
  }, [window, isThere, end, failed]);

  return {
    ...state,
    isPending: series !== null && state.bars === null && state.error === null,
    older: () => void window?.older().catch(failed),
    newer: () => {
      if (window && !window.isAtEnd) void window.newer(end ?? undefined).catch(failed);
    },
    again: () => setAttempt((count) => count + 1),
  };
}

async function readBars(series: Series, { start, end, limit }: Wanted): Promise<Columns> {
  const query = new URLSearchParams({
    exchange: series.exchange,
    symbol: series.pair,
    interval: series.interval,
    limit: String(limit),
    ...(start !== undefined && { start: String(start) }),
    ...(end !== undefined && { end: String(end) }),
  });
  if (isDue()) await renewOrLeave();
  const response = await fetch(`/api/bars/columns?${query}`, {
    headers: { authorization: `Bearer ${accessToken()}` },
  });
  if (!response.ok) throw problemOf(await response.json().catch(() => null), response);
  return readColumns(await response.arrayBuffer());
}
