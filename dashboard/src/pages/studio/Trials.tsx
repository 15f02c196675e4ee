import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { configuration as configurationQuery } from "@/api/queries";
import { count } from "@/format";
import { Icon } from "@/parts/Icon";
import { type Asked, Panel } from "@/parts/Panel";
import { configurationTrials, type Job, jobTrials, MOST_TRIALS, type Tried } from "./query";
import { TrialScatter } from "./TrialScatter";
import { axesOf, pointsOf } from "./trialPoints";

/** While it runs the tries are asked for again with so many new ones. */
const BUCKET = 100;
const NONE: Tried[] = [];

/** What a running job has tried so far, without a panel. */
export function JobTrials({ job }: { job: Job }) {
  const isOver = job.state !== "RUNNING";
  const known = isOver ? job.trials_done : Math.floor(job.trials_done / BUCKET);
  return <Trials query={useQuery(jobTrials(job.id, known))} bare />;
}

/** What a configuration was chosen from. */
export function ConfigurationTrials({ id }: { id: string }) {
  const chosen = useQuery(configurationQuery(id)).data?.parameters;
  return <Trials query={useQuery(configurationTrials(id))} chosen={chosen} />;
}

type Props = {
  query: Asked & { data?: Tried[] };
  chosen?: Record<string, unknown>;
  /** Without a panel around it. */
  bare?: boolean;
};

/** Every try over the searched bars: one good one among many poor ones is luck. */
function Trials({ query, chosen, bare = false }: Props) {
  const { t } = useTranslation("studio");
  const found = query.data ?? NONE;
  const axes = useMemo(() => axesOf(found), [found]);
  const [wanted, setWanted] = useState("trade_count");
  const axis = axes.includes(wanted) ? wanted : (axes[0] ?? "number");
  const points = useMemo(() => pointsOf(found, axis, chosen), [found, axis, chosen]);
  const name = (one: string) => t(`axes.${one}`, { defaultValue: one });
  const choice = (
    <label className="row xs t2">
      {t("trials.across")}
      <select className="inp s" value={axis} onChange={({ target }) => setWanted(target.value)}>
        {axes.map((one) => (
          <option key={one} value={one}>
            {name(one)}
          </option>
        ))}
      </select>
    </label>
  );
  const picture = points.length > 0 && (
    <>
      <TrialScatter points={points} axis={axis} axisName={name(axis)} />
      <div className="row flex-wrap mt-1">
        {choice}
        {found.length >= MOST_TRIALS && (
          <span className="t3 xs">{t("trials.first", { n: count(MOST_TRIALS) })}</span>
        )}
      </div>
    </>
  );
  if (bare)
    return picture ? (
      <div className="max-w-[460px]">{picture}</div>
    ) : (
      <p className="t3 xs">{t("trials.empty")}</p>
    );
  return (
    <Panel
      title={t("trials.title")}
      meta={found.length ? count(found.length) : null}
      query={query}
      family="chart"
      error={{ what: t("trials.unread") }}
      empty={points.length === 0 && { text: t("trials.empty") }}
      legend={
        <span className="sp legend">
          {points.some((point) => point.isChosen) && (
            <span>
              <svg width="10" height="10" aria-hidden="true">
                <circle cx="5" cy="5" r="4.500" fill="var(--series-2)" />
              </svg>
              {t("trials.chosen")}
            </span>
          )}
          <span>
            <Icon name="close" size="xs" />
            {t("trials.best")}
          </span>
        </span>
      }
    >
      <div className="body">{picture}</div>
    </Panel>
  );
}
