/** What all our charts of the library share: look, times, keys. Loaded with the first chart only. */
import {
  type ChartOptions,
  ColorType,
  CrosshairMode,
  createChart,
  type DeepPartial,
  type IChartApi,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef, useState } from "react";
import { formatLanguage, formatZone, moment } from "@/format";
import { type Tokens, useTokens } from "./tokens";

export const toTime = (ms: number): UTCTimestamp => (ms / 1000) as UTCTimestamp;

const offsetS = (time: number) =>
  formatZone() === "utc" ? 0 : -new Date(time * 1000).getTimezoneOffset() * 60;

export function lookOf(tokens: Tokens): DeepPartial<ChartOptions> {
  const line = { color: tokens.grid };
  return {
    layout: {
      background: { type: ColorType.Solid, color: tokens.surface },
      textColor: tokens["text-3"],
      fontFamily: tokens.font,
      fontSize: 11,
      panes: { separatorColor: tokens.border, enableResize: false },
      // Its own logo brings a style element, which the page's policy forbids: `By` links instead.
      attributionLogo: false,
    },
    grid: { vertLines: { visible: false }, horzLines: line },
    crosshair: {
      mode: CrosshairMode.Magnet,
      vertLine: { color: tokens["text-3"], labelBackgroundColor: tokens["surface-3"] },
      horzLine: { color: tokens["text-3"], labelBackgroundColor: tokens["surface-3"] },
    },
    rightPriceScale: { borderVisible: false, entireTextOnly: true },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: false,
      tickMarkFormatter: (time: UTCTimestamp, kind: number) => {
        const at = new Date((time + offsetS(time)) * 1000);
        const write = (options: Intl.DateTimeFormatOptions) =>
          at.toLocaleString(formatLanguage(), { timeZone: "UTC", hourCycle: "h23", ...options });
        // 0 year, 1 month, 2 day, 3 and 4 time of day.
        if (kind === 0) return write({ year: "numeric" });
        if (kind === 1) return write({ month: "short" });
        return kind === 2
          ? write({ day: "numeric", month: "short" })
          : write({ hour: "2-digit", minute: "2-digit" });
      },
    },
    localization: { timeFormatter: (time: UTCTimestamp) => moment(time * 1000) },
  };
}

/** A chart in `box`, as large as it, in the colours of the theme. `null` until it stands. */
export function useChart(options?: DeepPartial<ChartOptions>) {
  const box = useRef<HTMLDivElement>(null);
  const tokens = useTokens();
  const [chart, setChart] = useState<IChartApi | null>(null);
  const first = useRef({ tokens, options });

  useEffect(() => {
    if (box.current === null) return;
    const made = createChart(box.current, {
      autoSize: true,
      ...lookOf(first.current.tokens),
      ...first.current.options,
    });
    setChart(made);
    return () => {
      setChart(null);
      made.remove();
    };
  }, []);
  useEffect(() => chart?.applyOptions(lookOf(tokens)), [chart, tokens]);
  return { box, chart, tokens };
}

/** Zoom by + and −, never beyond the bars there are; true when the key was one of these. */
export function zoomByKey(chart: IChartApi, key: string, bars: number): boolean {
  const factor = { "+": 0.8, "=": 0.8, "-": 1.25, "−": 1.25 }[key];
  const range = chart.timeScale().getVisibleLogicalRange();
  if (factor === undefined || range === null) return false;
  const width = Math.min(Math.max((range.to - range.from) * factor, 10), bars + 20);
  // Around the middle, but what is at an end stays there.
  const to = Math.min((range.from + range.to + width) / 2, bars + 12);
  const from = Math.max(to - width, -8);
  chart.timeScale().setVisibleLogicalRange({ from, to: from + width });
  return true;
}

/** How far ← and → go: one bar, with Shift ten; 0 for other keys. */
export function stepOf(event: { key: string; shiftKey: boolean }): number {
  const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
  return direction * (event.shiftKey ? 10 : 1);
}
