/** An area between two lines, drawn under a series: the range that was expected. */
import type {
  IPrimitivePaneRenderer,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";

export type BandPoint = { time: Time; low: number; high: number };
type Drawing = Parameters<IPrimitivePaneRenderer["draw"]>[0];

export class Band implements ISeriesPrimitive<Time> {
  private at: SeriesAttachedParameter<Time> | null = null;
  private points: BandPoint[] = [];
  private colour = "";

  attached(at: SeriesAttachedParameter<Time>): void {
    this.at = at;
  }

  detached(): void {
    this.at = null;
  }

  set(points: BandPoint[], colour: string): void {
    this.points = points;
    this.colour = colour;
    this.at?.requestUpdate();
  }

  paneViews() {
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.draw(target) };
    return [{ zOrder: () => "bottom" as const, renderer: () => renderer }];
  }

  private draw(target: Drawing): void {
    const at = this.at;
    if (at === null || this.points.length < 2) return;
    // biome-ignore lint/correctness/useHookAtTopLevel: the library's word, not a hook
    target.useMediaCoordinateSpace(({ context }) => {
      const edge = (value: (point: BandPoint) => number) =>
        this.points.flatMap((point) => {
          const x = at.chart.timeScale().timeToCoordinate(point.time);
          const y = at.series.priceToCoordinate(value(point));
          return x === null || y === null ? [] : [[x, y] as const];
        });
      const upper = edge((point) => point.high);
      const lower = edge((point) => point.low).reverse();
      context.beginPath();
      for (const [x, y] of [...upper, ...lower]) context.lineTo(x, y);
      context.closePath();
      context.fillStyle = this.colour;
      context.fill();
    });
  }
}
