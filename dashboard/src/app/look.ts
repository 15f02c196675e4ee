/** How this browser shows the page: theme, density, language, zone, keys. Kept in the browser. */
import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Zone } from "@/format";
import type { Language } from "@/words";

export type Theme = "system" | "dark" | "light";
export type Look = {
  theme: Theme;
  density: "normal" | "compact";
  language: Language;
  zone: Zone;
  /** Single letters do things (WCAG 2.1.4 asks for a way to turn that off). */
  letterKeys: boolean;
  railFolded: boolean;
};

function firstLanguage(): Language {
  return navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
}

export const useLook = create<Look>()(
  persist<Look>(
    () => ({
      theme: "system",
      density: "normal",
      language: firstLanguage(),
      zone: "utc",
      letterKeys: true,
      railFolded: false,
    }),
    { name: "tp.look.kept", version: 1 },
  ),
);

/** Writes the look onto the page, now and whenever it changes. */
export function applyLook(): void {
  const write = (look: Look) => {
    const root = document.documentElement;
    if (look.theme === "system") delete root.dataset.theme;
    else root.dataset.theme = look.theme;
    if (look.density === "compact") root.dataset.density = "compact";
    else delete root.dataset.density;
    root.lang = look.language;
    // What `theme.js` reads before the first paint.
    localStorage.setItem("tp.look", JSON.stringify({ theme: look.theme, density: look.density }));
  };
  write(useLook.getState());
  useLook.subscribe(write);
}

const NEXT: Record<Theme, Theme> = { system: "dark", dark: "light", light: "system" };
export function nextTheme(): void {
  useLook.setState((look) => ({ theme: NEXT[look.theme] }));
}
