import { useQuery } from "@tanstack/react-query";
import { instrument } from "./queries";
import type { Series } from "./useBars";

/** The step of an instrument's prices; where no venue told it, the decimals of its kept bars. */
export function useTick(series: Series | null): string | null {
  const { data } = useQuery({
    ...instrument(series?.exchange ?? "", series?.pair ?? ""),
    enabled: series !== null,
  });
  if (data?.tick) return data.tick;
  const decimals = data?.price_decimals;
  return decimals == null ? null : (10 ** -decimals).toFixed(decimals);
}
