/** A training as it goes on: how far, how many tries, what it says, and how to stop it. */

import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { count, duration, exact, ratio } from "@/format";
import { useAge } from "@/parts/freshness";
import { Panel, StaleChip } from "@/parts/Panel";
import { CancelDialog } from "./CancelDialog";
import { JobState, shareOf } from "./JobList";
import { JobLog } from "./JobLog";
import type { Job } from "./query";
import { JobTrials } from "./Trials";
import type { Followed } from "./useJob";
import { useJobCommands } from "./useJobCommands";

type Props = { followed: Followed; queue: Job[] };
/** After so long without a word its worker is taken for lost, and another one takes over. */
const SILENT_MS = 40_000;

export function RunPanel({ followed, queue }: Props) {
  const { t } = useTranslation("studio");
  const { asked, job, heardAt } = followed;
  const age = useAge(job?.state === "RUNNING" ? heardAt : null, SILENT_MS);
  return (
    <Panel
      title={t("run.title")}
      meta={job && <time title={exact(job.created_at)}>{marketOf(job)}</time>}
      query={asked}
      family="job"
      error={{ what: t("run.unread") }}
      legend={job && <JobState job={job} />}
      action={
        job?.state === "RUNNING" &&
        age.isStale && (
          <span className="sp row">
            <StaleChip ageMs={age.ageMs} />
            <span className="stale xs only-d">{t("run.silent")}</span>
          </span>
        )
      }
    >
      {job && (
        <div className="body grid gap-3">
          <Progress job={job} ahead={aheadOf(job, queue)} />
          <Commands job={job} />
          <JobLog id={job.id} isRunning={job.state === "RUNNING"} />
          {job.trials_done > 0 && job.state !== "DONE" && (
            <details>
              <summary className="lnk xs">{t("run.soFar")}</summary>
              <p className="t3 xs mt-2">
                {t("run.best", { value: ratio(job.best), tries: count(job.trials_done) })}
              </p>
              <JobTrials job={job} />
            </details>
          )}
        </div>
      )}
    </Panel>
  );
}

function Progress({ job, ahead }: { job: Job; ahead: number }) {
  const { t } = useTranslation("studio");
  const share = shareOf(job);
  const isOver = job.state === "DONE";
  const percent = isOver ? 100 : Math.round((share ?? 0) * 100);
  const words = phaseOf(job, t);
  return (
    <>
      <div className="row flex-wrap">
        <span className="md">
          {t("run.tries", { count: job.trials_done, done: count(job.trials_done) })}
          {job.trials_total ? (
            <span className="t3"> {t("run.of", { total: count(job.trials_total) })}</span>
          ) : null}
        </span>
        <span className="t2" aria-live="polite">
          {job.state === "QUEUED" ? t("run.queued", { count: ahead }) : words}
        </span>
        {job.state === "RUNNING" && job.eta_s != null && job.eta_s > 0 && (
          <span className="t3 sp">{t("run.left", { time: duration(job.eta_s * 1000) })}</span>
        )}
      </div>
      <div
        className={`progress ${job.state === "RUNNING" || isOver ? "" : "held"}`}
        role="progressbar"
        aria-label={t("run.progress")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={t("run.tries", { count: job.trials_done, done: count(job.trials_done) })}
      >
        <i style={{ width: `${percent}%` }} />
      </div>
      {job.wish && (
        <p className="warn xs">{t(`run.wish.${job.wish}`, { defaultValue: job.wish })}</p>
      )}
      {job.error && (
        <p className="crit xs" role="alert">
          <span lang="en">{job.error}</span> {t("run.failed")}
        </p>
      )}
      {job.attempt > 1 && <p className="t3 xs">{t("run.attempt", { count: job.attempt })}</p>}
    </>
  );
}

function Commands({ job }: { job: Job }) {
  const { t } = useTranslation("studio");
  const mayTrain = useMay("operator");
  const { send, isPending, wishes } = useJobCommands(job);
  const [isAsking, ask] = useState(false);
  return (
    <div className="row flex-wrap">
      {isAsking && (
        <CancelDialog
          onClose={() => ask(false)}
          onYes={() => {
            ask(false);
            send("cancel");
          }}
        />
      )}
      {job.state === "DONE" && (
        <Link
          className="btn primary"
          to={`/studio/${String(job.spec.strategy)}`}
          search={(before: object) => ({
            ...before,
            job: job.id,
            configuration: undefined,
            step: "verdict",
          })}
        >
          {t("run.verdict")}
        </Link>
      )}
      {mayTrain &&
        wishes.map((wish) => (
          <button
            key={wish}
            type="button"
            className="btn"
            disabled={isPending}
            // A pause can be taken back; what is cancelled has ended for good.
            onClick={() => (wish === "cancel" ? ask(true) : send(wish))}
          >
            {t(`run.wishes.${wish}`)}
          </button>
        ))}
    </div>
  );
}

const marketOf = (job: Job) =>
  `${String(job.spec.strategy)}, ${String(job.spec.pair)} ${String(job.spec.interval)}`;

/** How many wait before it. */
function aheadOf(job: Job, all: Job[]): number {
  return all.filter(
    (one) =>
      one.id !== job.id &&
      (one.state === "RUNNING" || one.state === "QUEUED") &&
      one.created_at < job.created_at,
  ).length;
}

/** Where it is, in words: `fold-3` is the third fold. */
function phaseOf(job: Job, t: TFunction<"studio">): string {
  if (job.state !== "RUNNING" || !job.phase) return "";
  const [, kind = job.phase, number] = /^(.*?)-(\d+)$/.exec(job.phase) ?? [];
  const said = t(`run.phases.${kind}`, { number, defaultValue: job.phase });
  return job.message ? `${said}: ${job.message}` : said;
}
