import { useQueries } from "@tanstack/react-query";
import { lazy, Suspense, useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Shapes } from "@/api/client";
import { money } from "@/format";
import { Skeleton } from "@/parts/Skeleton";
import { growth } from "../queries";
import { nameOf, type Row } from "../rows";

const Lines = lazy(() => import("@/parts/charts/Lines"));
const POINTS = 240;
/** Shown as what a hundred became. */
const START = 100;

type Asked = { isPending: boolean; data: Shapes["EquityShape"] | undefined };

function joined(rows: Row[], asked: Asked[]) {
  const lines = rows.map((row, index) => ({
    name: nameOf(row.configuration),
    points: (asked[index]?.data?.series[0]?.items ?? []).map(({ time, value }) => ({
      time,
      value: value * START,
    })),
  }));
  return { isPending: asked.some((one) => one.isPending), lines };
}

/** What a hundred became of each, on the days that no search saw. */
export function CompareChart({ rows }: { rows: Row[] }) {
  const { t } = useTranslation("configurations");
  const { isPending, lines } = useQueries({
    queries: rows.map((row) => growth(row.configuration.id, "out_of_sample", POINTS)),
    combine: useCallback((asked: Asked[]) => joined(rows, asked), [rows]),
  });
  const known = lines.filter((line) => line.points.length > 1);
  const told = known.map((line) => `${line.name} ${money(line.points.at(-1)?.value)}`);
  return (
    <figure className="fig">
      <figcaption className="t3 xs">{t("compare.chart")}</figcaption>
      {isPending ? (
        <Skeleton family="chart" />
      ) : known.length === 0 ? (
        <p className="t2 mt">{t("compare.noChart")}</p>
      ) : (
        <Suspense fallback={<Skeleton family="chart" />}>
          <Lines
            key={rows.map((row) => row.configuration.id).join()}
            sentence={t("compare.sentence", { told: told.join("; ") })}
            lines={lines}
          />
        </Suspense>
      )}
    </figure>
  );
}
