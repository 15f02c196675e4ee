// A panel: reads its rows, shows them, and says when it could not.

import * as draw from "./draw.js";

// A replay writes thousands of events a second; a panel is read again at most this often.
const PAUSE_MS = 1000;

// read() -> data; show(data, panel) -> elements; families: types of events that change it.
export class Panel {
  constructor(id, families, read, show) {
    Object.assign(this, { id, families, read, show, element: document.getElementById(id) });
    this.body = this.element.querySelector(".body") ?? this.element;
    this.last = 0;
  }

  meta(text) {
    this.element.querySelector(".meta").textContent = text;
  }

  // Once in a while at most, and never two readings at a time.
  refresh(now = false) {
    if (this.reading) { this.again = true; return; }
    if (this.timer) { if (!now) return; clearTimeout(this.timer); }
    const wait = now ? 0 : Math.max(150, this.last + PAUSE_MS - Date.now());
    this.timer = setTimeout(() => this.load(), wait);
  }

  async load() {
    this.timer = null;
    this.reading = true;
    // A quick answer comes before anybody would read the word "loading".
    const patience = this.known ? 0 : setTimeout(() => this.body.replaceChildren(draw.loading()), 200);
    try {
      const data = await this.read();
      clearTimeout(patience);
      this.known = true;
      this.element.classList.remove("unread");
      this.put(this.show(data, this));
    } catch (error) {
      clearTimeout(patience);
      this.fail(error);
    }
    this.last = Date.now();
    this.reading = false;
    if (this.again) { this.again = false; this.refresh(); }
  }

  // Known rows stay, marked as old; only a panel that never had any shows the error in their place.
  fail(error) {
    if (this.known) this.element.classList.add("unread");
    else this.body.replaceChildren(draw.failed(error, () => this.refresh(true)));
    this.element.querySelector(".age")?.replaceChildren(this.known ? `not read: ${error.message}` : "");
  }

  put(content) {
    const before = cellTexts(this.body);
    this.element.querySelector(".age")?.replaceChildren();
    this.body.replaceChildren(...[content].flat());
    if (before.size) flash(this.body, before);
  }
}

function cellTexts(body) {
  const rows = [...body.querySelectorAll("tr[data-key]")];
  return new Map(rows.map((row) => [row.dataset.key, [...row.cells].map((cell) => cell.textContent)]));
}

// A changed cell is tinted for a moment; a row that is new altogether is tinted as a whole.
function flash(body, before) {
  for (const row of body.querySelectorAll("tr[data-key]")) {
    const old = before.get(row.dataset.key);
    [...row.cells].forEach((cell, i) => {
      if (!old || old[i] !== cell.textContent) cell.classList.add("changed");
    });
  }
}
