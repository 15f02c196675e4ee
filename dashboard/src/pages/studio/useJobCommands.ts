import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import type { Job } from "./query";

export type Wish = "pause" | "resume" | "cancel";

const POSSIBLE: Record<Job["state"], readonly Wish[]> = {
  QUEUED: ["pause", "cancel"],
  RUNNING: ["pause", "cancel"],
  PAUSED: ["resume", "cancel"],
  FAILED: ["resume"],
  DONE: [],
  CANCELLED: [],
};

/** What can be asked of a job as it is; a wish that was not heeded yet can be taken back. */
export function useJobCommands(job: Job) {
  const { t } = useTranslation("studio");
  const command = useCommand({
    run: (wish: Wish, key) => {
      const params = { path: { job_id: job.id }, header: { "idempotency-key": key } };
      if (wish === "pause")
        return got(api.POST("/api/v1/training/jobs/{job_id}/pause", { params }));
      if (wish === "resume")
        return got(api.POST("/api/v1/training/jobs/{job_id}/resume", { params }));
      return got(api.POST("/api/v1/training/jobs/{job_id}/cancel", { params }));
    },
    touches: ["jobs"],
    done: (_, wish) => t(`run.done.${wish}`),
  });
  const wishes: readonly Wish[] = job.wish === null ? POSSIBLE[job.state] : ["resume"];
  return { send: (wish: Wish) => command.mutate(wish), isPending: command.isPending, wishes };
}
