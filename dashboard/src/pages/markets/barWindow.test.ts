import { describe, expect, it } from "vitest";
import { BarWindow, MOST, PART, type Wanted } from "./barWindow";
import { type Columns, readColumns } from "./columns";

const STEP = 60_000;
const COUNT = 500_000;

function columns(from: number, to: number): Columns {
  const time = Float64Array.from({ length: Math.max(to - from, 0) }, (_, i) => (from + i) * STEP);
  return { time, open: time, high: time, low: time, close: time, volume: time };
}

/** As the server does: from `start` on, or the newest before `end`. */
async function read({ start, end = COUNT * STEP, limit }: Wanted): Promise<Columns> {
  const to = Math.min(Math.ceil(end / STEP), COUNT);
  if (start === undefined) return columns(Math.max(to - limit, 0), to);
  return columns(start / STEP, Math.min(start / STEP + limit, to));
}

const made = () => new BarWindow(read, STEP, () => undefined);
const ends = ({ bars }: BarWindow) => [
  (bars.time[0] ?? -1) / STEP,
  (bars.time.at(-1) ?? -1) / STEP,
];
const isWhole = ({ bars }: BarWindow) =>
  bars.time.every((time, i) => i === 0 || time - (bars.time[i - 1] ?? 0) === STEP);

describe("a window on half a million bars", () => {
  it("goes to the first bar and back without ever holding more than it should", async () => {
    const window = made();
    await window.load();
    expect(ends(window)).toEqual([COUNT - PART, COUNT - 1]);
    for (let i = 0; i < COUNT / PART + 2 && ends(window)[0] !== 0; i++) {
      await window.older();
      expect(window.bars.time.length).toBeLessThanOrEqual(MOST);
    }
    expect(ends(window)[0]).toBe(0);
    expect(window.isAtEnd).toBe(false);
    for (let i = 0; i < COUNT / PART + 2 && !window.isAtEnd; i++) await window.newer();
    expect(ends(window)[1]).toBe(COUNT - 1);
    expect(isWhole(window)).toBe(true);
  });

  it("opens around a moment and takes in single new bars", async () => {
    const window = made();
    await window.load(1_000 * STEP, 500 * STEP);
    expect(window.holds(500 * STEP)).toBe(true);
    await window.load(1_000 * STEP);
    await window.newer(1_001 * STEP);
    expect(ends(window)).toEqual([0, 1_000]);
    await window.newer(1_001 * STEP);
    expect(window.isAtEnd).toBe(true);
    expect(window.holds(2_000 * STEP)).toBe(false);
  });

  it("reads the server's columns, and nothing else", () => {
    const names = ["open_time", "open", "high", "low", "close", "volume"];
    const offsets = names.map((name, i) => ({ name, offset: 512 + i * 16 }));
    const header = JSON.stringify({ count: 2, interval_ms: STEP, columns: offsets }).padEnd(504);
    const content = new ArrayBuffer(512 + 6 * 16);
    new Uint8Array(content).set(new TextEncoder().encode("TPB1"));
    new DataView(content).setUint32(4, header.length, true);
    new Uint8Array(content, 8).set(new TextEncoder().encode(header));
    new Float64Array(content, 512).set([1, 2, 10, 11, 12, 13, 8, 9, 10.5, 12.5, 100, 200]);
    expect([...readColumns(content).close]).toEqual([10.5, 12.5]);
    expect(() => readColumns(new ArrayBuffer(16))).toThrow("no bars");
  });
});
