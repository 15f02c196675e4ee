/** Results, and one activation against what its backtest says. The latter run backtests again. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, got, type Shapes } from "@/api/client";
import type { Mode } from "@/parts/badges";

const PAGE = 200;
const FIVE_MINUTES_MS = 300_000;

/** Of every configuration by mode and feed, from trades that closed at `start` or later. */
export const results = (start: number | undefined) =>
  queryOptions({
    queryKey: ["performance", "results", start ?? null],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const found: Shapes["PerformanceShape"][] = [];
      let cursor: string | null = null;
      do {
        const page: Shapes["Listed_PerformanceShape_"] = await got(
          api.GET("/api/v1/strategies/performance", {
            params: {
              query: { limit: PAGE, cursor, start: start === undefined ? null : String(start) },
            },
            signal,
          }),
        );
        found.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor !== null);
      return found;
    },
  });

/** When the newest trade of a mode closed; null before the first. Periods are counted back from it. */
export const lastClosed = (mode: Mode) =>
  queryOptions({
    queryKey: ["trades", "last", mode],
    queryFn: async ({ signal }) =>
      (await got(api.GET("/api/v1/trades", { params: { query: { mode, limit: 1 } }, signal })))
        .items[0]?.exit_time ?? null,
  });

/** What was measured of the same activation before; never of another. */
const sameActivation =
  (activationId: string) =>
  <T>(before: T | undefined, query: { queryKey: readonly unknown[] } | undefined) =>
    query?.queryKey[1] === activationId ? before : undefined;

/** What an activation earned against the backtest of its bars; `trades`: measured anew after each. */
export const gap = (activationId: string, trades: number) =>
  queryOptions({
    queryKey: ["gap", activationId, trades],
    placeholderData: sameActivation(activationId),
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/activations/{activation_id}/gap", {
          params: { path: { activation_id: activationId } },
          signal,
        }),
      ),
  });

export const activationEquity = (activationId: string, trades: number) =>
  queryOptions({
    queryKey: ["activation-equity", activationId, trades],
    placeholderData: sameActivation(activationId),
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/activations/{activation_id}/equity", {
          params: { path: { activation_id: activationId } },
          signal,
        }),
      ),
  });

/** Runs the whole backtest and resamples it: every five minutes is often enough, and by the button. */
export const tracking = (configurationId: string, mode: Mode) =>
  queryOptions({
    queryKey: ["tracking", configurationId, mode],
    staleTime: FIVE_MINUTES_MS,
    refetchInterval: FIVE_MINUTES_MS,
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/performance/{configuration_id}/tracking", {
          params: { path: { configuration_id: configurationId }, query: { mode } },
          signal,
        }),
      ),
  });
