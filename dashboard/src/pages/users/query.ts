import { queryOptions } from "@tanstack/react-query";
import { api, got } from "@/api/client";

export const users = () =>
  queryOptions({
    queryKey: ["users"],
    queryFn: async ({ signal }) =>
      (await got(api.GET("/api/v1/users", { params: { query: { limit: 200 } }, signal }))).items,
  });

export const keys = () =>
  queryOptions({
    queryKey: ["keys"],
    queryFn: async ({ signal }) =>
      (await got(api.GET("/api/v1/keys", { params: { query: { limit: 200 } }, signal }))).items,
  });

/** The newest commands of everybody. */
export const audit = () =>
  queryOptions({
    queryKey: ["audit"],
    queryFn: async ({ signal }) =>
      (await got(api.GET("/api/v1/audit", { params: { query: { limit: 100 } }, signal }))).items,
  });
