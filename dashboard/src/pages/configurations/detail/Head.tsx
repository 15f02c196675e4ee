import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/app/PageHead";
import { ModeBadge, type Stage, StageBadge } from "@/parts/badges";
import { Icon } from "@/parts/Icon";
import { Menu } from "@/parts/Menu";
import type { useCommands } from "../commands/useCommands";
import { modesOf, nextStage, type Row, shortId } from "../rows";
import { useReport } from "./useReport";

type Props = { id: string; row?: Row; commands?: ReturnType<typeof useCommands> };

/** What it is called and where it stands; its report for everybody, commands for who may. */
export function Head({ id, row, commands }: Props) {
  const { t } = useTranslation("configurations");
  const report = useReport(id);
  const c = row?.configuration;
  const to = c && nextStage(c.lifecycle_stage as Stage);
  return (
    <PageHead
      title={
        <>
          <Link to="/configurations" className="crumb">
            {t("title")}
          </Link>{" "}
          <span className="crumb">/</span> {c?.strategy_name ?? shortId(id)}
        </>
      }
    >
      {c && (
        <>
          <StageBadge stage={c.lifecycle_stage as Stage} />
          <span className="t2 nw">
            {c.pair} <span className="t3">{c.interval}</span>
          </span>
          <span className="t3 mono xs only-d">{shortId(c.id)}</span>
          {modesOf(row.active.map((one) => one.activation)).map((mode) => (
            <ModeBadge key={mode} mode={mode} small />
          ))}
          <span className="sp row">
            <button
              type="button"
              className="btn"
              disabled={report.isPending}
              onClick={() => report.mutate(undefined)}
            >
              {t(report.isPending ? "report.making" : "report.save")}
            </button>
            {commands?.mayAct && (
              <>
                <Menu
                  label={t("card.actions", { name: c.strategy_name })}
                  items={commands.items(row)}
                >
                  <button type="button" className="btn">
                    {t("do.more")}
                    <Icon name="down" size="xs" />
                  </button>
                </Menu>
                {to && row.unmet === 0 && row.figures?.studied && (
                  <button
                    type="button"
                    className="btn"
                    onClick={() => commands.open("promote", row)}
                  >
                    {t("do.promote", { stage: to })}
                  </button>
                )}
                <button
                  type="button"
                  className="btn primary"
                  onClick={() => commands.open("activate", row)}
                >
                  <Icon name="play" size="s" />
                  {t("do.activate")}
                </button>
              </>
            )}
          </span>
        </>
      )}
    </PageHead>
  );
}
