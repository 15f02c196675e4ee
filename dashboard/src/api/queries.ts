/** The calls that more than one page makes, keyed by resource: events make them old by that word. */
import { queryOptions } from "@tanstack/react-query";
import type { Mode } from "@/parts/badges";
import { api, got } from "./client";

const MOST = 200;

export const wallets = () =>
  queryOptions({
    queryKey: ["wallets"],
    queryFn: async ({ signal }) =>
      (await got(api.GET("/api/v1/wallets", { params: { query: { limit: MOST } }, signal }))).items,
  });

type Ran = { wallet_id?: string; configuration_id?: string; mode?: Mode; is_running?: boolean };

export const activations = (filter: Ran = {}) =>
  queryOptions({
    queryKey: ["activations", filter],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/activations", { params: { query: { ...filter, limit: MOST } }, signal }),
        )
      ).items,
  });

export const configuration = (id: string) =>
  queryOptions({
    queryKey: ["configurations", id],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/training/configurations/{configuration_id}", {
          params: { path: { configuration_id: id } },
          signal,
        }),
      ),
  });

export const positions = (filter: { wallet_id?: string; activation_id?: string } = {}) =>
  queryOptions({
    queryKey: ["positions", filter],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/positions", { params: { query: { ...filter, limit: MOST } }, signal }),
        )
      ).items,
  });

export const alerts = (filter: { unread?: boolean } = {}) =>
  queryOptions({
    queryKey: ["alerts", filter],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/alerts", { params: { query: { ...filter, limit: MOST } }, signal }),
        )
      ).items,
  });

/** What raises an alert, with what it means and what to do. */
export const alertRules = () =>
  queryOptions({
    queryKey: ["alerts", "rules"],
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/alerts/rules", { signal }))).items,
  });

/** The house: engines with what they say of themselves. No event tells of that, so it is asked for. */
export const systemNow = () =>
  queryOptions({
    queryKey: ["system", "now"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/system", { signal })),
    refetchInterval: 5_000,
  });

/** Every limit with what a wallet uses of it. */
export const limits = (walletId: string | undefined) =>
  queryOptions({
    queryKey: ["limits", walletId ?? null],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/risk/limits", {
          params: { query: walletId === undefined ? {} : { wallet_id: walletId } },
          signal,
        }),
      ),
  });

export const killSwitch = () =>
  queryOptions({
    queryKey: ["kill-switch"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/kill-switch", { signal })),
  });

export const overview = () =>
  queryOptions({
    queryKey: ["overview"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/overview", { signal })),
  });

/** What a wallet was worth; `start` in milliseconds, without it from the beginning. */
export const walletEquity = (walletId: string, start?: number) =>
  queryOptions({
    queryKey: ["portfolio", "curve", walletId, start ?? null],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/wallets/{wallet_id}/equity", {
          params: {
            path: { wallet_id: walletId },
            query: start === undefined ? {} : { start: String(start) },
          },
          signal,
        }),
      ),
  });

export const recentEvents = (count = 30) =>
  queryOptions({
    queryKey: ["events", "recent", count],
    // The log has no "newest first": the last number first, then what stands before it.
    queryFn: async ({ signal }) => {
      const now = Date.now() + 60_000;
      const end = await got(
        api.GET("/api/v1/changes/since", {
          params: { query: { timestamp: String(now), limit: 1 } },
          signal,
        }),
      );
      const from = Math.max(0, end.sequence - count * 6);
      const told = await got(
        api.GET("/api/v1/changes/since", {
          params: { query: { sequence: from, limit: count * 6 } },
          signal,
        }),
      );
      return told.changes;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
