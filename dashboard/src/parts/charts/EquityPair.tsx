/**
 * Equity over drawdown on one time axis; behind it the range the backtest expected, 90 %, and beside
 * it another curve to compare it with.
 */
import {
  AreaSeries,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type LogicalRange,
} from "lightweight-charts";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { count, moment, money, percent } from "@/format";
import { By } from "./By";
import { Band } from "./band";
import { ChartFrame } from "./ChartFrame";
import { stepOf, toTime, useChart, zoomByKey } from "./chart";
import { faded } from "./tokens";

export type EquityPoint = { time: number; equity: number; drawdown: number };
export type Expected = { time: number; low: number; high: number };

export type EquityPairProps = {
  sentence: string;
  points: EquityPoint[];
  expected?: Expected[];
  /** A second, dashed curve at the same times; null where it has no value. */
  compare?: { head: string; values: (number | null)[] };
  heads: { equity: string; drawdown: string };
  height?: number;
  asTable?: boolean;
  onAsTable?: (asTable: boolean) => void;
};

type Made = {
  equity: ISeriesApi<"Line">;
  drawdown: ISeriesApi<"Area">;
  compare: ISeriesApi<"Line">;
  band: Band;
};

export default function EquityPair(props: EquityPairProps) {
  const { t } = useTranslation("parts");
  const { box, chart, tokens } = useChart({ handleScroll: false, handleScale: false });
  const made = useRef<Made | null>(null);
  const at = useRef<number | null>(null);
  const { points, expected, compare, height = 224 } = props;
  // Whole units, unless the whole range is but a few of them.
  const write = useRef<(value: number) => string>(count);
  write.current = spanOf(points) < 20 ? money : count;

  useEffect(() => {
    if (chart === null) return;
    const equity = chart.addSeries(LineSeries, {
      lineWidth: 2,
      priceFormat: {
        type: "custom",
        minMove: 0.01,
        formatter: (value: number) => write.current(value),
      },
    });
    const compare = chart.addSeries(LineSeries, {
      lineWidth: 1,
      lineStyle: LineStyle.Dashed,
      lastValueVisible: false,
      priceLineVisible: false,
      crosshairMarkerVisible: false,
      priceFormat: {
        type: "custom",
        minMove: 0.01,
        formatter: (value: number) => write.current(value),
      },
    });
    const drawdown = chart.addSeries(
      AreaSeries,
      {
        lineWidth: 1,
        invertFilledArea: true,
        lastValueVisible: false,
        priceLineVisible: false,
        priceFormat: { type: "custom", minMove: 0.0001, formatter: (v: number) => percent(v, 1) },
      },
      1,
    );
    const band = new Band();
    equity.attachPrimitive(band);
    chart.panes()[0]?.setStretchFactor(7);
    chart.panes()[1]?.setStretchFactor(3);
    made.current = { equity, drawdown, compare, band };
    return () => {
      made.current = null;
    };
  }, [chart]);

  useEffect(() => {
    made.current?.equity.applyOptions({
      color: tokens["series-1"],
      priceLineStyle: LineStyle.Dotted,
    });
    made.current?.compare.applyOptions({ color: tokens["series-2"] });
    made.current?.drawdown.applyOptions({
      lineColor: tokens.loss,
      topColor: faded(tokens.loss, 0.22),
      bottomColor: faded(tokens.loss, 0.22),
    });
  });

  useEffect(() => {
    if (chart === null || made.current === null) return;
    const { equity, drawdown, band } = made.current;
    made.current.compare.setData(
      points.flatMap((p, index) => {
        const value = compare?.values[index] ?? null;
        return value === null ? [] : [{ time: toTime(p.time), value }];
      }),
    );
    equity.setData(points.map((p) => ({ time: toTime(p.time), value: p.equity })));
    drawdown.setData(points.map((p) => ({ time: toTime(p.time), value: p.drawdown })));
    const range = (expected ?? []).map((e) => ({ time: toTime(e.time), low: e.low, high: e.high }));
    band.set(range, faded(tokens["series-5"], 0.13));
    // The range is part of the picture: without this the scale would cut it off.
    equity.applyOptions({
      autoscaleInfoProvider: (
        own: () => { priceRange: { minValue: number; maxValue: number } | null } | null,
      ) => {
        const found = own();
        if (found?.priceRange == null || range.length === 0) return found;
        return {
          priceRange: {
            minValue: Math.min(found.priceRange.minValue, ...range.map((r) => r.low)),
            maxValue: Math.max(found.priceRange.maxValue, ...range.map((r) => r.high)),
          },
        };
      },
    });
    chart.timeScale().fitContent();
  }, [chart, points, expected, compare, tokens]);

  const onKey = (event: KeyboardEvent): boolean => {
    if (chart === null || made.current === null || points.length === 0) return false;
    const step = stepOf(event);
    if (step === 0) return zoomByKey(chart, event.key, points.length);
    const next = Math.min(Math.max((at.current ?? points.length - 1) + step, 0), points.length - 1);
    at.current = next;
    const point = points[next];
    if (point === undefined) return false;
    chart.setCrosshairPosition(point.equity, toTime(point.time), made.current.equity);
    keepInView(chart.timeScale().getVisibleLogicalRange(), next, (range) =>
      chart.timeScale().setVisibleLogicalRange(range),
    );
    return true;
  };
  return (
    <ChartFrame
      sentence={props.sentence}
      height={height}
      asTable={props.asTable}
      onAsTable={props.onAsTable}
      onKey={onKey}
      by={<By />}
      table={() => ({
        columns: [
          { head: t("chart.time") },
          { head: props.heads.equity, numeric: true },
          ...(compare ? [{ head: compare.head, numeric: true }] : []),
          { head: props.heads.drawdown, numeric: true },
        ],
        rows: points
          .map((p, index) => [
            moment(p.time),
            money(p.equity),
            ...(compare ? [money(compare.values[index])] : []),
            percent(p.drawdown),
          ])
          .toReversed(),
      })}
    >
      <div ref={box} style={{ height }} />
    </ChartFrame>
  );
}

function spanOf(points: EquityPoint[]): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { equity } of points) {
    low = Math.min(low, equity);
    high = Math.max(high, equity);
  }
  return high - low;
}

function keepInView(range: LogicalRange | null, index: number, set: (range: LogicalRange) => void) {
  if (range === null || (index >= range.from && index <= range.to)) return;
  const width = range.to - range.from;
  const from = index < range.from ? index : index - width;
  set({ from, to: from + width } as LogicalRange);
}
