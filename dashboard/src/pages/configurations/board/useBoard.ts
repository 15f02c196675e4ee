/** What of the board belongs into its address: the filter, the order, and what is compared. */
import { useMemo } from "react";
import { usePageSearch } from "@/app/router";
import { toast } from "@/parts/toast";
import { type Filter, SORTS, type Sort } from "../rows";

export const MOST_COMPARED = 4;

export type Search = Filter & { sort: Sort; view: "board" | "table" };
type Written = {
  text: string;
  pair: string;
  strategy: string;
  running: boolean;
  sort: string;
  view: string;
  compare: string;
};

export function useBoard(tooMany: string) {
  const [written, write] = usePageSearch<Written>();
  const search: Search = {
    text: written.text === undefined ? undefined : String(written.text),
    pair: written.pair,
    strategy: written.strategy,
    running: written.running === true,
    sort: SORTS.find((one) => one === written.sort) ?? "expected",
    view: written.view === "table" ? "table" : "board",
  };
  const compare = written.compare ?? "";
  const picked = useMemo(
    () => new Set(String(compare).split(",").filter(Boolean).slice(0, MOST_COMPARED)),
    [compare],
  );
  const set = (change: Partial<Search>) =>
    write({
      ...change,
      ...("running" in change && { running: change.running || undefined }),
    });
  const keep = (ids: Iterable<string>) => write({ compare: [...ids].join(",") || undefined });
  const pick = (id: string) => {
    if (picked.has(id)) keep([...picked].filter((one) => one !== id));
    else if (picked.size < MOST_COMPARED) keep([...picked, id]);
    else toast({ tone: "note", title: tooMany });
  };
  return { search, set, picked, pick, clear: () => keep([]) };
}
