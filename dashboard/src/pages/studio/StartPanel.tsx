import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { count } from "@/format";
import { Panel } from "@/parts/Panel";
import { sizeOf, triesOf } from "./draft";
import { Refusal } from "./Refusal";
import { fieldOf } from "./refusal";
import type { SearchProps } from "./SearchStep";

/** What is about to be asked for, in words; what was refused, in one place. */
export function StartPanel({ params, draft, chosen: choice, start }: SearchProps) {
  const { t } = useTranslation("studio");
  const { chosen, kept } = choice;
  const size = sizeOf(params, draft);
  const tries = triesOf(draft.settings);
  const wrong = start.error === null ? null : fieldOf(start.error);
  const isData = wrong === "dates" || wrong === "data";
  const days = chosen?.from || chosen?.to;
  return (
    <Panel title={t("start.title")} query={kept} family="form" error={{ what: t("data.unread") }}>
      <div className="body grid gap-3">
        <dl className="kv">
          <dt>{t("start.on")}</dt>
          <dd>{chosen ? `${chosen.pair}, ${chosen.interval}` : t("start.noData")}</dd>
          <dt>{t("start.days")}</dt>
          <dd>
            {days
              ? t("start.between", { from: chosen?.from ?? "…", to: chosen?.to ?? "…" })
              : t("start.allDays")}{" "}
            <ToData>{t("start.change")}</ToData>
          </dd>
          <dt>{t("start.sets")}</dt>
          <dd>{Number.isFinite(size) ? count(size) : t("start.noEnd")}</dd>
          <dt>{t("start.tries")}</dt>
          <dd>{tries === null ? "–" : count(tries)}</dd>
        </dl>
        <p className="t3 xs leading-normal">{t("start.honest")}</p>
        {start.error && (wrong === null || isData || !wrong.startsWith("parameter.")) && (
          <Refusal error={start.error}>{isData && <ToData>{t("start.toData")}</ToData>}</Refusal>
        )}
        {wrong?.startsWith("parameter.") && (
          <p className="crit xs">{t("start.seeField", { name: wrong.slice(10) })}</p>
        )}
        <button type="submit" className="btn primary" disabled={chosen === null || start.isPending}>
          {start.isPending ? t("start.asked") : t("start.go")}
        </button>
      </div>
    </Panel>
  );
}

function ToData({ children }: { children: string }) {
  return (
    <Link
      className="lnk xs"
      to="."
      search={(before: object) => ({ ...before, step: "data" })}
      replace
    >
      {children}
    </Link>
  );
}
