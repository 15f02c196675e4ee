import { queryOptions } from "@tanstack/react-query";
import { api, got } from "@/api/client";

/** What raises an alert, with what it means and what to do. */
export const alertRules = () =>
  queryOptions({
    queryKey: ["alerts", "rules"],
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/alerts/rules", { signal }))).items,
  });
