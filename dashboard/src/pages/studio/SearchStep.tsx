import { type FormEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import type { Asked } from "@/parts/Panel";
import type { Draft } from "./draft";
import { JobList } from "./JobList";
import { ParameterForm } from "./ParameterForm";
import type { Job } from "./query";
import { RunPanel } from "./RunPanel";
import { SearchSettings } from "./SearchSettings";
import { StartPanel } from "./StartPanel";
import type { Param } from "./schema";
import type { Choice } from "./useChosen";
import type { Followed } from "./useJob";
import type { Start } from "./useStart";

export type SearchProps = {
  params: Param[];
  draft: Draft;
  onDraft: (draft: Draft) => void;
  chosen: Choice;
  followed: Followed;
  shownId: string | undefined;
  jobs: Asked & { data?: Job[] };
  start: Start;
  onStart: () => void;
};

/** What to search, how, and the run itself. A viewer sees the runs and no form to start one. */
export function SearchStep(props: SearchProps) {
  const { t } = useTranslation("studio");
  const mayTrain = useMay("operator");
  const { jobs, shownId } = props;
  const box = useRef<HTMLDivElement>(null);
  const started = props.start.data?.id;
  // Who has started one wants to see it go, and with the keyboard to be where it can be stopped.
  useEffect(() => {
    if (started !== undefined && started === shownId) box.current?.focus();
  }, [started, shownId]);
  const run = shownId !== undefined && (
    <div ref={box} tabIndex={-1} role="group" aria-label={t("run.title")}>
      <RunPanel followed={props.followed} queue={jobs.data ?? []} key={shownId} />
    </div>
  );
  const list = <JobList query={jobs} jobs={jobs.data ?? []} current={shownId} />;
  if (!mayTrain) {
    return (
      <div className="g side-404">
        <div className="g stack">
          {run || <p className="panel body pt-3 t2">{t("run.none")}</p>}
        </div>
        {list}
      </div>
    );
  }
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!props.start.isPending) props.onStart();
  };
  return (
    <form className="g side-404" onSubmit={send} noValidate>
      <div className="g stack max-wide:contents">
        {run}
        <ParameterForm {...props} />
        {/* In one column what was trained before comes last. */}
        <div className="max-wide:order-last">{list}</div>
      </div>
      <div className="g stack max-wide:contents">
        <SearchSettings {...props} />
        <StartPanel {...props} />
      </div>
    </form>
  );
}
