import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { duration, percent, ratio } from "@/format";
import { EvidenceRow } from "@/parts/EvidenceRow";
import { useNow } from "@/parts/freshness";
import { type Asked, Panel } from "@/parts/Panel";
import { judged, type Verdict } from "./tracked";

type Props = {
  tracked: Asked & { data?: Shapes["TrackingShape"]; dataUpdatedAt: number; isFetching: boolean };
};

const WRITE: Record<Verdict["rule"], (value: number | null) => string> = {
  cusum: (value) => ratio(value),
  drawdown: (value) => percent(value),
  slippage: (value) => ratio(value, 1),
  match: (value) => percent(value, 1),
};

/** Is what trades now what was tested? Four rules, each against the line of its backtest. */
export function Verdicts({ tracked }: Props) {
  const { t } = useTranslation("performance");
  const now = useNow(30_000);
  const told = tracked.data;
  const verdicts = told === undefined ? [] : judged(told);
  const worst = verdicts.some((one) => one.state === "unmet")
    ? "unmet"
    : verdicts.some((one) => one.state === "note" && one.why === null)
      ? "note"
      : verdicts.every((one) => one.why !== null)
        ? "unknown"
        : "met";
  return (
    <Panel
      title={t("tracking.title")}
      meta={
        told && told.feed !== null
          ? t("tracking.of", { count: told.days, feed: t(`feeds.${told.feed}`) })
          : null
      }
      query={tracked}
      rows={6}
      error={{ what: t("tracking.unread") }}
      empty={told?.activations === 0 && { text: t("tracking.empty") }}
    >
      <p className="body md">{t(`tracking.worst.${worst}`)}</p>
      {verdicts.map((one) => (
        <Rule key={one.rule} verdict={one} told={told} />
      ))}
      <p className="body row t3 xs mt">
        {t("tracking.measured", { when: duration(Math.max(now - tracked.dataUpdatedAt, 0)) })}
        <button
          type="button"
          className="lnk sp"
          disabled={tracked.isFetching}
          onClick={() => tracked.refetch()}
        >
          {t(tracked.isFetching ? "tracking.measuring" : "tracking.again")}
        </button>
      </p>
    </Panel>
  );
}

function Rule({ verdict, told }: { verdict: Verdict; told: Shapes["TrackingShape"] | undefined }) {
  const { t } = useTranslation("performance");
  const { rule, state, why, value, watch, limit } = verdict;
  const write = WRITE[rule];
  const plain = why === null ? t(`tracking.${rule}.${state}`) : t(`tracking.${why}`);
  return (
    <EvidenceRow
      state={state}
      name={t(`tracking.${rule}.name`)}
      plain={plain}
      value={write(value)}
      threshold={
        limit === null
          ? null
          : t(`tracking.${rule}.limit`, { watch: write(watch), limit: write(limit) })
      }
    >
      <p>{t(`tracking.${rule}.formula`, { fills: told?.slippage?.fills ?? 0 })}</p>
      {why === "noPromise" && told?.why_not && <p className="mono">{told.why_not}</p>}
    </EvidenceRow>
  );
}
