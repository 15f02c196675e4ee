/**
 * Every page: where it is, its place in the rail, its key behind G, and who may see it. One without
 * a folder in `src/pages` is in no menu.
 */
import type { ComponentType } from "react";
import type { IconName } from "@/parts/Icon";
import type { Role } from "./session";

export type PageId =
  | "overview" | "markets" | "trading" | "performance" | "signals" | "studio" | "configurations"
  | "risk" | "alerts" | "logs" | "system" | "exchanges" | "settings" | "users" | "welcome";
export type RailGroup = "watch" | "lab" | "safety" | "setup";

export type Page = {
  id: PageId;
  path: string;
  group: RailGroup | null;
  icon: IconName;
  /** Pressed after G. */
  key?: string;
  role?: Role;
  load: () => Promise<{ default: ComponentType }>;
};

const folders = import.meta.glob<{ default: ComponentType }>("../pages/*/index.tsx");

type Entry = Omit<Page, "load">;
const entries: Entry[] = [
  { id: "overview", path: "/", group: "watch", icon: "overview", key: "o" },
  { id: "markets", path: "/markets", group: "watch", icon: "markets", key: "m" },
  { id: "trading", path: "/trading", group: "watch", icon: "trading", key: "t" },
  { id: "performance", path: "/performance", group: "watch", icon: "performance", key: "p" },
  { id: "signals", path: "/signals", group: "watch", icon: "signal", key: "i" },
  { id: "studio", path: "/studio", group: "lab", icon: "studio", key: "s" },
  { id: "configurations", path: "/configurations", group: "lab", icon: "configurations", key: "c" },
  { id: "risk", path: "/risk", group: "safety", icon: "risk", key: "r" },
  { id: "alerts", path: "/alerts", group: "safety", icon: "alerts", key: "a" },
  { id: "logs", path: "/logs", group: "safety", icon: "logs", key: "l" },
  { id: "system", path: "/system", group: "safety", icon: "system", key: "y" },
  { id: "exchanges", path: "/exchanges", group: "setup", icon: "exchanges", key: "e" },
  { id: "settings", path: "/settings", group: "setup", icon: "settings", key: "," },
  { id: "users", path: "/users", group: "setup", icon: "users", key: "u" },
  { id: "welcome", path: "/welcome", group: null, icon: "check" },
];

export const pages: Page[] = entries.flatMap((entry) => {
  const load = folders[`../pages/${entry.id}/index.tsx`];
  return load === undefined ? [] : [{ ...entry, load }];
});

export const GROUPS: readonly RailGroup[] = ["watch", "lab", "safety", "setup"];
export const pageById = (id: PageId): Page | undefined => pages.find((page) => page.id === id);
/** The page at a path, also at `path/something`. */
export const pageAt = (pathname: string): Page | undefined =>
  pages.find((p) => p.path === pathname) ??
  pages.find((p) => p.path !== "/" && pathname.startsWith(`${p.path}/`));
