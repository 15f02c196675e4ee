import type { Shapes } from "@/api/client";

type Alert = Shapes["AlertShape"];
/** Levels that are errors, the worst first. */
const WORST = ["critical", "error"];

/** Open alerts that are errors: the worst first, and of those the newest. */
export function openErrors(alerts: readonly Alert[]): Alert[] {
  return alerts
    .filter((alert) => alert.read_at === null && WORST.includes(alert.level))
    .sort((a, b) => WORST.indexOf(a.level) - WORST.indexOf(b.level) || b.time - a.time);
}
