/** The log as it is written: filtered, followed, and from a line to its trade. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { useKeys } from "@/app/keys";
import { PageHead } from "@/app/PageHead";
import { exact, moment } from "@/format";
import { StreamWord } from "@/parts/EventTail";
import { Icon, type IconName } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { LineDrawer } from "./LineDrawer";
import { logLines } from "./query";

export type Line = Shapes["LogShape"];
const LEVELS = ["all", "info", "warning", "error"] as const;
type Level = (typeof LEVELS)[number];
const LOOK: Record<string, [IconName, string]> = {
  error: ["bad", "crit"],
  critical: ["bad", "crit"],
  warning: ["warn", "warn"],
};

export default function Logs() {
  const { t } = useTranslation("logs");
  const [level, setLevel] = useState<Level>("all");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<Line | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const filter = useMemo(
    () => ({
      ...(level === "all" ? {} : { level }),
      ...(text.trim() === "" ? {} : { containing: text.trim() }),
    }),
    [level, text],
  );
  const asked = useQuery(logLines(filter));
  const { shown, waiting, follows, follow, showAll } = useHeld(asked.data);
  useKeys({ "/": () => field.current?.focus() });
  const empty = asked.data?.length === 0;
  const isFiltered = level !== "all" || text !== "";
  return (
    <>
      <PageHead title={t("title")}>
        <Segments<Level>
          label={t("level")}
          value={level}
          onChange={setLevel}
          options={LEVELS.map((value) => ({ value, label: t(`levels.${value}`) }))}
        />
        <input
          ref={field}
          className="inp s"
          type="search"
          value={text}
          placeholder={t("filter")}
          aria-label={t("filter")}
          onChange={(event) => setText(event.target.value)}
        />
        <label className="row t2 sp">
          <input
            type="checkbox"
            className="check"
            checked={follows}
            onChange={(event) => follow(event.target.checked)}
          />
          {t("follow")}
        </label>
        <StreamWord />
      </PageHead>
      <Panel
        title={t("lines")}
        family="tail"
        rows={12}
        query={asked}
        error={{ what: t("unread") }}
        empty={
          empty && {
            text: isFiltered ? t("noMatch") : t("empty"),
            action: isFiltered ? (
              <button
                type="button"
                className="btn"
                onClick={() => {
                  setLevel("all");
                  setText("");
                }}
              >
                {t("clear")}
              </button>
            ) : undefined,
          }
        }
        action={
          waiting > 0 ? (
            <button type="button" className="btn sp" onClick={showAll}>
              {t("waiting", { count: waiting })}
            </button>
          ) : undefined
        }
      >
        <Lines lines={shown} onOpen={setChosen} />
      </Panel>
      <LineDrawer line={chosen} onClose={() => setChosen(null)} />
    </>
  );
}

/** What was shown when following stopped, and how many lines came since. */
function useHeld(lines: Line[] = []) {
  const [heldFrom, setHeldFrom] = useState<number | null>(null);
  const newest = lines[0]?.id ?? 0;
  const shown = lines.filter((line) => heldFrom === null || line.id <= heldFrom);
  return {
    shown,
    waiting: lines.length - shown.length,
    follows: heldFrom === null,
    follow: (yes: boolean) => setHeldFrom(yes ? null : newest),
    showAll: () => setHeldFrom(newest),
  };
}

function Lines({ lines, onOpen }: { lines: Line[]; onOpen: (line: Line) => void }) {
  const { t } = useTranslation("logs");
  return (
    <ul className="log tail" tabIndex={0} aria-label={t("lines")}>
      {lines.map((line) => {
        const [icon, tone] = LOOK[line.level] ?? ["info", "t3"];
        return (
          <li key={line.id}>
            <time dateTime={new Date(line.timestamp).toISOString()} title={exact(line.timestamp)}>
              {moment(line.timestamp)}
            </time>
            <Icon
              name={icon}
              size="s"
              className={tone}
              label={t(`levels.${line.level}`, line.level)}
            />
            <span className="row wrap">
              <button type="button" className="lnk plain" onClick={() => onOpen(line)}>
                {line.message}
              </button>
              {line.trade_id && (
                <Link className="lnk" to="/markets" search={{ trade: line.trade_id }}>
                  {t("toTrade")}
                </Link>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
