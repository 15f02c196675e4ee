/** What happened, drawn on the candles: ring signal, triangle entry, diamond exit, cross stop. */
import type {
  IPrimitivePaneRenderer,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";
import { indexAt } from "./bars";
import { toTime } from "./chart";
import type { Tokens } from "./tokens";

export type Mark = {
  /** Open time of its bar, in milliseconds. */
  time: number;
  price: number;
  kind: "signal" | "entry" | "exit" | "stop";
  side: "long" | "short";
  /** A word beside it, such as "+0.71 R"; its colour follows `tone`. */
  label?: string;
  tone?: "pos" | "neg" | "";
  /** Drawn stronger: the one that is looked at. */
  isChosen?: boolean;
};

type Drawing = Parameters<IPrimitivePaneRenderer["draw"]>[0];
type Pen = CanvasRenderingContext2D;
const AWAY = 10;

export class Marks implements ISeriesPrimitive<Time> {
  private at: SeriesAttachedParameter<Time> | null = null;
  private marks: Mark[] = [];
  private times: number[] = [];
  private tokens: Tokens | null = null;

  attached(at: SeriesAttachedParameter<Time>): void {
    this.at = at;
  }

  detached(): void {
    this.at = null;
  }

  set(marks: Mark[], tokens: Tokens): void {
    this.marks = marks.toSorted((a, b) => a.time - b.time);
    this.times = this.marks.map((mark) => mark.time);
    this.tokens = tokens;
    this.at?.requestUpdate();
  }

  paneViews() {
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.draw(target) };
    return [{ zOrder: () => "top" as const, renderer: () => renderer }];
  }

  private draw(target: Drawing): void {
    const [at, tokens] = [this.at, this.tokens];
    const range = at?.chart.timeScale().getVisibleRange();
    if (at === null || tokens === null || range == null) return;
    // Of years of trades only those on screen are drawn.
    const first = Math.max(0, indexAt(this.times, (range.from as number) * 1000 - 1));
    const end = indexAt(this.times, (range.to as number) * 1000) + 1;
    // biome-ignore lint/correctness/useHookAtTopLevel: the library's word, not a hook
    target.useMediaCoordinateSpace(({ context }) => {
      context.font = `600 11px ${tokens.font}`;
      context.textAlign = "center";
      for (const mark of this.marks.slice(first, end)) {
        const x = at.chart.timeScale().timeToCoordinate(toTime(mark.time));
        const y = at.series.priceToCoordinate(mark.price);
        if (x !== null && y !== null) drawMark(context, mark, x, y, tokens);
      }
    });
  }
}

function drawMark(pen: Pen, mark: Mark, x: number, y: number, tokens: Tokens): void {
  // Signals stand over the bar of a long and under that of a short; entries the other way round.
  const below = (mark.kind === "entry") === (mark.side === "long");
  const cy = mark.kind === "exit" || mark.kind === "stop" ? y : y + (below ? AWAY : -AWAY);
  const size = mark.isChosen ? 6 : 4.5;
  pen.lineWidth = mark.isChosen ? 2.2 : 1.6;
  pen.strokeStyle = mark.kind === "stop" ? tokens.loss : tokens["text-2"];
  pen.fillStyle = mark.kind === "exit" ? toneOf(mark, tokens) : tokens.text;
  pen.beginPath();
  SHAPES[mark.kind](pen, x, cy, size, mark.side === "long");
  if (mark.kind === "signal" || mark.kind === "stop") pen.stroke();
  else pen.fill();
  if (mark.label) {
    pen.fillStyle = toneOf(mark, tokens);
    pen.fillText(mark.label, x, cy + (below ? 20 : -12));
  }
}

const toneOf = (mark: Mark, tokens: Tokens) =>
  mark.tone === "neg" ? tokens.loss : mark.tone === "pos" ? tokens.profit : tokens.text;

type Shape = (pen: Pen, x: number, y: number, size: number, up: boolean) => void;
const SHAPES: Record<Mark["kind"], Shape> = {
  signal: (pen, x, y, size) => pen.arc(x, y, size * 0.8, 0, Math.PI * 2),
  entry: (pen, x, y, size, up) => {
    const tip = up ? -size : size;
    pen.moveTo(x, y + tip);
    pen.lineTo(x + size, y - tip * 0.8);
    pen.lineTo(x - size, y - tip * 0.8);
    pen.closePath();
  },
  exit: (pen, x, y, size) => {
    pen.moveTo(x, y - size);
    pen.lineTo(x + size, y);
    pen.lineTo(x, y + size);
    pen.lineTo(x - size, y);
    pen.closePath();
  },
  stop: (pen, x, y, size) => {
    pen.moveTo(x - size, y - size);
    pen.lineTo(x + size, y + size);
    pen.moveTo(x + size, y - size);
    pen.lineTo(x - size, y + size);
  },
};
