/** Short messages, bottom right. Four at most; a critical one stays until it is dismissed. */
import { create } from "zustand";

export type Toast = {
  tone: "good" | "note" | "warning" | "critical";
  title: string;
  detail?: string;
  code?: string;
  action?: { label: string; run: () => void };
};
export type Shown = Toast & { id: number };

const MOST = 4;
const SHOWN_MS = 8_000;
/** As long as something can be undone. */
const WITH_ACTION_MS = 10_000;

let last = 0;
export const useToasts = create<{ items: Shown[] }>(() => ({ items: [] }));

export function dismiss(id: number): void {
  useToasts.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
}

export function toast(given: Toast): number {
  const id = ++last;
  useToasts.setState(({ items }) => ({ items: room([...items, { ...given, id }]) }));
  if (given.tone !== "critical") {
    setTimeout(() => dismiss(id), given.action ? WITH_ACTION_MS : SHOWN_MS);
  }
  return id;
}

/** The newest four; of those that must go, what is not critical goes first. */
function room(items: Shown[]): Shown[] {
  if (items.length <= MOST) return items;
  const first = items.findIndex((item) => item.tone !== "critical");
  return items.filter((_, index) => index !== Math.max(first, 0));
}
