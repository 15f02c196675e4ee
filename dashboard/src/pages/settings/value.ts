import type { Shapes } from "@/api/client";

export type Setting = Shapes["SettingShape"];

/** A value as a person reads and types it; nothing for null. */
export function written(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed, as the kind of value that stands there now. */
export function typed(text: string, like: unknown): unknown {
  if (text.trim() === "") return null;
  if (typeof like === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    // The server says what it expected.
    return text;
  }
}
