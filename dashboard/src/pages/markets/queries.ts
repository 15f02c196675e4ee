/** What belongs to a chart beside its bars. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, got, type Shapes } from "@/api/client";

export type Node = Shapes["PictureShape"]["nodes"][number];

export const seriesList = () =>
  queryOptions({
    queryKey: ["bars", "series"],
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/bars/series", { signal }))).items,
    staleTime: 60_000,
  });

export const instrument = (exchange: string, pair: string) =>
  queryOptions({
    queryKey: ["instruments", exchange, pair],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/instruments", {
            params: { query: { exchange, containing: pair, limit: 50 } },
            signal,
          }),
        )
      ).items.find((one) => one.pair === pair) ?? null,
    staleTime: 300_000,
  });

export const graph = (configurationId: string) =>
  queryOptions({
    queryKey: ["configurations", configurationId, "graph"],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/training/configurations/{configuration_id}/graph", {
          params: { path: { configuration_id: configurationId } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

type Values = {
  configurationId: string;
  activationId?: string;
  nodes: number[];
  start: number;
  end: number;
};

export const graphValues = ({ configurationId, activationId, nodes, start, end }: Values) =>
  queryOptions({
    queryKey: ["graph-values", configurationId, activationId ?? null, nodes, start, end],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/training/configurations/{configuration_id}/graph/values", {
          params: {
            path: { configuration_id: configurationId },
            query: {
              nodes,
              activation_id: activationId,
              start: String(start),
              end: String(end),
            },
          },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const markers = (activationId: string, start: number, end: number) =>
  queryOptions({
    queryKey: ["markers", activationId, start, end],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/chart/markers", {
            params: {
              query: {
                activation_id: activationId,
                start: String(start),
                end: String(end),
                limit: 5000,
              },
            },
            signal,
          }),
        )
      ).items,
  });

/** The newest round trips of an activation, in the order they happened. */
export const activationTrades = (activationId: string) =>
  queryOptions({
    queryKey: ["trades", "of", activationId],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/trades", {
            params: { query: { activation_id: activationId, limit: 200 } },
            signal,
          }),
        )
      ).items.toReversed(),
  });
