import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { wallets } from "@/api/queries";
import { useMay } from "@/app/session";
import { Panel } from "@/parts/Panel";
import { activationsOf } from "../queries";
import { isOver, nameOf, type Row } from "../rows";
import { Run } from "./Run";

const FEW = 3;

/** Where it runs and ran, each with its own commands. */
export function Runs({ row, onActivate }: { row: Row | undefined; onActivate: () => void }) {
  const { t } = useTranslation("configurations");
  const mayAct = useMay("operator");
  const asked = useQuery({
    ...activationsOf(row?.configuration.id ?? ""),
    enabled: row !== undefined,
  });
  const known = useQuery(wallets());
  const [all, setAll] = useState(false);
  const runs = asked.data ?? [];
  const running = runs.filter((one) => !isOver(one.state));
  const over = runs.filter((one) => isOver(one.state));
  const shown = [...running, ...(all ? over : over.slice(0, Math.max(0, FEW - running.length)))];
  return (
    <Panel
      title={t("runs.title")}
      meta={t("runs.meta", { count: running.length })}
      query={asked}
      family="tail"
      error={{ what: t("runs.unread") }}
      empty={
        runs.length === 0 && {
          text: t("runs.empty"),
          action: mayAct ? (
            <button type="button" className="btn" onClick={onActivate}>
              {t("do.activate")}
            </button>
          ) : undefined,
        }
      }
    >
      <ul className="runs" aria-label={t("runs.title")}>
        {shown.map((run) => (
          <Run
            key={run.id}
            run={run}
            name={row ? nameOf(row.configuration) : run.id}
            wallet={known.data?.find((one) => one.id === run.wallet_id)}
            active={row?.active.find((one) => one.activation.id === run.id)}
          />
        ))}
      </ul>
      {shown.length < runs.length && (
        <div className="row justify-center p-2">
          <button type="button" className="btn" onClick={() => setAll(true)}>
            {t("more", { count: runs.length - shown.length })}
          </button>
        </div>
      )}
      <div className="row flex-wrap p-3 xs">
        {(["markets", "signals"] as const).map((page) => (
          <Link
            key={page}
            className="lnk"
            to={`/${page}`}
            search={{ configuration: row?.configuration.id }}
          >
            {t(`runs.links.${page}`)}
          </Link>
        ))}
      </div>
    </Panel>
  );
}
