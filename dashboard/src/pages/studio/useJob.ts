/** One job as it goes on: read once, then kept by what the stream says of it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { onEvent } from "@/api/stream";
import { type Job, job } from "./query";

export type Followed = ReturnType<typeof useJob>;

/** With when its runner was last heard, by the server's clock; null before it said anything. */
export function useJob(id: string | undefined) {
  const client = useQueryClient();
  const [heard, setHeard] = useState<{ id: string; time: number } | null>(null);
  useEffect(() => {
    if (id === undefined) return;
    return onEvent((event) => {
      if (event.type !== "job.progress" || event.entity_id !== id) return;
      client.setQueryData(job(id).queryKey, (before) => before && told(before, event.payload));
      setHeard({ id, time: event.time });
    });
  }, [client, id]);
  const asked = useQuery({ ...job(id ?? ""), enabled: id !== undefined });
  return {
    asked,
    job: asked.data ?? null,
    heardAt: heard !== null && heard.id === id ? heard.time : null,
  };
}

/** The job with what an event says of it; the rest of the payload is for its runner. */
export function told(before: Job, payload: Record<string, unknown>): Job {
  const known = Object.entries(payload).filter(([name]) => SAID.has(name));
  return { ...before, ...Object.fromEntries(known) };
}

const SAID: ReadonlySet<string> = new Set([
  "state",
  "wish",
  "error",
  "phase",
  "message",
  "trials_done",
  "trials_total",
  "best",
  "eta_s",
  "configuration_ids",
]);
