/** Bars as columns: half a million of them are six arrays, not half a million objects. */
type Numbers = ArrayLike<number>;

export type Bars = {
  /** Open times in milliseconds, rising. */
  time: Numbers;
  open: Numbers;
  high: Numbers;
  low: Numbers;
  close: Numbers;
  volume: Numbers;
};
export type Bar = {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
};

export function barAt(bars: Bars, index: number): Bar | null {
  const time = bars.time[index];
  if (time === undefined) return null;
  const read = (column: Numbers) => column[index] ?? Number.NaN;
  return {
    time,
    open: read(bars.open),
    high: read(bars.high),
    low: read(bars.low),
    close: read(bars.close),
    volume: read(bars.volume),
  };
}

/** Index of the last bar that opened at or before `time`; -1 before the first. */
export function indexAt(times: Numbers, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How many bars at the end of `next` are new or changed, when it goes on where `before` ended; -1 when it is another series. */
export function grownBy(before: Bars | null, next: Bars): number {
  const last = (before?.time.length ?? 0) - 1;
  if (before === null || last < 0 || next.time.length <= last) return -1;
  const isSame = next.time[0] === before.time[0] && next.time[last] === before.time[last];
  return isSame ? next.time.length - last : -1;
}

/**
 * By how many bars `next` begins before `before` (negative: after), where it is another window on the
 * same series; null when it is another series.
 */
export function shiftOf(before: Bars | null, next: Bars): number | null {
  if (before === null || before.time.length === 0 || next.time.length === 0) return null;
  const isEarlier = (next.time[0] ?? 0) < (before.time[0] ?? 0);
  const [first, second] = isEarlier ? [next, before] : [before, next];
  const at = indexAt(first.time, second.time[0] ?? 0);
  const shared = Math.min(first.time.length - at, second.time.length);
  for (const place of [0, shared >> 1, shared - 1]) {
    // Of another interval some bars open at the same moments, but not all of them.
    if (at < 0 || first.time[at + place] !== second.time[place]) return null;
  }
  return isEarlier || at === 0 ? at : -at;
}
