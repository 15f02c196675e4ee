import { useQuery } from "@tanstack/react-query";
import { limits } from "@/api/queries";
import { ratio } from "@/format";
import type { MeterProps } from "@/parts/Meter";

type Point = { time: number; equity: number };

const DAY_MS = 86_400_000;

/** What each of the last `days` days earned, oldest first, from a curve of equity. */
export function dailyResults(points: Point[], days: number): number[] {
  const lastOf = new Map<number, number>();
  for (const { time, equity } of points) lastOf.set(Math.floor(time / DAY_MS), equity);
  const ends = [...lastOf.values()];
  return ends
    .slice(1)
    .map((equity, index) => equity - (ends[index] ?? equity))
    .slice(-days);
}

/** The limits of a wallet as meters, by name; none where a limit is not set or does not hold it. */
export function useLimits(walletId: string | undefined) {
  const { data } = useQuery({ ...limits(walletId), enabled: walletId !== undefined });
  const meter = (name: string, label: string): MeterProps | undefined => {
    const limit = data?.items.find((one) => one.name === name);
    if (limit?.refuse_at == null || limit.used === null || !limit.applies) return undefined;
    const { used, reserved, refuse_at: refuseAt, warn_at: warnAt, unit } = limit;
    const text = `${ratio(used)} / ${ratio(refuseAt)} ${unit}`;
    return { label, used, reserved: reserved ?? 0, refuseAt, warnAt, text };
  };
  /** Where entries end, for the line under a number; null without such a limit. */
  const refuseAt = (name: string): number | null =>
    data?.items.find((one) => one.name === name && one.applies)?.refuse_at ?? null;
  return { meter, refuseAt };
}
