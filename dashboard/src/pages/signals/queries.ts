/** What the graphs said and what became of it, newest bar first. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, got, type Shapes } from "@/api/client";

export type Signal = Shapes["SignalShape"];
export type Story = Shapes["SignalStoryShape"];

export type Filter = {
  wallet_id: string;
  verdict?: string;
  action?: string;
  configuration_id?: string;
};
const PAGE = 200;

export const signalPages = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["signals", filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/signals", {
          params: { query: { ...filter, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_cursor,
  });

export const story = (id: string) =>
  queryOptions({
    queryKey: ["signals", "story", id],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/signals/{signal_id}", {
          params: { path: { signal_id: id } },
          signal,
        }),
      ),
  });
