import { useState } from "react";

export type TableLook = { sorting: { id: string; desc: boolean }[]; hidden: string[] };

/** A table's sorting and hidden columns, kept in this browser under its id. */
export function useRemembered(id: string, first: TableLook) {
  const key = `tp.table.${id}`;
  const [value, setValue] = useState<TableLook>(() => ({ ...first, ...read(key) }));
  const set = (change: Partial<TableLook>) =>
    setValue((before) => {
      const after = { ...before, ...change };
      localStorage.setItem(key, JSON.stringify(after));
      return after;
    });
  return { value, set };
}

function read(key: string): Partial<TableLook> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Partial<TableLook>) : {};
  } catch {
    return {}; // What was kept is not ours to read any more: the first look holds.
  }
}
