/**
 * What a board and one configuration are made of. What a training found does not change with trades:
 * it stands under `evidence`, which only an event of the configuration makes old.
 */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, got, type Shapes } from "@/api/client";

export type Configuration = Shapes["ConfigurationShape"];
export type Figures = Shapes["FiguresShape"];
export type Activation = Shapes["ActivationShape"];
export type Evidence = Shapes["EvidenceShape"];
export type Verdict = Shapes["tradepulse__api__shapes__evidence__VerdictShape"];
export type BacktestTrade = Shapes["BacktestTrade"];
export type Growth = "out_of_sample" | "backtest" | "in_sample" | "market";

const PAGE = 500;
const FEW_POINTS = 40;

export const figuresList = () =>
  queryOptions({
    queryKey: ["evidence", "figures"],
    queryFn: async ({ signal }) => {
      const found: Figures[] = [];
      let cursor: string | null = null;
      do {
        const query = { limit: PAGE, points: FEW_POINTS, cursor };
        const page: { items: Figures[]; next_cursor?: string | null } = await got(
          api.GET("/api/v1/training/configurations/stats/figures", { params: { query }, signal }),
        );
        found.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor !== null);
      return found;
    },
  });

const at = (id: string) => ({ path: { configuration_id: id } });

export const verdict = (id: string) =>
  queryOptions({
    queryKey: ["evidence", id, "verdict"],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/training/configurations/{configuration_id}/verdict", {
          params: at(id),
          signal,
        }),
      ),
  });

/** One growth: the backtest is run again on the server for it, the others are kept. */
export const growth = (id: string, series: Growth, points = 600) =>
  queryOptions({
    queryKey: ["evidence", id, "growth", series, points],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/training/configurations/{configuration_id}/equity", {
          params: { ...at(id), query: { series: [series], points } },
          signal,
        }),
      ),
  });

/** What it did live, and what resampled backtests expect of so many days. */
export const tracking = (id: string) =>
  queryOptions({
    queryKey: ["evidence", id, "tracking"],
    queryFn: ({ signal }) =>
      got(api.GET("/api/v1/performance/{configuration_id}/tracking", { params: at(id), signal })),
  });

export const heatMap = (id: string) =>
  queryOptions({
    queryKey: ["evidence", id, "heat-map"],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/training/configurations/{configuration_id}/heat-map", {
          params: at(id),
          signal,
        }),
      ),
    retry: false,
  });

export const backtestTrades = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["evidence", id, "trades"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/training/configurations/{configuration_id}/trades", {
          params: { ...at(id), query: { limit: 200, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_cursor,
  });

export const tradesOf = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["trades", "of", id],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/trades", {
          params: { query: { configuration_id: id, limit: 200, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_cursor,
  });

export const activationsOf = (id: string) =>
  queryOptions({
    queryKey: ["activations", "of", id],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/activations", {
            params: { query: { configuration_id: id, limit: 200 } },
            signal,
          }),
        )
      ).items,
  });

/** What would be decided on a step, with nothing written and the hold-out left sealed. */
export const promotion = (id: string, to: "VALIDATION" | "MATURE") =>
  queryOptions({
    queryKey: ["promotion", id, to],
    queryFn: ({ signal }) =>
      got(
        api.POST("/api/v1/training/configurations/{configuration_id}/promote", {
          params: at(id),
          body: { to, dry_run: true },
          signal,
        }),
      ),
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
