import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { date, money, percent, signedPercent } from "@/format";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { Skeleton } from "@/parts/Skeleton";
import { type Configuration, type Growth, growth, tracking } from "../queries";
import { nameOf } from "../rows";
import { liveCurve } from "./liveCurve";

const EquityPair = lazy(() => import("@/parts/charts/EquityPair"));

const SERIES = ["out_of_sample", "backtest", "market", "live"] as const;
type Series = (typeof SERIES)[number];
/** Shown as what a hundred became. */
const START = 100;

/** How it grew on days no search saw, in its backtest, and since it runs, beside what was expected. */
export function Equity({ configuration }: { configuration: Configuration }) {
  const { t } = useTranslation("configurations");
  const [series, setSeries] = useState<Series>("out_of_sample");
  const isLive = series === "live";
  const kept = useQuery({
    ...growth(configuration.id, isLive ? "out_of_sample" : (series as Growth)),
    enabled: !isLive,
  });
  const lived = useQuery({ ...tracking(configuration.id), enabled: isLive });
  const live = useMemo(
    () => (lived.data ? liveCurve(lived.data.live, lived.data.expected, START) : null),
    [lived.data],
  );
  const points = useMemo(
    () =>
      isLive
        ? (live?.points ?? [])
        : (kept.data?.series[0]?.items ?? []).map(({ time, value, drawdown }) => ({
            time,
            equity: value * START,
            drawdown,
          })),
    [isLive, live, kept.data],
  );
  const last = points.at(-1);
  const deepest = Math.min(0, ...points.map((point) => point.drawdown));
  const whyNot = isLive ? lived.data?.why_not : kept.data?.why_not;
  return (
    <Panel
      className="wraps"
      title={t("equity.title")}
      meta={
        last &&
        t("equity.meta", { gain: signedPercent(last.equity / START - 1), fall: percent(deepest) })
      }
      family="chart"
      query={isLive ? lived : kept}
      error={{ what: t("equity.unread") }}
      empty={
        points.length < 2 && {
          text: (
            <>
              {t(`equity.empty.${series}`)} {whyNot && <span lang="en">{whyNot}</span>}
            </>
          ),
        }
      }
      action={
        <Segments<Series>
          className="sp"
          label={t("equity.which")}
          value={series}
          onChange={setSeries}
          options={SERIES.map((value) => ({ value, label: t(`equity.series.${value}`) }))}
        />
      }
    >
      <div className="body">
        {kept.data?.same_data === false && series === "backtest" && (
          <p className="warn xs mb-2">{t("equity.otherData")}</p>
        )}
        <Suspense fallback={<Skeleton family="chart" />}>
          <EquityPair
            key={series}
            points={points}
            expected={isLive ? live?.expected : undefined}
            heads={{ equity: t("equity.worth"), drawdown: t("equity.drawdown") }}
            sentence={t("equity.sentence", {
              name: nameOf(configuration),
              series: t(`equity.series.${series}`),
              to: money(last?.equity),
              start: date(points[0]?.time),
              end: date(last?.time),
              drawdown: percent(deepest),
            })}
          />
        </Suspense>
        <p className="cap t3">{t(`equity.notes.${series}`)}</p>
      </div>
    </Panel>
  );
}
