import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { date, percent, signedPercent } from "@/format";
import { Panel } from "@/parts/Panel";
import { Skeleton } from "@/parts/Skeleton";
import { outOfSample } from "./query";

const EquityPair = lazy(() => import("@/parts/charts/EquityPair"));
/** What it starts from, so that the curve reads as per cent. */
const START = 100;

/** The stretches after each search, one behind the other: bars no search had seen. */
export function OutOfSample({ id }: { id: string }) {
  const { t } = useTranslation("studio");
  const asked = useQuery(outOfSample(id));
  const found = asked.data;
  const points = useMemo(
    () =>
      (found?.items ?? []).map((point) => ({
        time: point.time,
        equity: point.value * START,
        drawdown: point.drawdown,
      })),
    [found],
  );
  return (
    <Panel
      title={t("later.title")}
      meta={t("later.meta")}
      query={asked}
      family="chart"
      error={{ what: t("later.unread") }}
      empty={points.length < 2 && { text: t("later.empty") }}
    >
      <div className="body">
        <Suspense fallback={<Skeleton family="chart" />}>
          <EquityPair
            points={points}
            heads={{ equity: t("later.growth"), drawdown: t("later.drawdown") }}
            height={236}
            sentence={t("later.sentence", {
              start: date(points[0]?.time),
              end: date(points.at(-1)?.time),
              earned: signedPercent(found?.total_return),
              drawdown: percent(found?.max_drawdown),
            })}
          />
        </Suspense>
      </div>
    </Panel>
  );
}
