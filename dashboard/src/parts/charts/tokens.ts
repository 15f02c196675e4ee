/** The tokens as hex for canvases, read once and again when the theme changes. */
import { useEffect, useState } from "react";

const NAMES = [
  "canvas",
  "surface",
  "surface-3",
  "border",
  "border-strong",
  "grid",
  "text",
  "text-2",
  "text-3",
  "accent",
  "profit",
  "profit-soft",
  "loss",
  "loss-soft",
  "warning",
  "stale",
  "on-ink",
  "ink",
  "series-1",
  "series-2",
  "series-3",
  "series-4",
  "series-5",
  "series-6",
] as const;
export type Tokens = Record<(typeof NAMES)[number], string> & { font: string };

export function readTokens(): Tokens {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const colours = Object.fromEntries(NAMES.map((name) => [name, read(name)]));
  return { ...colours, font: read("font-ui") } as Tokens;
}

/** A colour of the tokens with an opacity of 0 to 1, as the canvas wants it. */
export function faded(hex: string, opacity: number): string {
  return `${hex}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, "0")}`;
}

export function useTokens(): Tokens {
  const [tokens, setTokens] = useState(readTokens);
  useEffect(() => {
    const again = () => setTokens(readTokens());
    const system = matchMedia("(prefers-color-scheme: light)");
    const watch = new MutationObserver(again);
    watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    system.addEventListener("change", again);
    return () => {
      watch.disconnect();
      system.removeEventListener("change", again);
    };
  }, []);
  return tokens;
}
