/** One configuration: what it rests on, what it lacks, and where it runs. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { overview } from "@/api/queries";
import { Panel } from "@/parts/Panel";
import { Skeleton } from "@/parts/Skeleton";
import { useCommands } from "../commands/useCommands";
import { figuresList, verdict as verdictOf } from "../queries";
import { rowsOf } from "../rows";
import { Equity } from "./Equity";
import { Facts } from "./Facts";
import { Head } from "./Head";
import { Neighbours } from "./Neighbours";
import { NextStep } from "./NextStep";
import { Rules } from "./Rules";
import { Runs } from "./Runs";
import { Sentence } from "./Sentence";
import { Statistics } from "./Statistics";
import { Tiles } from "./Tiles";
import { Trades } from "./Trades";
import { useConfiguration } from "./useConfiguration";

export function DetailPage({ id }: { id: string }) {
  const { t } = useTranslation("configurations");
  const asked = useConfiguration(id);
  const verdict = useQuery(verdictOf(id));
  const figures = useQuery(figuresList());
  const now = useQuery(overview());
  const commands = useCommands();
  const configuration = asked.data;
  if (configuration === undefined) {
    return (
      <>
        <Head id={id} />
        {asked.isPending ? (
          <Skeleton family="form" />
        ) : (
          <Panel
            title={t("detail.none")}
            query={asked}
            error={{ what: t("detail.none"), effect: t("detail.noneEffect") }}
          >
            <Link to="/configurations">{t("title")}</Link>
          </Panel>
        )}
      </>
    );
  }
  const row = rowsOf([configuration], figures.data ?? [], now.data?.active ?? [])[0];
  return (
    <>
      <Head id={id} row={row} commands={commands} />
      <Tiles query={verdict} verdict={verdict.data} figures={row?.figures} />
      <Sentence verdict={verdict.data} />
      {/* In one column the panels stand by urgency: what runs, the verdict, then pictures. */}
      <div className="g side-384 mt">
        <div className="g stack max-wide:contents">
          <div className="max-wide:order-4">
            <Equity configuration={configuration} />
          </div>
          <div className="max-wide:order-2">
            <Rules query={verdict} verdict={verdict.data} />
          </div>
          <div className="max-wide:order-5">
            <Trades configuration={configuration} />
          </div>
          <div className="max-wide:order-6">
            <Statistics query={verdict} verdict={verdict.data} />
          </div>
        </div>
        <div className="g stack max-wide:contents">
          <div className="max-wide:order-1">
            <Runs row={row} onActivate={() => row && commands.open("activate", row)} />
          </div>
          <div className="max-wide:order-3">
            <NextStep
              row={row}
              verdict={verdict.data}
              onPromote={() => row && commands.open("promote", row)}
            />
          </div>
          <div className="max-wide:order-7">
            <Neighbours id={id} />
          </div>
          <div className="g stack max-wide:order-8">
            <Facts configuration={configuration} verdict={verdict.data} />
          </div>
        </div>
      </div>
      {commands.dialogs}
    </>
  );
}
