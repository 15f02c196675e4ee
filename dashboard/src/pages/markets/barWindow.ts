/**
 * A window on a long series. Only what is near the view is held: as the view nears an end, the next
 * part is read there and the far one let go, so that half a million bars cost no more than a few.
 */
import { indexAt } from "@/parts/charts/bars";
import { type Columns, joined, NO_BARS, part } from "./columns";

export type Wanted = { start?: number; end?: number; limit: number };
export type ReadBars = (wanted: Wanted) => Promise<Columns>;

export const PART = 4_000;
export const MOST = 12_000;

export class BarWindow {
  bars: Columns = NO_BARS;
  /** Whether the newest bar there is stands at its right end. */
  isAtEnd = true;
  private isAtStart = false;
  private busy = false;
  private readonly read: ReadBars;
  private readonly intervalMs: number;
  private readonly changed: (bars: Columns) => void;

  constructor(read: ReadBars, intervalMs: number, changed: (bars: Columns) => void) {
    this.read = read;
    this.intervalMs = intervalMs;
    this.changed = changed;
  }

  /** The newest bars before `end`, or those around a moment. */
  load(end?: number, around?: number): Promise<void> {
    return this.alone(async () => {
      const half = (PART / 2) * this.intervalMs;
      const to = around === undefined ? end : Math.min(around + half, end ?? around + half);
      this.bars = await this.read({ end: to, limit: PART });
      this.isAtEnd = around === undefined || to === end;
      this.isAtStart = this.bars.time.length < PART;
    });
  }

  older(): Promise<void> {
    const first = this.bars.time[0];
    if (first === undefined || this.isAtStart) return Promise.resolve();
    return this.alone(async () => {
      const found = await this.read({ end: first, limit: PART });
      this.isAtStart = found.time.length < PART;
      const whole = joined(found, this.bars);
      if (whole.time.length > MOST) this.isAtEnd = false;
      this.bars = part(whole, 0, MOST);
    });
  }

  /** What follows, up to before `end`; as many as are missing. */
  newer(end?: number): Promise<void> {
    const last = this.bars.time.at(-1);
    if (last === undefined) return this.load(end);
    const next = last + this.intervalMs;
    if (end !== undefined && next >= end) {
      this.isAtEnd = true;
      return Promise.resolve();
    }
    return this.alone(async () => {
      const found = await this.read({ start: next, end, limit: PART });
      this.isAtEnd = found.time.length < PART;
      const whole = joined(this.bars, found);
      const over = Math.max(whole.time.length - MOST, 0);
      if (over > 0) this.isAtStart = false;
      this.bars = part(whole, over);
    });
  }

  holds(time: number): boolean {
    const index = indexAt(this.bars.time, time);
    return index >= 0 && (this.bars.time[index] ?? 0) + this.intervalMs > time;
  }

  private async alone(change: () => Promise<void>): Promise<void> {
    // The view asks with every step; one answer at a time is enough.
    if (this.busy) return;
    this.busy = true;
    const before = this.bars;
    try {
      await change();
    } finally {
      this.busy = false;
    }
    if (this.bars.time.length !== before.time.length || this.bars.time[0] !== before.time[0]) {
      this.changed(this.bars);
    }
  }
}
