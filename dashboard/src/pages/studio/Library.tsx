import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/app/PageHead";
import { count } from "@/format";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Icon } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { JobList } from "./JobList";
import { jobs, type Strategy, strategies } from "./query";
import { paramsOf } from "./schema";

/** Every strategy, those that could not be loaded, and what was trained. */
export function Library() {
  const { t } = useTranslation("studio");
  const navigate = useNavigate();
  const asked = useQuery(strategies());
  const done = useQuery(jobs());
  const columns = useMemo<DataColumn<Strategy>[]>(
    () => [
      {
        id: "name",
        head: t("strategy"),
        phone: true,
        sort: (s) => s.name,
        cell: (s) => <span className="name">{s.name}</span>,
      },
      {
        id: "says",
        head: t("library.says"),
        cell: (s) => (
          <span className="t2 block max-w-[52ch] truncate" lang="en" title={firstOf(s.description)}>
            {firstOf(s.description)}
          </span>
        ),
      },
      {
        id: "parameters",
        head: t("parameters"),
        numeric: true,
        phone: true,
        sort: (s) => paramsOf(s.parameters).length,
        cell: (s) => count(paramsOf(s.parameters).length),
      },
      {
        id: "source",
        head: t("library.source"),
        sort: (s) => s.source,
        cell: (s) => <Source source={s.source} />,
      },
    ],
    [t],
  );
  const items = asked.data?.items ?? [];
  const problems = asked.data?.problems ?? [];
  return (
    <>
      <PageHead title={t("title")}>
        <span className="t3">{t("library.lead")}</span>
      </PageHead>
      <div className="g side-404">
        <div className="g stack">
          <Panel
            title={t("library.title")}
            meta={items.length || null}
            query={asked}
            rows={10}
            error={{ what: t("library.unread") }}
            empty={items.length === 0 && { text: t("library.empty") }}
          >
            <DataTable
              id="studio.strategies"
              label={t("library.title")}
              columns={columns}
              rows={items}
              rowKey={(s) => s.name}
              onOpen={(s) => void navigate({ to: `/studio/${s.name}` })}
            />
          </Panel>
          {problems.length > 0 && (
            <Panel title={t("library.problems")} meta={problems.length}>
              <ul className="todo">
                {problems.map((problem) => (
                  <li key={problem.source}>
                    <Icon name="bad" className="neg" />
                    <span className="md mono break-all">{problem.source}</span>
                    <span className="mono t3 xs">{problem.code}</span>
                    <p lang="en">{problem.message}</p>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
        <JobList query={done} jobs={done.data ?? []} named />
      </div>
    </>
  );
}

export function Source({ source }: { source: string }) {
  const { t } = useTranslation("studio");
  return source === "shipped" ? (
    <span className="t3">{t("library.shipped")}</span>
  ) : (
    <span className="mono">{source.split("/").at(-1)}</span>
  );
}

/** The first sentence of a description, on one line. */
const firstOf = (text: string) => /^[^.]*\.?/.exec(text.replace(/\s+/g, " "))?.[0] ?? text;
