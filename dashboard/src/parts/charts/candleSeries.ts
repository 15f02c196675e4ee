/** The series of a candle chart, made once, fed again: bars, volume, lines, marks, the open trade. */
import {
  type AutoscaleInfo,
  CandlestickSeries,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineSeries,
  LineStyle,
} from "lightweight-charts";
import { type Bars, grownBy, shiftOf } from "./bars";
import { toTime } from "./chart";
import { Marks } from "./marks";
import { faded, type Tokens } from "./tokens";
import { type OpenTrade, Zone } from "./zone";

/** A line over the candles; NaN where its graph has no value yet. */
export type Overlay = {
  name: string;
  time: ArrayLike<number>;
  values: ArrayLike<number>;
  pane?: 0 | 1;
};
/** An axis tag with a line: entry, stop, target, an order. */
export type Level = { price: number; title: string; tone: "entry" | "stop" | "target" | "order" };

const SERIES = ["series-2", "series-1", "series-3", "series-4", "series-6", "series-5"] as const;
export const overlayToken = (index: number) => SERIES[index % SERIES.length] ?? "series-1";

export class CandleSeries {
  readonly candles: ISeriesApi<"Candlestick">;
  readonly marks = new Marks();
  private readonly volume: ISeriesApi<"Histogram">;
  private readonly zone = new Zone();
  private readonly chart: IChartApi;
  private lines: ISeriesApi<"Line">[] = [];
  private levels: IPriceLine[] = [];
  private scaled: number[] = [];
  private shown: Bars | null = null;
  private tokens: Tokens | null = null;

  constructor(chart: IChartApi, write: (price: number) => string) {
    this.chart = chart;
    this.candles = chart.addSeries(CandlestickSeries, {
      priceFormat: { type: "custom", minMove: 1e-8, formatter: write },
      // Given once: options that change make the library look at every bar again.
      autoscaleInfoProvider: (own: () => AutoscaleInfo | null) => this.scale(own()),
    });
    this.volume = chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      lastValueVisible: false,
      priceLineVisible: false,
      priceFormat: { type: "volume" },
    });
    this.volume.priceScale().applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
    this.candles.priceScale().applyOptions({ scaleMargins: { top: 0.06, bottom: 0.16 } });
    this.candles.attachPrimitive(this.marks);
    this.candles.attachPrimitive(this.zone);
  }

  /** Rising candles are hollow, falling ones solid: the colour is not the only sign. */
  dress(tokens: Tokens): void {
    if (this.tokens === tokens) return;
    this.tokens = tokens;
    this.candles.applyOptions({
      upColor: tokens.surface,
      borderUpColor: tokens.profit,
      wickUpColor: tokens.profit,
      downColor: tokens.loss,
      borderDownColor: tokens.loss,
      wickDownColor: tokens.loss,
      priceLineColor: tokens["text-3"],
    });
    const shown = this.shown;
    this.shown = null;
    if (shown !== null) this.show(shown);
  }

  /**
   * Shows `bars`. By how many bars they begin before those shown until now, so that the view can
   * stay where it is; null when they are another series.
   */
  show(bars: Bars): number | null {
    const grown = grownBy(this.shown, bars);
    const shift = grown >= 0 ? 0 : shiftOf(this.shown, bars);
    this.shown = bars;
    if (grown >= 0) {
      const hues = this.hues();
      for (let index = bars.time.length - grown; index < bars.time.length; index++) {
        const [candle, volume] = pairOf(bars, index, hues);
        this.candles.update(candle);
        this.volume.update(volume);
      }
      return shift;
    }
    const hues = this.hues();
    const candles = new Array(bars.time.length);
    const volumes = new Array(bars.time.length);
    for (let index = 0; index < bars.time.length; index++) {
      [candles[index], volumes[index]] = pairOf(bars, index, hues);
    }
    this.candles.setData(candles);
    this.volume.setData(volumes);
    return shift;
  }

  overlay(lines: Overlay[], tokens: Tokens): void {
    for (const line of this.lines) this.chart.removeSeries(line);
    this.lines = lines.map(({ time, values, pane }, index) => {
      const series = this.chart.addSeries(
        LineSeries,
        {
          color: tokens[overlayToken(index)],
          lineWidth: 1,
          lastValueVisible: false,
          priceLineVisible: false,
          crosshairMarkerVisible: false,
        },
        pane ?? 0,
      );
      series.setData(
        Array.from(time, (at, i) => {
          const value = values[i];
          // A point without a value leaves a gap, it is not a zero.
          return value === undefined || Number.isNaN(value)
            ? { time: toTime(at) }
            : { time: toTime(at), value };
        }),
      );
      return series;
    });
    if (lines.some((line) => line.pane === 1)) {
      this.chart.panes()[0]?.setStretchFactor(7);
      this.chart.panes()[1]?.setStretchFactor(3);
    }
  }

  level(levels: Level[], trade: OpenTrade | null, tokens: Tokens): void {
    for (const line of this.levels) this.candles.removePriceLine(line);
    const colour = {
      entry: tokens["text-2"],
      stop: tokens.loss,
      target: tokens.profit,
      order: tokens["text-3"],
    };
    this.levels = levels.map(({ price, title, tone }) =>
      this.candles.createPriceLine({
        price,
        title,
        color: colour[tone],
        lineWidth: 1,
        lineStyle: tone === "entry" ? LineStyle.Solid : LineStyle.Dashed,
        axisLabelVisible: true,
      }),
    );
    this.scaled = levels.filter(({ tone }) => tone !== "order").map(({ price }) => price);
    this.zone.set(trade, { risk: faded(tokens.loss, 0.14), reward: faded(tokens.profit, 0.12) });
  }

  /** Colours of the volume under a rising and a falling bar. */
  private hues(): [string, string] {
    const tokens = this.tokens;
    return tokens === null ? ["", ""] : [faded(tokens.profit, 0.35), faded(tokens.loss, 0.35)];
  }

  /** The levels of an open trade belong to the picture as long as its last bar does. */
  private scale(found: AutoscaleInfo | null): AutoscaleInfo | null {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    const isAtEnd = range !== null && range.to >= (this.shown?.time.length ?? 0) - 1;
    if (found?.priceRange == null || this.scaled.length === 0 || !isAtEnd) return found;
    const { minValue, maxValue } = found.priceRange;
    const priceRange = {
      minValue: Math.min(minValue, ...this.scaled),
      maxValue: Math.max(maxValue, ...this.scaled),
    };
    return { ...found, priceRange };
  }
}

function pairOf(bars: Bars, index: number, [up, down]: [string, string]) {
  const open = bars.open[index] ?? Number.NaN;
  const close = bars.close[index] ?? Number.NaN;
  const time = toTime(bars.time[index] ?? 0);
  const high = bars.high[index] ?? Number.NaN;
  const low = bars.low[index] ?? Number.NaN;
  const value = bars.volume[index] ?? Number.NaN;
  return [
    { time, open, high, low, close },
    { time, value, color: close >= open ? up : down },
  ] as const;
}
