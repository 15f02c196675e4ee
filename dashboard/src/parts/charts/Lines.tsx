/** Several lines on one time axis, told apart by dash as well as colour; each ends in its value. */
import { type ISeriesApi, LineSeries, LineStyle } from "lightweight-charts";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { moment, money } from "@/format";
import { LINE_COLOURS } from "../LineKey";
import { By } from "./By";
import { ChartFrame } from "./ChartFrame";
import { stepOf, toTime, useChart, zoomByKey } from "./chart";

export type Line = { name: string; points: { time: number; value: number }[] };

/** Give it a `key` that changes with the lines: a chart is made for so many of them. */
export type LinesProps = { sentence: string; lines: Line[]; height?: number };

const STYLES = [LineStyle.Solid, LineStyle.Dashed, LineStyle.Dotted, LineStyle.LargeDashed];

export default function Lines({ sentence, lines, height = 240 }: LinesProps) {
  const { t } = useTranslation("parts");
  const { box, chart, tokens } = useChart({ handleScroll: false, handleScale: false });
  const made = useRef<ISeriesApi<"Line">[]>([]);
  const at = useRef<number | null>(null);
  const count = lines.length;

  useEffect(() => {
    if (chart === null) return;
    const series = Array.from({ length: count }, (_, index) =>
      chart.addSeries(LineSeries, {
        lineWidth: 2,
        lineStyle: STYLES[index % STYLES.length],
        priceLineVisible: false,
        priceFormat: { type: "custom", minMove: 0.01, formatter: (v: number) => money(v) },
      }),
    );
    made.current = series;
    return () => {
      made.current = [];
    };
  }, [chart, count]);

  useEffect(() => {
    for (const [index, series] of made.current.entries()) {
      series.applyOptions({
        color: tokens[LINE_COLOURS[index % LINE_COLOURS.length] ?? "series-1"],
      });
      series.setData(
        (lines[index]?.points ?? []).map((p) => ({ time: toTime(p.time), value: p.value })),
      );
    }
    if (chart !== null) chart.timeScale().fitContent();
  }, [chart, lines, tokens]);

  const onKey = (event: KeyboardEvent): boolean => {
    const longest = lines.toSorted((a, b) => b.points.length - a.points.length)[0];
    const first = longest === undefined ? undefined : made.current[lines.indexOf(longest)];
    if (chart === null || longest === undefined || first === undefined) return false;
    const last = longest.points.length - 1;
    const step = stepOf(event);
    if (step === 0) return zoomByKey(chart, event.key, last + 1);
    const next = Math.min(Math.max((at.current ?? last) + step, 0), last);
    const point = longest.points[next];
    if (point === undefined) return false;
    at.current = next;
    chart.setCrosshairPosition(point.value, toTime(point.time), first);
    return true;
  };
  return (
    <ChartFrame
      sentence={sentence}
      height={height}
      onKey={onKey}
      by={<By />}
      table={() => ({
        columns: [
          { head: t("chart.time") },
          ...lines.map(({ name }) => ({ head: name, numeric: true })),
        ],
        rows: rowsOf(lines),
      })}
    >
      <div ref={box} style={{ height }} />
    </ChartFrame>
  );
}

/** By time, newest first; a line that has no point at a time shows none there. */
function rowsOf(lines: Line[]): string[][] {
  const byTime = lines.map((line) => new Map(line.points.map((p) => [p.time, p.value])));
  const times = [...new Set(byTime.flatMap((known) => [...known.keys()]))].sort((a, b) => b - a);
  return times.map((time) => [moment(time), ...byTime.map((known) => money(known.get(time)))]);
}
