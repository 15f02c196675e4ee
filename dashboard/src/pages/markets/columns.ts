/** Bars as the server packs them: `TPB1`, a header's length, a JSON header, columns of float64. */
import type { Bars } from "@/parts/charts/bars";

type Header = { count: number; interval_ms: number; columns: { name: string; offset: number }[] };

const NAMES = {
  time: "open_time",
  open: "open",
  high: "high",
  low: "low",
  close: "close",
  volume: "volume",
} as const;
export type Columns = { [Name in keyof Bars]: Float64Array };

export const NO_BARS: Columns = empty();

/** The columns without copying them. Error: it is something else. */
export function readColumns(content: ArrayBuffer): Columns {
  const view = new DataView(content);
  const magic = String.fromCharCode(...new Uint8Array(content, 0, Math.min(4, content.byteLength)));
  if (magic !== "TPB1") throw new Error("these are no bars");
  const length = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 8, length))) as Header;
  const column = (name: string) => {
    const found = header.columns.find((one) => one.name === name);
    if (found === undefined) throw new Error(`bars without ${name}`);
    return new Float64Array(content, found.offset, header.count);
  };
  return each((name) => column(NAMES[name]));
}

export const joined = (left: Columns, right: Columns): Columns =>
  each((name) => {
    const whole = new Float64Array(left[name].length + right[name].length);
    whole.set(left[name]);
    whole.set(right[name], left[name].length);
    return whole;
  });

export const part = (bars: Columns, from: number, to?: number): Columns =>
  each((name) => bars[name].subarray(from, to));

function empty(): Columns {
  return each(() => new Float64Array(0));
}

function each(make: (name: keyof Bars) => Float64Array): Columns {
  return {
    time: make("time"),
    open: make("open"),
    high: make("high"),
    low: make("low"),
    close: make("close"),
    volume: make("volume"),
  };
}
