import { queryOptions } from "@tanstack/react-query";
import { api, got } from "@/api/client";

export const settingsInForce = () =>
  queryOptions({
    queryKey: ["settings", "force"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/settings", { signal })),
  });

export const versions = () =>
  queryOptions({
    queryKey: ["settings", "versions"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/settings/versions", { signal })),
  });

/** What is in force with the one version and otherwise with the other; 0: before any. */
export const difference = (from: number, to: number) =>
  queryOptions({
    queryKey: ["settings", "diff", from, to],
    queryFn: async ({ signal }) =>
      (await got(api.GET("/api/v1/settings/diff", { params: { query: { from, to } }, signal })))
        .items,
  });
