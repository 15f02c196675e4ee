import { queryOptions } from "@tanstack/react-query";
import { api, got } from "@/api/client";

export const connections = () =>
  queryOptions({
    queryKey: ["connections"],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/exchanges/connections", { params: { query: { limit: 200 } }, signal }),
        )
      ).items,
  });

/** What was found last when the account was compared with the ledger. */
export const reconciliations = () =>
  queryOptions({
    queryKey: ["reconciliations"],
    queryFn: async ({ signal }) =>
      (await got(api.GET("/api/v1/reconciliations", { params: { query: { limit: 50 } }, signal })))
        .items,
  });
