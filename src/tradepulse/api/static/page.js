// What the page shows: one panel a resource, read again when an event says it changed.

import * as draw from "./draw.js";
import { Panel } from "./panel.js";
import { Feed, get } from "./source.js";
import * as words from "./words.js";

const { h } = draw;
const $ = (id) => document.getElementById(id);
const EVENTS_SHOWN = 40;
const EVENTS_READ = 200;
// What other panels show already, bar by bar.
const NOT_NEWS = new Set(["portfolio.updated", "log.written", "command.accepted"]);

const configurations = new Map();
const configurationsRead = new Map();
// In the address, so that a reload or a bookmark shows the same activation.
const view = { activation: location.hash.slice(1) || null, asTable: false, events: [], activations: [], more: null };

async function configuration(id) {
  if (!configurations.has(id)) configurations.set(id, get(`training/configurations/${id}`));
  try {
    const found = await configurations.get(id);
    configurationsRead.set(id, found);
    return found;
  } catch (error) {
    configurations.delete(id);
    throw error;
  }
}

async function withConfigurations(rows) {
  const found = await Promise.all(rows.map((row) => configuration(row.configuration_id)));
  return rows.map((row, i) => ({ ...row, configuration: found[i] }));
}

const named = (row) => draw.instrument(row.configuration.pair, row.configuration.strategy_name);
const pairNamed = (row) => draw.instrument(row.pair, row.configuration.strategy_name);

const tile = (label, value, sub, kind = "") =>
  h("div", { class: "tile panel" }, h("span", { class: "lab" }, label), h("b", { class: `val ${kind}` }, value), h("span", { class: "sub" }, sub));

async function readTiles() {
  const [summary, wallets] = await Promise.all([get("training/configurations/stats/summary"), get("wallets", { limit: 20 })]);
  const chosen = view.activations.find((row) => row.id === view.activation);
  const wallet = wallets.items.find((item) => item.id === chosen?.wallet_id) ?? wallets.items[0];
  const totals = wallet ? await get(`wallets/${wallet.id}/totals`) : null;
  return { summary, wallet, totals };
}

function showTiles({ summary, wallet, totals }) {
  const stages = Object.entries(summary.by_stage).map(([name, number]) => `${number} ${words.sentence(name.toLowerCase())}`);
  const best = summary.best, sharpe = best?.metrics.sharpe;
  return [
    tile("Configurations", words.count(summary.total), stages.join(", ") || "none stored yet"),
    tile("Active", words.count(summary.active), "with an activation that still runs"),
    tile(wallet ? `Closed P&L, ${wallet.quote}` : "Closed P&L", totals ? words.signed(totals.pnl) : "–",
      totals ? `${wallet.mode} wallet ${wallet.name}, ${words.count(totals.trade_count)} trades, ${words.percent(totals.win_rate)} won` : "no wallet yet",
      words.sign(totals?.pnl)),
    tile("Allotted", wallet ? words.plain(wallet.allotted) : "–", wallet ? `of ${words.plain(wallet.balance)} ${wallet.quote}` : "no wallet yet"),
    tile("Best backtest Sharpe", words.plain(sharpe), best ? `${words.made(best.exchange)}${best.strategy_name} ${best.pair}, best of ${words.count(best.trials)} tries` : "no configuration yet"),
  ];
}

async function readEquity() {
  if (!view.activation) return null;
  const page = await get("portfolio/history", { activation_id: view.activation, limit: 1000 });
  return page.items.reverse();
}

function showEquity(points, panel) {
  $("as-table").hidden = !points || points.length < 2;
  if (!points) return draw.empty("No activation yet, so no equity.", "Activate a configuration: tradepulse configs activate ID");
  if (points.length < 2) return draw.empty("The first points come with the first closed bars.");
  const row = view.activations.find((item) => item.id === view.activation);
  panel.meta(`own allotment, last ${words.count(points.length)} points`);
  if (view.asTable) {
    return h("div", { class: "scroll", tabindex: "0" }, draw.table("Equity by time", [
      { head: "Time, UTC", cell: (p) => draw.time(p.time) },
      { head: "Equity", kind: "r", cell: (p) => words.plain(p.equity) },
      { head: "Cash", kind: "r", cell: (p) => words.plain(p.cash) },
      { head: "Unrealised", kind: "r", cell: (p) => draw.money(p.unrealised_pnl) },
      { head: "Drawdown", kind: "r c2", cell: (p) => words.percent(p.drawdown, 2) },
    ], points.slice(-200).reverse(), (p) => p.time));
  }
  return draw.equityLine(points, panel.body.clientWidth - 24, Number(row?.allotment ?? points[0].equity));
}

async function readActivations() {
  const page = await get("activations", { limit: 50 });
  const rows = await withConfigurations(page.items);
  const order = (row) => ["FAULTED", "RUNNING", "DRAINING", "WARMING", "STARTING", "STOPPED"].indexOf(row.state);
  return rows.sort((a, b) => order(a) - order(b) || b.created_at - a.created_at);
}

function showActivations(rows, panel) {
  view.activations = rows;
  chooseActivation(rows);
  panel.meta(`${rows.filter((row) => !["STOPPED", "FAULTED"].includes(row.state)).length} running`);
  if (!rows.length) return draw.empty("Nothing is running.", "Activate a configuration: tradepulse configs activate ID");
  const table = draw.table("Activations", [
    { head: "Configuration", kind: "name", cell: named },
    { head: "State", cell: (row) => draw.state(row.state) },
    { head: "Mode", kind: "c2", cell: (row) => draw.mode(row.mode) },
    { head: "Feed", kind: "c2", cell: (row) => row.feed },
    { head: "Bar", kind: "c2", cell: (row) => row.configuration.interval },
    { head: "Allotment", kind: "r", cell: (row) => words.plain(row.allotment) },
    { head: "Last bar", kind: "r", cell: (row) => draw.time(row.last_bar) },
  ], rows, (row) => row.id);
  const faults = rows.filter((row) => row.fault).map((row) => h("p", { class: "note crit" }, h("b", {}, `${row.configuration.strategy_name} ${row.configuration.pair} faulted: `), row.fault));
  return [table, ...faults];
}

function chooseEquity(id) {
  view.activation = id;
  // What stands there is another activation's.
  panels.equity.known = false;
  panels.equity.refresh(true);
  panels.tiles.refresh(true);
}

function chooseActivation(rows) {
  const select = $("activation");
  if (!rows.some((row) => row.id === view.activation)) {
    chooseEquity((rows.find((row) => row.state === "RUNNING") ?? rows[0])?.id ?? null);
  }
  select.hidden = rows.length === 0;
  select.replaceChildren(...rows.map((row) =>
    h("option", { value: row.id, selected: row.id === view.activation }, `${row.configuration.strategy_name} ${row.configuration.pair} ${row.configuration.interval}`)));
}

function showPositions(rows, panel) {
  panel.meta(rows.length ? String(rows.length) : "");
  if (!rows.length) return draw.empty("No open position.");
  return draw.table("Open positions", [
    { head: "Instrument", kind: "name", cell: pairNamed },
    { head: "Side", cell: (row) => draw.side(row.side) },
    { head: "Quantity", kind: "r", cell: (row) => draw.level(row.quantity) },
    { head: "Entry", kind: "r c2", cell: (row) => draw.level(row.entry_price) },
    { head: "Stop", kind: "r", cell: (row) => draw.level(row.stop) },
    { head: "Target", kind: "r c2", cell: (row) => draw.level(row.target) },
    { head: "Since", kind: "r c2", cell: (row) => draw.time(row.entry_time) },
  ], rows, (row) => row.id);
}

function showTrades(rows, panel) {
  panel.meta(rows.length ? `last ${rows.length}` : "");
  if (!rows.length) return draw.empty("No trade has been closed yet.");
  return draw.table("Trades", [
    { head: "Instrument", kind: "name", cell: pairNamed },
    { head: "Side", kind: "c2", cell: (row) => draw.side(row.side) },
    { head: "Mode", kind: "c2", cell: (row) => draw.mode(row.mode) },
    { head: "Entry", kind: "r c2", cell: (row) => draw.level(row.entry_price) },
    { head: "Exit", kind: "r c2", cell: (row) => draw.level(row.exit_price) },
    { head: "Reason", cell: (row) => words.sentence(row.exit_reason) },
    { head: "P&L, quote", kind: "r", cell: (row) => draw.money(row.pnl) },
    { head: "P&L %", kind: "r c2", cell: (row) => draw.money(row.pnl_pct) },
    { head: "Closed", kind: "r", cell: (row) => draw.time(row.exit_time) },
  ], rows, (row) => row.id);
}

const rulesMet = (row) => (row.evidence.length ? `${row.evidence.filter((rule) => rule.passed).length} of ${row.evidence.length}` : "–");

async function readConfigurations() {
  const wanted = view.rows ?? 15;
  const page = await get("training/configurations", { limit: wanted, sort: $("sort").value });
  page.items.forEach((item) => {
    configurations.set(item.id, Promise.resolve(item));
    configurationsRead.set(item.id, item);
  });
  return page;
}

function showConfigurations(page, panel) {
  const rows = page.items;
  panel.meta(page.next_cursor ? `first ${rows.length}` : rows.length ? String(rows.length) : "");
  if (!rows.length) return draw.empty("No configuration yet.", "Find some: tradepulse train, or a first set: tradepulse demo");
  const table = draw.table("Configurations", [
    { head: "Strategy", kind: "name", cell: (row) => h("span", { class: "clip", title: words.parameters(row.parameters) }, h("b", {}, row.strategy_name), h("span", { class: "t3 c2" }, ` ${words.parameters(row.parameters)}`), h("span", { class: "t3 only-p" }, ` ${row.pair}`)) },
    { head: "Stage", cell: (row) => draw.stage(row.lifecycle_stage) },
    { head: "Instrument", kind: "c2", cell: (row) => h("span", {}, row.pair, " ", draw.venue(row.exchange)) },
    { head: "Bar", kind: "c2", cell: (row) => row.interval },
    { head: "Active", kind: "c2", cell: (row) => (row.is_active ? h("span", { class: "run ok" }, h("i", { class: "dot" }), "Yes") : h("span", { class: "t3" }, "No")) },
    { head: "Sharpe", kind: "r", cell: (row) => words.plain(row.metrics.sharpe) },
    { head: "Return", kind: "r c2", cell: (row) => draw.amount(words.signedPercent(row.metrics.total_return), row.metrics.total_return) },
    { head: "Drawdown", kind: "r c2", cell: (row) => words.percent(row.metrics.max_drawdown) },
    { head: "Trades", kind: "r c2", cell: (row) => words.count(row.metrics.trade_count) },
    { head: "Tries", kind: "r", cell: (row) => words.count(row.trials) },
    { head: "Rules", kind: "r c2", cell: rulesMet },
  ], rows, (row) => row.id);
  const more = h("button", { type: "button", class: "more", onclick: () => { view.rows = Math.min(1000, rows.length * 3); panel.refresh(true); } }, "Show more");
  return page.next_cursor && rows.length < 1000 ? [table, more] : table;
}

function showHealth(document, panel) {
  const ready = document.status === "ready";
  panel.meta(ready ? "ready" : "not ready");
  strip("engine", document.engine === "here" ? "In this process" : "Not in this process", document.engine === "here" ? "ok" : "t3");
  strip("database", document.database === "ok" ? "Ready" : "Away", document.database === "ok" ? "ok" : "crit");
  const late = document.feeds.map((feed) => feed.late_s), worst = Math.max(0, ...late);
  strip("feeds", late.length ? (worst > 0 ? `${words.age(worst * 1000)} late` : "On time") : "None live", worst > 60 ? "warn" : late.length ? "ok" : "t3");
  const pairs = [
    ["Engine", document.engine === "here" ? "in this process" : "not in this process"],
    ["Running activations", words.count(document.activations)],
    ["Live feeds", late.length ? `${late.length}, worst ${worst > 0 ? `${words.age(worst * 1000)} late` : "on time"}` : "none"],
    ["Version", document.version],
  ];
  return [
    h("dl", { class: "kv" }, pairs.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]).flat()),
    ...document.problems.map((problem) => h("p", { class: "note crit" }, problem)),
  ];
}

function strip(id, text, kind) {
  const cell = $(id);
  cell.className = cell.className.replace(/\b(ok|warn|crit|t3)\b/g, "").trim();
  cell.lastElementChild.className = kind;
  cell.lastElementChild.textContent = text;
}

// An event names its activation; people know it by its instrument and strategy.
function whose(payload) {
  const found = view.activations.find((row) => row.id === payload.activation_id)?.configuration ?? configurationsRead.get(payload.configuration_id);
  if (!found) return [];
  return payload.pair ? [found.strategy_name] : [found.pair, found.strategy_name];
}

const told = ({ payload }) => {
  const parts = ["pair", "action", "side", "verdict", "state", "exit_reason", "reason", "pnl", "message", "name"];
  const given = parts.filter((key) => payload[key] !== undefined && payload[key] !== null).map((key) =>
    key === "pnl" ? words.signed(String(payload[key])) : String(payload[key]).replaceAll("_", " "));
  return [...whose(payload), ...given].join(", ");
};

const news = (events) => events.filter((event) => !NOT_NEWS.has(event.type)).reverse();

async function readEvents() {
  if (!view.events.length) {
    const page = await get("changes/since", { sequence: Math.max(0, feed.sequence - EVENTS_READ), limit: EVENTS_READ });
    view.events = news(page.changes);
  }
  return view.events;
}

function showEvents(events) {
  if (!events.length) return draw.empty("Nothing has happened yet.");
  const items = events.slice(0, EVENTS_SHOWN).map((event) =>
    h("li", {}, draw.time(event.time), h("span", {}, h("b", {}, words.sentence(event.type.replace(".", " "))), ` ${told(event)}`)));
  return h("ol", { class: "log scroll", tabindex: "0", "aria-label": "Events, newest first" }, items);
}

function showSignals(rows) {
  if (!rows.length) return draw.empty("No signal yet.");
  const kinds = { traded: "ok", refused: "warn" };
  return draw.table("Signals", [
    { head: "Bar", cell: (row) => draw.time(row.bar_time) },
    { head: "Signal", cell: (row) => h("span", {}, h("b", {}, words.sentence(row.action)), h("span", { class: "t3" }, ` ${row.configuration.pair}`)) },
    { head: "Verdict", kind: "wrap", cell: (row) => h("span", { class: kinds[row.verdict] ?? "t3", title: row.reason ?? "" }, row.reason && row.verdict === "refused" ? `refused: ${row.reason.replaceAll("_", " ")}` : row.verdict) },
  ], rows, (row) => row.id);
}

function showLogs(rows) {
  if (!rows.length) return draw.empty("The log is empty.");
  const kinds = { error: "crit", critical: "crit", warning: "warn" };
  const items = rows.map((row) => {
    const level = row.level.toLowerCase();
    const word = kinds[level] ? h("b", { class: kinds[level] }, `${words.sentence(level)}: `) : null;
    return h("li", {}, draw.time(row.timestamp), h("span", {}, word, row.message));
  });
  return h("ol", { class: "log scroll", tabindex: "0", "aria-label": "Log, newest first" }, items);
}

const list = (path, asked) => async () => withConfigurations((await get(path, asked)).items);

const panels = {
  tiles: new Panel("tiles", ["configuration", "activation", "trade", "wallet"], readTiles, showTiles),
  activations: new Panel("activations", ["activation"], readActivations, showActivations),
  equity: new Panel("equity", ["portfolio", "fill", "trade"], readEquity, showEquity),
  positions: new Panel("positions", ["order", "fill", "trade", "position"], list("positions", { limit: 100 }), showPositions),
  trades: new Panel("trades", ["trade"], list("trades", { limit: 12 }), showTrades),
  configurations: new Panel("configurations", ["configuration", "activation"], readConfigurations, showConfigurations),
  health: new Panel("health", ["activation", "feed"], () => get("health/ready"), showHealth),
  events: new Panel("events", ["*"], readEvents, showEvents),
  signals: new Panel("signals", ["signal"], list("signals", { limit: 10 }), showSignals),
  logs: new Panel("logs", ["log", "activation", "trade"], async () => (await get("logs", { limit: 30 })).items, showLogs),
};
const all = Object.values(panels);

function onEvents(events) {
  view.events = news(events).concat(view.events).slice(0, EVENTS_SHOWN);
  const families = new Set(events.map((event) => event.type.split(".")[0]));
  for (const event of events) if (event.type.startsWith("configuration.")) configurations.delete(event.entity_id);
  for (const panel of all) {
    if (panel.families.some((family) => family === "*" || families.has(family))) panel.refresh();
  }
}

function onState(state) {
  document.body.dataset.feed = state;
  showStream();
  // What could not be read while nothing was heard is read now.
  if (state !== "stale" && view.started) all.filter((panel) => !panel.known || panel.element.classList.contains("unread")).forEach((panel) => panel.refresh(true));
}

function showStream() {
  const silent = words.age(Date.now() - feed.heard);
  const said = {
    connecting: ["Connecting", "info"],
    streaming: ["Streaming", "ok"],
    polling: ["Stream away, asking every 5 s", "warn"],
    stale: [feed.heard ? `Server silent for ${silent}, trying again` : "Server not reached, trying again", "stale"],
  }[feed.state];
  const cell = $("stream"), text = cell.lastElementChild;
  cell.dataset.kind = said[1];
  if (text.textContent !== said[0]) text.textContent = said[0];
  for (const age of document.querySelectorAll(".age")) {
    if (feed.state === "stale" && feed.heard) age.textContent = `${silent} old`;
    else if (!age.closest(".unread")) age.textContent = "";
  }
}

const feed = new Feed(onEvents, onState);

function readMissing() {
  view.started = true;
  all.filter((panel) => !panel.known).forEach((panel) => panel.refresh(true));
}

async function start() {
  for (;;) {
    try {
      await feed.start();
      return;
    } catch (error) {
      feed.enter("stale");
      all.filter((panel) => !panel.known).forEach((panel) => panel.fail(error));
      await new Promise((done) => setTimeout(done, 3000));
    }
  }
}

$("sort").addEventListener("change", () => panels.configurations.refresh(true));
$("activation").addEventListener("change", (event) => {
  history.replaceState(null, "", `#${event.target.value}`);
  chooseEquity(event.target.value);
});
$("as-table").addEventListener("click", (event) => {
  view.asTable = !view.asTable;
  event.target.setAttribute("aria-pressed", String(view.asTable));
  panels.equity.refresh(true);
});
new ResizeObserver(() => panels.equity.known && panels.equity.refresh()).observe(panels.equity.body);
setInterval(() => {
  $("clock").textContent = `${words.clock(Date.now())} UTC`;
  showStream();
}, 1000);
setInterval(() => panels.health.refresh(true), 15000);
// Activations first: which of them is chosen decides what equity and tiles show.
start().then(() => panels.activations.load()).then(readMissing);
