/** Late is not now: how old what is shown is, by the stream and by the server's own `as_of`. */
import { useEffect, useState } from "react";
import { useStream } from "@/api/stream";

/** Now, in milliseconds, again every `everyMs`. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export type Age = { isStale: boolean; ageMs: number };

// After a lost connection a moment passes before anybody is told: most come back at once.
const GRACE_MS = 3_000;

/**
 * The age of an answer. Without `asOf` it is as old as the last word from the server, because the
 * stream tells every change; with it, stale is what is older than `oldestMs`.
 */
export function useAge(asOf?: number | null, oldestMs?: number): Age {
  const { state, heardAt } = useStream();
  const now = useNow(asOf == null && state === "live" ? 60_000 : 1000);
  const silent = state === "down" ? Math.max(0, now - heardAt) : 0;
  if (asOf != null && oldestMs !== undefined) {
    const ageMs = Math.max(now - asOf, silent);
    return { isStale: ageMs > oldestMs, ageMs };
  }
  return { isStale: silent > GRACE_MS, ageMs: silent };
}
