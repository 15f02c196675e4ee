/** How moments are written. UTC unless the user chose local time; the zone is always said. */
import { formatLanguage, formatZone } from "./locale";
import { count, MISSING } from "./numbers";

export type Millis = number | null | undefined;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function parts(ms: number, options: Intl.DateTimeFormatOptions): string {
  const zoned = formatZone() === "utc" ? { ...options, timeZone: "UTC" } : options;
  const key = JSON.stringify([formatLanguage(), zoned]);
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(formatLanguage(), { hourCycle: "h23", ...zoned });
    formats.set(key, found);
  }
  // No line break within a date.
  return found.format(ms).replace(/\s/g, "\u00a0");
}

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
const SHORT_CLOCK = { hour: "2-digit", minute: "2-digit" } as const;
const DATE = { day: "numeric", month: "short" } as const;

const day = (ms: number) => parts(ms, { year: "numeric", month: "numeric", day: "numeric" });
const year = (ms: number) => parts(ms, { year: "numeric" });

/** "15:30:04" */
export const clock = (ms: Millis): string => (ms == null ? MISSING : parts(ms, CLOCK));
/** "15:30" */
export const shortClock = (ms: Millis): string => (ms == null ? MISSING : parts(ms, SHORT_CLOCK));

/** "15:30:04" today, "2 Jun 20:15" this year, "2 Jun 2024 20:15" before. */
export function moment(ms: Millis, now = Date.now()): string {
  if (ms == null) return MISSING;
  if (day(ms) === day(now)) return parts(ms, CLOCK);
  const date = parts(ms, year(ms) === year(now) ? DATE : { ...DATE, year: "numeric" });
  return `${date} ${parts(ms, SHORT_CLOCK)}`;
}

/** "2 Jun", with the year where it is not this one. */
export function date(ms: Millis, now = Date.now()): string {
  if (ms == null) return MISSING;
  return parts(ms, year(ms) === year(now) ? DATE : { ...DATE, year: "numeric" });
}

/** "Tuesday 3 June 2025" */
export const longDate = (ms: Millis): string =>
  ms == null
    ? MISSING
    : parts(ms, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** "2025-06-03T15:30:04.000Z": for exports and tooltips, whatever the language. */
export const iso = (ms: Millis): string => (ms == null ? MISSING : new Date(ms).toISOString());

/** "UTC", or what this machine calls its own zone. */
export function zoneName(now = Date.now()): string {
  if (formatZone() === "utc") return "UTC";
  const named = new Intl.DateTimeFormat(formatLanguage(), { timeZoneName: "short" });
  return named.formatToParts(now).find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** The exact moment with its zone, for a tooltip. */
export const exact = (ms: Millis): string =>
  ms == null ? MISSING : `${parts(ms, { ...DATE, year: "numeric", ...CLOCK })} ${zoneName(ms)}`;

/** A length of time in its largest whole unit: "52 s", "14 min", "3 h", "6 d". */
export function duration(ms: Millis): string {
  if (ms == null) return MISSING;
  const size = Math.max(0, ms);
  if (size < 10 * SECOND) return `${(size / SECOND).toFixed(1)} s`;
  if (size < MINUTE) return `${count(Math.floor(size / SECOND))} s`;
  if (size < HOUR) return `${count(Math.floor(size / MINUTE))} min`;
  if (size < 2 * DAY) return `${count(Math.floor(size / HOUR))} h`;
  return `${count(Math.floor(size / DAY))} d`;
}

/** How long ago under a day, else the moment. */
export function ago(ms: Millis, now = Date.now()): string {
  if (ms == null) return MISSING;
  return now - ms < DAY && now >= ms ? duration(Math.max(now - ms, SECOND)) : moment(ms, now);
}
