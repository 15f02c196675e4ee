/** Keys. Single letters never act in fields, and can be turned off; the others always work. */
import { useEffect, useRef } from "react";
import { useLook } from "./look";

/** "j", "Enter", "ctrl+k", "ctrl+shift+k", "alt+t"; what is returned true counts as handled. */
export type Keys = Record<string, (event: KeyboardEvent) => unknown>;

export function nameOf(event: KeyboardEvent): string {
  const ctrl = event.ctrlKey || event.metaKey ? "ctrl+" : "";
  const alt = event.altKey ? "alt+" : "";
  const isLetter = event.key.length === 1;
  // Shift is part of a character ("?"), but not of a letter that is a command with Ctrl.
  const shift = event.shiftKey && (ctrl !== "" || alt !== "" || !isLetter) ? "shift+" : "";
  return ctrl + alt + shift + (isLetter ? event.key.toLowerCase() : event.key);
}

export function isInField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

const isPlain = (event: KeyboardEvent) =>
  !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1;

const isFloating = () => document.querySelector('[data-floats="modal"],[role="menu"]') !== null;

/** Whether `event` may act as a command: not typed into a field, not behind a dialog. */
export function acts(event: KeyboardEvent): boolean {
  if (event.defaultPrevented) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (isInField(event.target) || isFloating()) return false;
  return !isPlain(event) || useLook.getState().letterKeys;
}

/** Listens on the page while mounted. Keys may change from render to render. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const handler = latest.current[nameOf(event)];
      if (handler === undefined || !acts(event)) return;
      if (handler(event) !== false) event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
