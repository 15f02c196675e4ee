import { queryOptions } from "@tanstack/react-query";
import { api, got } from "@/api/client";

/** Every limit with what a wallet uses of it, and the version of the settings they are of. */
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

export const tradingStates = () =>
  queryOptions({
    queryKey: ["risk", "states"],
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/risk/state", { signal }))).items,
  });

/** Pauses after bad trades that hold now. */
export const locks = (walletId: string) =>
  queryOptions({
    queryKey: ["locks", walletId],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/risk/locks", {
            params: { query: { wallet_id: walletId, in_force: true, limit: 100 } },
            signal,
          }),
        )
      ).items,
  });
