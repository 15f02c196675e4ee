import { type PointerEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { count, percent, ratio, signedPercent } from "@/format";
import { ChartFrame } from "@/parts/charts/ChartFrame";
import { extentOf, nearest, scaleOf, stepFrom, ticksOf } from "./scale";
import type { Point } from "./trialPoints";

type Props = { points: Point[]; axis: string; axisName: string };
const WIDTH = 420;
const HEIGHT = 236;
const LEFT = 34;
const BOTTOM = 22;

/** A point a try, its Sharpe ratio upwards; arrows go from left to right through them. */
export function TrialScatter({ points, axis, axisName }: Props) {
  const { t } = useTranslation("studio");
  const [at, setAt] = useState<number | null>(null);
  const { x, y, across, up } = useMemo(() => {
    const across = extentOf(points.map((point) => point.x));
    const up = extentOf([0, ...points.map((point) => point.y)]);
    const x = scaleOf(across, [LEFT, WIDTH - 4]);
    const y = scaleOf(up, [HEIGHT - BOTTOM, 4]);
    return { x, y, across, up };
  }, [points]);
  // One path for all: thousands of circles would be thousands of elements.
  const cloud = useMemo(
    () => points.map((one) => `M${x(one.x).toFixed(1)} ${y(one.y).toFixed(1)}h0`).join(""),
    [points, x, y],
  );
  const best = points.reduce((one, other) => (other.y > one.y ? other : one));
  const chosen = points.find((point) => point.isChosen);
  const read = points[at ?? points.indexOf(chosen ?? best)];
  const write = writer(axis);
  const pick = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * WIDTH;
    const py = ((event.clientY - box.top) / box.height) * HEIGHT;
    setAt(
      nearest(
        points.map((one) => (x(one.x) - px) ** 2 + (y(one.y) - py) ** 2),
        0,
      ),
    );
  };
  return (
    <ChartFrame
      sentence={t("trials.sentence", {
        count: points.length,
        axis: axisName,
        low: ratio(Math.min(...points.map((point) => point.y))),
        high: ratio(best.y),
      })}
      height={HEIGHT}
      onKey={(event) => {
        const step = stepFrom(event);
        if (step === 0) return false;
        const now = at ?? points.indexOf(chosen ?? best);
        setAt(Math.min(Math.max(now + step, 0), points.length - 1));
        return true;
      }}
      table={() => ({
        columns: [
          { head: t("trials.number"), numeric: true },
          { head: t("parameters") },
          { head: t("trials.sharpe"), numeric: true },
          { head: t("axes.total_return"), numeric: true },
          { head: t("axes.max_drawdown"), numeric: true },
          { head: t("axes.trade_count"), numeric: true },
        ],
        rows: points
          .toSorted((a, b) => a.number - b.number)
          .map((one) => [
            count(one.number + 1),
            one.isChosen ? <b key="b">{`${one.set} (${t("trials.chosen")})`}</b> : one.set,
            ratio(one.y),
            signedPercent(one.earned),
            percent(one.drawdown),
            count(one.trades),
          ]),
      })}
    >
      <svg
        className="ch w-full"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        aria-hidden="true"
        onPointerMove={pick}
      >
        {ticksOf(up, 5).map((tick) => (
          <g key={tick}>
            <line
              x1={LEFT}
              x2={WIDTH}
              y1={y(tick)}
              y2={y(tick)}
              stroke={tick === 0 ? "var(--border-strong)" : "var(--grid)"}
            />
            <text x={LEFT - 7} y={y(tick) + 4} textAnchor="end">
              {ratio(tick, Number.isInteger(tick) ? 0 : 1)}
            </text>
          </g>
        ))}
        {ticksOf(across, 5).map((tick) => (
          <g key={tick}>
            <line x1={x(tick)} x2={x(tick)} y1={4} y2={HEIGHT - BOTTOM} stroke="var(--grid)" />
            <text x={x(tick)} y={HEIGHT - 6} textAnchor="middle">
              {write(tick)}
            </text>
          </g>
        ))}
        <path
          d={cloud}
          stroke="var(--series-1)"
          strokeWidth="5"
          strokeLinecap="round"
          opacity=".45"
        />
        {chosen && (
          <circle
            cx={x(chosen.x)}
            cy={y(chosen.y)}
            r="5"
            fill="var(--series-2)"
            stroke="var(--canvas)"
            strokeWidth="1.500"
          />
        )}
        <path
          transform={`translate(${x(best.x)} ${y(best.y)})`}
          d="m-4-4 8 8m0-8-8 8"
          stroke="var(--text)"
          strokeWidth="2"
        />
        {at !== null && read && (
          <circle cx={x(read.x)} cy={y(read.y)} r="7" fill="none" stroke="var(--text-2)" />
        )}
      </svg>
      <p className="cap t3" aria-live="polite">
        {read &&
          t("trials.told", {
            number: count(read.number + 1),
            set: read.set,
            sharpe: ratio(read.y),
            trades: count(read.trades),
          })}
      </p>
    </ChartFrame>
  );
}

/** Returns and drawdowns are fractions; the rest are plain numbers. */
function writer(axis: string): (value: number) => string {
  if (axis === "max_drawdown" || axis === "total_return") return (value) => percent(value, 0);
  return (value) => (Number.isInteger(value) ? count(value) : ratio(value));
}
