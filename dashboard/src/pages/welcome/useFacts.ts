/** What the first steps are read from; events make it new, so a step ticks itself. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, got } from "@/api/client";
import { activations, wallets } from "@/api/queries";
import type { Asked } from "@/parts/Panel";
import type { Facts } from "./steps";

const series = () =>
  queryOptions({
    queryKey: ["bars", "series"],
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/bars/series", { signal }))).items,
  });

const jobs = () =>
  queryOptions({
    queryKey: ["jobs", "newest"],
    queryFn: async ({ signal }) =>
      (await got(api.GET("/api/v1/training/jobs", { params: { query: { limit: 50 } }, signal })))
        .items,
  });

const summary = () =>
  queryOptions({
    queryKey: ["configurations", "summary"],
    queryFn: ({ signal }) =>
      got(api.GET("/api/v1/training/configurations/stats/summary", { signal })),
  });

const paperTrades = () =>
  queryOptions({
    queryKey: ["trades", "paper", "newest"],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/trades", { params: { query: { mode: "paper", limit: 1 } }, signal }),
        )
      ).items,
  });

export function useFacts(): { facts: Facts; queries: Asked[] } {
  const kept = useQuery(series());
  const asked = useQuery(jobs());
  const counted = useQuery(summary());
  const money = useQuery(wallets());
  const running = useQuery(activations());
  const closed = useQuery(paperTrades());
  return {
    facts: {
      series: kept.data,
      jobs: asked.data,
      configurations: counted.data?.total,
      paperWallets: money.data?.filter((wallet) => wallet.mode === "paper"),
      paperActivations: running.data?.filter((activation) => activation.mode === "paper"),
      paperTrades: closed.data,
    },
    queries: [kept, asked, counted, money, running, closed],
  };
}
