import { queryOptions } from "@tanstack/react-query";
import { api, got, type Shapes } from "@/api/client";

/** What an engine says of itself; the API passes it on as it was written. */
export type Figures = {
  host?: string;
  activations?: number;
  wallets?: number;
  queued_commands?: number;
  threads?: number;
  memory_mib?: number;
  cpu_s?: number;
  commits?: { count: number; p50_ms: number | null; p99_ms: number | null };
  feeds?: {
    feed: string;
    exchange: string;
    pair: string;
    interval: string;
    silent_ms: number | null;
  }[];
  connections?: {
    connection_id: string;
    name: string;
    connected: boolean;
    latency_ms: number | null;
    weight_used: number;
    weight_limit: number;
    reconnects: number;
    clock_skew_ms: number;
    last_fault: string | null;
  }[];
};

export const figuresOf = (engine: Shapes["EngineShape"]): Figures => engine.figures as Figures;

// Engines report every five seconds, and no event says that they did.
const EVERY_MS = 5_000;

export const systemNow = () =>
  queryOptions({
    queryKey: ["system", "now"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/system", { signal })),
    refetchInterval: EVERY_MS,
  });

export const systemHistory = (hours: number) =>
  queryOptions({
    queryKey: ["system", "history", hours],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/system/history", { params: { query: { hours, points: 180 } }, signal }),
        )
      ).items,
    refetchInterval: 6 * EVERY_MS,
  });
