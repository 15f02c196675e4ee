// Elements, tables, badges and the equity line. Text is set as text: nothing from the API is HTML.

import * as words from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export function h(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function s(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "onclick") element.addEventListener("click", value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// columns: {head, cell(row) -> string or element, kind: "r" for numbers, "c2" hidden on phones}
export function table(name, columns, rows, key) {
  const head = columns.map((column) => h("th", { scope: "col", class: column.kind }, column.head));
  const body = rows.map((row) => {
    const cells = columns.map((column) => h("td", { class: column.kind }, column.cell(row)));
    return h("tr", { "data-key": key(row) }, cells);
  });
  return h("table", {}, h("caption", { class: "sr" }, name), h("thead", {}, h("tr", {}, head)), h("tbody", {}, body));
}

export const amount = (text, raw) => h("span", { class: words.sign(raw) }, text);
export const money = (value) => amount(words.signed(value), value);
export const level = (value) => h("span", { title: value ?? "" }, words.level(value));
export const time = (ms) => h("time", { datetime: words.iso(ms), title: words.iso(ms) }, words.when(ms));
export const venue = (name) => (words.made(name) ? h("span", { class: "mode paper", title: "A made market with a planted edge" }, "SYNTHETIC") : h("span", { class: "t3" }, name));
export const mode = (name) => h("span", { class: `mode ${name}` }, name.toUpperCase());

export function instrument(pair, more) {
  return h("span", {}, h("b", {}, pair), more ? h("span", { class: "t3" }, ` ${more}`) : null);
}

export function side(name) {
  const up = name === "long";
  const path = up ? "M4 1 7.5 7h-7z" : "M4 7 .5 1h7z";
  return h("span", { class: "side" }, s("svg", { viewBox: "0 0 8 8", "aria-hidden": "true" }, s("path", { d: path })), words.sentence(name));
}

const STAGES = {
  DISCOVERY: [["circle", { cx: 6, cy: 6, r: 4.5 }]],
  VALIDATION: [["circle", { cx: 6, cy: 6, r: 4.5 }], ["path", { d: "M6 1.5a4.5 4.5 0 0 1 0 9z", class: "solid" }]],
  MATURE: [["circle", { cx: 6, cy: 6, r: 4.5, class: "solid" }]],
  WATCH: [["path", { d: "M6 1.5 11 10.5H1z" }]],
  DECAYED: [["path", { d: "m2.5 2.5 7 7m0-7-7 7" }]],
  RETIRED: [["path", { d: "M2 6h8" }]],
};

export function stage(name) {
  const glyph = (STAGES[name] ?? []).map(([shape, attributes]) => s(shape, attributes));
  return h("span", { class: `stage st-${name.toLowerCase()}` }, s("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, glyph), name);
}

const STATE_KINDS = { RUNNING: "ok", DRAINING: "warn", STARTING: "info", WARMING: "info", FAULTED: "crit", STOPPED: "t3" };

export const state = (name) =>
  h("span", { class: `run ${STATE_KINDS[name] ?? "t3"}` }, h("i", { class: "dot" }), words.sentence(name.toLowerCase()));

// The four states of a panel besides its rows.
export const loading = (rows = 3) =>
  h("div", { class: "skeleton", role: "status", "aria-label": "Reading" }, Array.from({ length: rows }, () => h("i")));
export const empty = (text, hint) => h("p", { class: "state" }, text, hint ? h("span", { class: "hint" }, hint) : null);
export const failed = (error, retry) =>
  h("div", { class: "state error", role: "alert" },
    h("b", {}, "Not read. "), error.message, h("span", { class: "hint" }, `Trading is not affected by this page. Code: ${error.code ?? error.name}`),
    h("button", { type: "button", onclick: retry }, "Try again"));

// points: [{time, equity}] oldest first, at least two. Width in pixels, so that text is never scaled.
export function equityLine(points, width, start) {
  const height = 190, left = 4, right = 76, top = 12, bottom = 24;
  const values = points.map((point) => Number(point.equity));
  const least = Math.min(...values), most = Math.max(...values);
  // The start stays in sight unless it would press the line flat.
  const near = start >= least - (most - least) && start <= most + (most - least);
  const low = near ? Math.min(least, start) : least, high = near ? Math.max(most, start) : most;
  const span = high - low || Math.max(1, Math.abs(high) * 0.01);
  const first = points[0].time, length = points.at(-1).time - first || 1;
  const x = (ms) => left + ((ms - first) / length) * (width - left - right);
  const y = (value) => top + (1 - (value - low) / span) * (height - top - bottom);
  const at = points.map((point, i) => `${x(point.time).toFixed(1)} ${y(values[i]).toFixed(1)}`);
  const last = values.at(-1), name = describe(points, start);
  return s("svg", { class: "chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name },
    ticks(low, high).map((value) => [
      s("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      Math.abs(y(value) - y(last)) < 14 ? null : s("text", { x: width - right + 8, y: y(value) + 4 }, words.count(value)),
    ]).flat(),
    near ? s("line", { class: "start", x1: left, x2: width - right, y1: y(start), y2: y(start) }) : null,
    days(first, length, width).map((ms) => s("text", { x: x(ms), y: height - 6, "text-anchor": ms === first ? "start" : "middle" }, words.when(ms).replace(/ \d\d:\d\d$/, ""))),
    s("path", { class: "line", d: `M${at.join("L")}` }),
    s("circle", { class: "last", cx: x(points.at(-1).time), cy: y(last), r: 3 }),
    s("rect", { class: "tag", x: width - right + 4, y: y(last) - 9, width: right - 6, height: 18, rx: 3 }),
    s("text", { class: "tag-text", x: width - right + 9, y: y(last) + 4 }, words.plain(last)));
}

function describe(points, start) {
  const last = points.at(-1);
  return `Equity, ${words.plain(start)} at the start and ${words.plain(last.equity)} on ${words.when(last.time)} UTC, ${points.length} points.`;
}

function ticks(low, high) {
  const rough = (high - low || 1) / 3, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) found.push(value);
  return found;
}

function days(first, length, width) {
  const most = Math.max(2, Math.floor(width / 130));
  return Array.from({ length: most }, (_, i) => first + (length * i) / most);
}
