/** The open trade on the chart: what it risks under its entry, what it may earn above, to the right edge. */
import type {
  IPrimitivePaneRenderer,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";
import { toTime } from "./chart";

export type OpenTrade = {
  /** Open time of the bar it was entered in, in milliseconds. */
  since: number;
  entry: number;
  stop: number | null;
  target: number | null;
};

export class Zone implements ISeriesPrimitive<Time> {
  private at: SeriesAttachedParameter<Time> | null = null;
  private trade: OpenTrade | null = null;
  private colours = { risk: "", reward: "" };

  attached(at: SeriesAttachedParameter<Time>): void {
    this.at = at;
  }

  detached(): void {
    this.at = null;
  }

  set(trade: OpenTrade | null, colours: { risk: string; reward: string }): void {
    this.trade = trade;
    this.colours = colours;
    this.at?.requestUpdate();
  }

  paneViews() {
    const renderer: IPrimitivePaneRenderer = {
      draw: (target) =>
        target.useMediaCoordinateSpace(({ context, mediaSize }) =>
          this.draw(context, mediaSize.width),
        ),
    };
    return [{ zOrder: () => "bottom" as const, renderer: () => renderer }];
  }

  private draw(pen: CanvasRenderingContext2D, width: number): void {
    const { at, trade } = this;
    if (at === null || trade === null) return;
    const left = at.chart.timeScale().timeToCoordinate(toTime(trade.since)) ?? 0;
    const entry = at.series.priceToCoordinate(trade.entry);
    const fill = (price: number | null, colour: string) => {
      const y = price === null ? null : at.series.priceToCoordinate(price);
      if (y === null || entry === null) return;
      pen.fillStyle = colour;
      pen.fillRect(left, Math.min(y, entry), Math.max(width - left, 0), Math.abs(y - entry));
    };
    fill(trade.stop, this.colours.risk);
    fill(trade.target, this.colours.reward);
  }
}
