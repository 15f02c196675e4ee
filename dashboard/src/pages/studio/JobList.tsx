import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ago, count, exact, percent } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Icon, type IconName } from "@/parts/Icon";
import { type Asked, Panel } from "@/parts/Panel";
import type { Job } from "./query";

type Props = {
  query: Asked;
  jobs: Job[];
  /** With the name of the strategy: where jobs of several stand together. */
  named?: boolean;
  current?: string;
};

/** What was trained, is trained and waits, newest first. */
export function JobList({ query, jobs, named = false, current }: Props) {
  const { t } = useTranslation("studio");
  const navigate = useNavigate();
  const columns = useMemo<DataColumn<Job>[]>(
    () => [
      {
        id: "what",
        head: t(named ? "strategy" : "jobs.on"),
        phone: true,
        cell: (j) => (
          <span
            className={`${j.id === current ? "md" : ""} ${named ? "block py-1 leading-snug" : ""}`}
          >
            {named && <span className="name">{String(j.spec.strategy)}</span>}
            <span className={named ? "block t3 xs" : ""}>
              {String(j.spec.pair)} {String(j.spec.interval)}
            </span>
          </span>
        ),
      },
      {
        id: "state",
        head: t("jobs.state"),
        phone: true,
        sort: (j) => j.state,
        cell: (j) => <JobState job={j} />,
      },
      {
        id: "tries",
        head: t("jobs.tries"),
        numeric: true,
        sort: (j) => j.trials_done,
        cell: (j) => count(j.trials_done),
      },
      {
        id: "when",
        head: t("jobs.when"),
        numeric: true,
        phone: true,
        sort: (j) => j.created_at,
        cell: (j) => (
          <time className="t3" title={exact(j.created_at)}>
            {ago(j.created_at)}
          </time>
        ),
      },
    ],
    [t, named, current],
  );
  return (
    <Panel
      title={t("jobs.title")}
      meta={jobs.length || null}
      query={query}
      family="job"
      error={{ what: t("jobs.unread") }}
      empty={jobs.length === 0 && { text: t("jobs.empty") }}
    >
      <DataTable
        id={named ? "studio.jobs" : "studio.own"}
        label={t("jobs.title")}
        columns={columns}
        rows={jobs}
        rowKey={(j) => j.id}
        height="560px"
        onOpen={(j) =>
          void navigate({
            to: `/studio/${String(j.spec.strategy)}`,
            search: { job: j.id, step: j.state === "DONE" ? "verdict" : "search" },
          })
        }
      />
    </Panel>
  );
}

const LOOK: Record<Job["state"], [IconName, string]> = {
  QUEUED: ["clock", "t2"],
  RUNNING: ["play", "t2"],
  PAUSED: ["pause", "warn"],
  DONE: ["good", "pos"],
  FAILED: ["bad", "crit"],
  CANCELLED: ["close", "t3"],
};

export function JobState({ job }: { job: Job }) {
  const { t } = useTranslation("studio");
  const [icon, tone] = LOOK[job.state];
  const share = shareOf(job);
  return (
    <span className={`side ${tone}`}>
      <Icon name={icon} size="s" />
      {t(`jobs.states.${job.state}`)}
      {job.state === "RUNNING" && share !== null && <span>{percent(share, 0)}</span>}
    </span>
  );
}

/** How much of its tries is done, 0 to 1; null while nobody knows how many there will be. */
export function shareOf(job: Job): number | null {
  return job.trials_total ? Math.min(1, job.trials_done / job.trials_total) : null;
}
