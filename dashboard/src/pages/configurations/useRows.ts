import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { configurationList } from "@/api/names";
import { overview } from "@/api/queries";
import { figuresList } from "./queries";
import { type Row, rowsOf } from "./rows";

/** Every configuration as a row of the board; figures and runs join as they arrive. */
export function useRows() {
  const list = useQuery(configurationList());
  const figures = useQuery(figuresList());
  const now = useQuery(overview());
  const rows = useMemo<Row[]>(
    () => rowsOf(list.data ?? [], figures.data ?? [], now.data?.active ?? []),
    [list.data, figures.data, now.data],
  );
  return { rows, list, figures };
}
