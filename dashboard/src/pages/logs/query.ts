/** The newest lines under a filter; `log.*` events make them old. */
import { queryOptions } from "@tanstack/react-query";
import { api, got } from "@/api/client";

const MOST = 500;

export const logLines = (filter: { level?: string; containing?: string }) =>
  queryOptions({
    queryKey: ["logs", filter],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/logs", { params: { query: { ...filter, limit: MOST } }, signal }),
        )
      ).items,
    placeholderData: (before) => before,
  });
