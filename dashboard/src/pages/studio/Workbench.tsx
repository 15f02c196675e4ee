import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/app/PageHead";
import { usePageSearch } from "@/app/router";
import { useMay } from "@/app/session";
import { Panel } from "@/parts/Panel";
import { DataStep } from "./DataStep";
import { type Draft, draftOf, fixedOf, requestOf } from "./draft";
import { GraphStep } from "./GraphStep";
import { type Job, jobs, strategies } from "./query";
import { SearchStep } from "./SearchStep";
import { paramsOf } from "./schema";
import { type Asked, useChosen } from "./useChosen";
import { useJob } from "./useJob";
import { useStart } from "./useStart";
import { VerdictStep } from "./VerdictStep";

const STEPS = ["graph", "data", "search", "verdict"] as const;
const OPEN: ReadonlySet<Job["state"]> = new Set(["QUEUED", "RUNNING", "PAUSED"]);
const NONE: Job[] = [];

/** One strategy on its way: four steps over one draft, which lives as long as one stays here. */
export function Workbench({ name }: { name: string }) {
  const { t } = useTranslation("studio");
  const [search, set] = usePageSearch<Asked>();
  const mayTrain = useMay("operator");
  const all = useQuery(strategies());
  const found = all.data?.items.find((one) => one.name === name.toLowerCase());
  const params = paramsOf(found?.parameters);
  const [written, write] = useState<Draft | null>(null);
  const draft = written ?? draftOf(params);
  const chosen = useChosen(search);
  const own = useQuery({ ...jobs(found?.name), enabled: found !== undefined });
  const step = STEPS.find((one) => one === search.step) ?? "graph";
  // Without one in the address: one that is not over.
  const mine = own.data ?? NONE;
  const open = mine.find((one) => OPEN.has(one.state)) ?? (mayTrain ? undefined : mine[0]);
  const shownId = search.job ?? open?.id;
  const followed = useJob(shownId);
  const start = useStart((id) => set({ job: id, configuration: undefined, step: "search" }));
  if (all.data !== undefined && found === undefined) {
    return (
      <>
        <PageHead title={t("title")} />
        <Panel
          title={name}
          empty={{
            text: t("unknown", { name }),
            action: (
              <Link className="btn" to="/studio">
                {t("toLibrary")}
              </Link>
            ),
          }}
        >
          {null}
        </Panel>
      </>
    );
  }
  const series = chosen.chosen;
  return (
    <>
      <PageHead
        title={
          <>
            <Link className="t3 font-normal only-d" to="/studio">
              {t("title")} /{" "}
            </Link>
            {found?.name ?? name}
          </>
        }
      >
        <nav className="tabs desk:ml-3" aria-label={t("steps.label")}>
          {STEPS.map((one) => (
            <Link
              key={one}
              to={`/studio/${name}`}
              search={{ ...search, step: one }}
              replace
              aria-current={one === step ? "step" : undefined}
            >
              {t(`steps.${one}`)}
            </Link>
          ))}
        </nav>
        <Link className="lnk xs only-p" to="/studio">
          {t("toLibrary")}
        </Link>
      </PageHead>
      {found === undefined ? (
        <Panel title={name} query={all} error={{ what: t("library.unread") }}>
          {null}
        </Panel>
      ) : step === "graph" ? (
        <GraphStep
          strategy={found}
          values={fixedOf(params, draft)}
          interval={series?.interval ?? "1h"}
        />
      ) : step === "data" ? (
        <DataStep chosen={chosen} set={set} refused={start.error} />
      ) : step === "search" ? (
        <SearchStep
          params={params}
          draft={draft}
          onDraft={write}
          chosen={chosen}
          followed={followed}
          shownId={shownId}
          jobs={own}
          start={start}
          onStart={() => series && start.mutate(requestOf(found.name, params, draft, series))}
        />
      ) : (
        <VerdictStep
          strategy={found.name}
          asked={search}
          job={search.job === undefined ? null : followed}
          jobs={mine}
          set={set}
        />
      )}
    </>
  );
}
