/** What configurations are called, for lists that know only their ids. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, got, type Shapes } from "./client";

export type Named = Shapes["ConfigurationShape"];

const PAGE = 500;

/** All of them, page after page: what is found by name and sorted must be complete. */
export const configurationList = () =>
  queryOptions({
    queryKey: ["configurations", "list"],
    queryFn: async ({ signal }) => {
      const found: Named[] = [];
      let cursor: string | null = null;
      do {
        const query: { limit: number; cursor: string | null } = { limit: PAGE, cursor };
        const page: { items: Named[]; next_cursor?: string | null } = await got(
          api.GET("/api/v1/training/configurations", { params: { query }, signal }),
        );
        found.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor !== null);
      return found;
    },
  });

export function useConfigurations(): Map<string, Named> {
  const { data } = useQuery(configurationList());
  return useMemo(() => new Map(data?.map((one) => [one.id, one])), [data]);
}
