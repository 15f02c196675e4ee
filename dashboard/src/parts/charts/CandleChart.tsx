/**
 * Candles with volume, lines of a strategy's graph, marks of what happened, and the open trade.
 * ← → read bar by bar (Shift ten), + − zoom, V shows the bars as a table.
 */
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { moment, price, quantity } from "@/format";
import { By } from "./By";
import { type Bar, type Bars, barAt, indexAt } from "./bars";
import { ChartFrame } from "./ChartFrame";
import { CandleSeries, type Level, type Overlay } from "./candleSeries";
import { stepOf, toTime, useChart, zoomByKey } from "./chart";
import type { Mark } from "./marks";
import type { OpenTrade } from "./zone";

export type { Bar, Bars } from "./bars";
export type { Level, Overlay } from "./candleSeries";
export type { Mark } from "./marks";
export type { OpenTrade } from "./zone";

export type CandleChartProps = {
  sentence: string;
  bars: Bars;
  tick?: string | null;
  overlays?: Overlay[];
  marks?: Mark[];
  levels?: Level[];
  openTrade?: OpenTrade | null;
  /** Moves the chart so that this moment is in view. */
  lookAt?: number | null;
  /** The bar under the crosshair; null when there is none. */
  onHover?: (bar: Bar | null) => void;
  /** A click: the open time of the bar. */
  onPick?: (time: number) => void;
  /** The view is near an end: older or newer bars are wanted. */
  onOlder?: () => void;
  onNewer?: () => void;
  onKey?: (event: KeyboardEvent) => boolean;
  asTable?: boolean;
  onAsTable?: (asTable: boolean) => void;
  height?: number;
};

const FIRST_SHOWN = 160;
const ROOM_RIGHT = 12;
const TABLE_ROWS = 500;
const NONE: never[] = [];

export default function CandleChart(props: CandleChartProps) {
  const { t } = useTranslation("parts");
  const {
    bars,
    overlays = NONE,
    marks = NONE,
    levels = NONE,
    openTrade = null,
    height = 480,
  } = props;
  const { box, chart, tokens } = useChart({
    timeScale: { rightOffset: ROOM_RIGHT, enableConflation: true, minBarSpacing: 0.05 },
  });
  const series = useRef<CandleSeries | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const at = useRef<number | null>(null);

  useEffect(() => {
    if (chart === null) return;
    series.current = new CandleSeries(chart, (value) => price(value, latest.current.tick));
    chart.subscribeCrosshairMove(({ time }) => {
      const now = latest.current;
      if (now.onHover === undefined) return;
      const index = time === undefined ? -1 : indexAt(now.bars.time, (time as number) * 1000);
      now.onHover(barAt(now.bars, index));
    });
    chart.subscribeClick(({ time }) => {
      if (time !== undefined) latest.current.onPick?.((time as number) * 1000);
    });
    chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range === null) return;
      const now = latest.current;
      // Early enough that the bars are there before the view is.
      const early = Math.max(range.to - range.from, FIRST_SHOWN);
      if (range.from < early) now.onOlder?.();
      if (range.to > now.bars.time.length - early) now.onNewer?.();
    });
    return () => {
      series.current = null;
    };
  }, [chart]);

  useEffect(() => {
    if (chart === null || series.current === null) return;
    series.current.dress(tokens);
    const range = chart.timeScale().getVisibleLogicalRange();
    const shift = series.current.show(bars);
    if (bars.time.length === 0 || shift === 0) return;
    if (shift !== null && range !== null) {
      // Another window on the same series: what is in view stays in view.
      if (at.current !== null) at.current += shift;
      chart.timeScale().setVisibleLogicalRange({ from: range.from + shift, to: range.to + shift });
      return;
    }
    at.current = null;
    const last = bars.time.length;
    chart.timeScale().setVisibleLogicalRange({ from: last - FIRST_SHOWN, to: last + ROOM_RIGHT });
  }, [chart, bars, tokens]);
  useEffect(() => {
    if (chart !== null) series.current?.overlay(overlays, tokens);
  }, [chart, overlays, tokens]);
  useEffect(() => {
    if (chart !== null) series.current?.marks.set(marks, tokens);
  }, [chart, marks, tokens]);
  // By what they say: a page makes these anew with every price it hears.
  const said = JSON.stringify([levels, openTrade]);
  useEffect(() => {
    const [lines, trade] = JSON.parse(said) as [Level[], OpenTrade | null];
    if (chart !== null) series.current?.level(lines, trade, tokens);
  }, [chart, said, tokens]);

  const { lookAt } = props;
  const lookedAt = useRef<number | null>(null);
  useEffect(() => {
    if (lookAt == null) lookedAt.current = null;
    if (chart === null || lookAt == null || lookedAt.current === lookAt) return;
    const index = indexAt(bars.time, lookAt);
    // Once: bars that come later do not pull the view back to it.
    if (index < 0 || (index === bars.time.length - 1 && isBeyond(bars, lookAt))) return;
    lookedAt.current = lookAt;
    centre(chart, index);
  }, [chart, bars, lookAt]);

  const onKey = (event: KeyboardEvent): boolean => {
    if (props.onKey?.(event)) return true;
    const step = stepOf(event);
    if (chart === null || series.current === null || step === 0) {
      return chart !== null && zoomByKey(chart, event.key, bars.time.length);
    }
    const next = Math.min(
      Math.max((at.current ?? bars.time.length) + step, 0),
      bars.time.length - 1,
    );
    const bar = barAt(bars, next);
    if (bar === null) return false;
    at.current = next;
    const range = chart.timeScale().getVisibleLogicalRange();
    if (range !== null && (next < range.from || next > range.to)) centre(chart, next);
    chart.setCrosshairPosition(bar.close, toTime(bar.time), series.current.candles);
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
        columns: ["time", "open", "high", "low", "close", "volume"].map((name, index) => ({
          head: t(`chart.${name}`),
          numeric: index > 0,
        })),
        rows: newest(bars).map((bar) => [
          moment(bar.time),
          ...[bar.open, bar.high, bar.low, bar.close].map((value) => price(value, props.tick)),
          quantity(bar.volume),
        ]),
      })}
    >
      <div ref={box} style={{ height }} />
    </ChartFrame>
  );
}

/** The last bars, newest first: a table of half a million rows reads nobody. */
function newest(bars: Bars): Bar[] {
  const count = Math.min(bars.time.length, TABLE_ROWS);
  return Array.from({ length: count }, (_, i) => barAt(bars, bars.time.length - 1 - i)).filter(
    (bar) => bar !== null,
  );
}

/** Whether `time` is after the last bar: that bar is not the one looked for. */
function isBeyond({ time }: Bars, at: number): boolean {
  const [last, before] = [time[time.length - 1] ?? 0, time[time.length - 2] ?? 0];
  return at - last > last - before;
}

function centre(chart: NonNullable<ReturnType<typeof useChart>["chart"]>, index: number): void {
  const range = chart.timeScale().getVisibleLogicalRange();
  if (range === null || index < 0) return;
  const half = (range.to - range.from) / 2;
  chart.timeScale().setVisibleLogicalRange({ from: index - half, to: index + half });
}
