import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { clock, exact } from "@/format";
import { Icon } from "@/parts/Icon";
import { jobLog } from "./query";

/** What the job has said, newest first. It says it in English, as the log does. */
export function JobLog({ id, isRunning }: { id: string; isRunning: boolean }) {
  const { t } = useTranslation("studio");
  const asked = useQuery(jobLog(id));
  const lines = asked.data ?? [];
  return (
    <details open={isRunning}>
      <summary className="lnk xs">{t("run.log", { count: lines.length })}</summary>
      {asked.error ? (
        <p className="crit xs">{t("run.noLog")}</p>
      ) : (
        <ol
          className="log scroll-y mt-1"
          style={{ maxHeight: 168 }}
          aria-label={t("run.logLabel")}
          tabIndex={0}
        >
          {lines.map((line) => (
            <li key={line.id}>
              <time title={exact(line.timestamp)}>{clock(line.timestamp)}</time>
              <Icon
                name={line.level === "info" ? "info" : "warn"}
                size="s"
                className={line.level === "info" ? "t3" : "warn"}
              />
              <span lang="en">{line.message.replace(/^\S+ \S+ \S+ \S+: /, "")}</span>
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}
