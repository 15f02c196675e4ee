/** What configurations are called, for lists that know only their ids. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, got, type Shapes } from "./client";

export type Named = Shapes["ConfigurationShape"];

export const configurationList = () =>
  queryOptions({
    queryKey: ["configurations", "list"],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/training/configurations", { params: { query: { limit: 200 } }, signal }),
        )
      ).items,
  });

export function useConfigurations(): Map<string, Named> {
  const { data } = useQuery(configurationList());
  return useMemo(() => new Map(data?.map((one) => [one.id, one])), [data]);
}
