// Numbers and times as people read them. Amounts arrive as decimal strings and stay exact until
// here: Intl formats a string digit by digit, a Number would already have rounded it.

const MISSING = "–";
const MINUS = "\u2212";
const THIN = "\u202f";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const formats = new Map();
function formatted(value, least, most) {
  const key = `${least} ${most}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat("en", { minimumFractionDigits: least, maximumFractionDigits: most }));
  }
  return formats.get(key).format(value).replace("-", MINUS);
}

const missing = (value) => value === null || value === undefined || value === "";
export const isZero = (value) => /^[−-]?0*(\.0*)?$/.test(String(value));

export const plain = (value, places = 2) => (missing(value) ? MISSING : formatted(value, places, places));
// Prices and quantities come with every digit of the ledger; seven are what a reader can use.
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 7 });
export const level = (value) => (missing(value) ? MISSING : short.format(value).replace("-", MINUS));
export const count = (value) => (missing(value) ? MISSING : formatted(value, 0, 0));
export const percent = (fraction, places = 1) =>
  missing(fraction) ? MISSING : `${formatted(fraction * 100, places, places)}${THIN}%`;

export function signed(value, places = 2) {
  if (missing(value)) return MISSING;
  const text = formatted(value, places, places);
  if (isZero(text)) return text.replace(MINUS, "");
  return text.startsWith(MINUS) ? text : `+${text}`;
}

export const signedPercent = (fraction, places = 1) =>
  missing(fraction) ? MISSING : `${signed(fraction * 100, places)}${THIN}%`;

export const sign = (value) => {
  if (missing(value) || isZero(plain(value))) return "";
  return String(value).startsWith("-") ? "neg" : "pos";
};

const two = (number) => String(number).padStart(2, "0");

export function clock(ms) {
  const t = new Date(ms);
  return `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}`;
}

export function when(ms, now = Date.now()) {
  if (missing(ms)) return MISSING;
  const t = new Date(ms), today = new Date(now);
  if (t.toISOString().slice(0, 10) === today.toISOString().slice(0, 10)) return clock(ms);
  const day = `${t.getUTCDate()}\u00a0${MONTHS[t.getUTCMonth()]}`;
  const year = t.getUTCFullYear() === today.getUTCFullYear() ? "" : `\u00a0${t.getUTCFullYear()}`;
  return `${day}${year} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}`;
}

export const iso = (ms) => (missing(ms) ? "" : new Date(ms).toISOString());

export function age(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 90) return `${s} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  return `${Math.round(s / 3600)} h`;
}

export const sentence = (word) => word.charAt(0).toUpperCase() + word.slice(1).replaceAll("_", " ");
export const parameters = (values) =>
  Object.entries(values).map(([name, value]) => `${name} ${value}`).join(", ");

// Whatever is traded on a made market says so wherever it appears.
export const made = (exchange) => (exchange === "synthetic" ? "SYNTHETIC " : "");
