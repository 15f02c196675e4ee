import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { configuration as configurationQuery } from "@/api/queries";
import { ago, date, exact } from "@/format";
import { Panel } from "@/parts/Panel";
import { Evidence } from "./Evidence";
import { Folds } from "./Folds";
import { HeatPanel } from "./HeatPanel";
import { OutOfSample } from "./OutOfSample";
import { type Configuration, configurationsOf, type Job, verdict as verdictQuery } from "./query";
import { RunPanel } from "./RunPanel";
import { Statistics } from "./Statistics";
import { ConfigurationTrials } from "./Trials";
import type { Asked as Address } from "./useChosen";
import type { Followed } from "./useJob";
import { VerdictHead } from "./VerdictHead";

type Props = {
  strategy: string;
  asked: Partial<Address>;
  /** The job in the address, if there is one. */
  job: Followed | null;
  jobs: Job[];
  set: (change: Partial<Address>) => void;
};

/** What a training found, and how much of it to believe. Without a job in the address: the newest
 * configuration of the strategy, whoever trained it. */
export function VerdictStep({ strategy, asked, job, jobs, set }: Props) {
  const { t } = useTranslation("studio");
  const all = useQuery(configurationsOf(strategy));
  const made = job?.job?.configuration_ids?.[0];
  const id = asked.configuration ?? (job === null ? all.data?.[0]?.id : made);
  return (
    <>
      <Basis id={id} all={all.data ?? NONE} set={set} />
      {id !== undefined ? (
        <Found key={id} id={id} />
      ) : job !== null ? (
        <RunPanel key={asked.job} followed={job} queue={jobs} />
      ) : (
        <Panel
          title={t("steps.verdict")}
          query={all}
          family="job"
          error={{ what: t("verdict.unread") }}
          empty={{
            text: t("verdict.none"),
            action: (
              <Link
                className="btn"
                to="."
                search={(before: object) => ({ ...before, step: "search" })}
              >
                {t("verdict.toSearch")}
              </Link>
            ),
          }}
        >
          {null}
        </Panel>
      )}
    </>
  );
}

function Found({ id }: { id: string }) {
  const told = useQuery(verdictQuery(id));
  return (
    <>
      <VerdictHead query={told} />
      <div className="g side-404 mt">
        <div className="g c2 stack">
          <ConfigurationTrials id={id} />
          <HeatPanel id={id} />
          <Folds query={told} />
          <OutOfSample id={id} />
        </div>
        <div className="max-wide:order-first">
          <Evidence query={told} />
        </div>
      </div>
      <div className="mt">
        <Statistics query={told} />
      </div>
    </>
  );
}

type BasisProps = { id: string | undefined; all: Configuration[] } & Pick<Props, "set">;

/** What the verdict rests on, the way to the configuration, and to the other trainings. */
function Basis({ id, all, set }: BasisProps) {
  const { t } = useTranslation("studio");
  const asked = useQuery({ ...configurationQuery(id ?? ""), enabled: id !== undefined });
  const found = id === undefined ? undefined : asked.data;
  return (
    <div className="row flex-wrap mb-2.5">
      {found && (
        <div
          className="row scroll-x gap-1.5!"
          role="group"
          aria-label={t("verdict.basis")}
          tabIndex={0}
        >
          <span className="chip">
            {found.pair}, {found.exchange}
          </span>
          <span className="chip">{found.interval}</span>
          <span className="chip">
            {t("verdict.span", { from: date(found.data_start), to: date(found.data_end) })}
          </span>
          <span className="chip mono" title={found.data_fingerprint}>
            {t("verdict.data", { hash: short(found.data_fingerprint) })}
          </span>
          <span className="chip mono">{t("verdict.code", { version: found.code_version })}</span>
        </div>
      )}
      <span className="sp row flex-wrap min-w-0">
        {all.length > 1 && (
          <select
            className="inp s"
            aria-label={t("verdict.which")}
            value={id ?? ""}
            onChange={({ target }) => set({ configuration: target.value, job: undefined })}
          >
            {id === undefined && <option value="">{t("verdict.which")}</option>}
            {all.map((one) => (
              <option key={one.id} value={one.id} title={exact(one.created_at)}>
                {one.pair} {one.interval}, {one.lifecycle_stage}, {ago(one.created_at)}
              </option>
            ))}
          </select>
        )}
        {id !== undefined && (
          <Link className="btn" to={`/configurations/${id}`}>
            {t("verdict.configuration")}
          </Link>
        )}
      </span>
    </div>
  );
}

const NONE: Configuration[] = [];
const short = (hash: string) => `${hash.slice(0, 4)}…${hash.slice(-4)}`;
