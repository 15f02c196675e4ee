// The API: JSON or an error that says what happened, and the event stream with its fallback.

export class Failure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export async function get(path, asked = {}) {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== undefined));
  const url = query.size ? `/api/v1/${path}?${query}` : `/api/v1/${path}`;
  let response;
  try {
    response = await fetch(url, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(15000) });
  } catch (error) {
    const code = error.name === "TimeoutError" ? "timeout" : "unreachable";
    throw new Failure(code, code === "timeout" ? "The server does not answer." : "The server cannot be reached.");
  }
  const document = await response.json().catch(() => null);
  // Not ready is an answer too: it says what is wrong.
  if (document && (response.ok || path === "health/ready")) return document;
  throw new Failure(document?.code ?? `http_${response.status}`, document?.detail ?? response.statusText);
}

// The server sends at least a heartbeat every 15 s.
const SILENT_MS = 25000;
const POLL_MS = 5000;
const LONGEST_WAIT_MS = 15000;
const END_OF_LOG = Number.MAX_SAFE_INTEGER;

// Calls onEvents(list) for events after `sequence`, each once and in order, and
// onState(state, since): streaming, polling or stale, `since` when the server was last heard.
export class Feed {
  constructor(onEvents, onState) {
    this.onEvents = onEvents;
    this.onState = onState;
    this.sequence = 0;
    this.heard = 0;
    this.state = "connecting";
  }

  async start() {
    this.sequence = (await get("changes/since", { sequence: END_OF_LOG, limit: 1 })).sequence;
    this.heardFrom("streaming");
    this.follow();
    setInterval(() => this.watch(), 1000);
  }

  heardFrom(state) {
    this.heard = Date.now();
    this.enter(state);
  }

  enter(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state, this.heard);
  }

  watch() {
    if (Date.now() - this.heard > SILENT_MS) {
      this.stopped?.abort();
      this.enter("stale");
    }
  }

  async follow() {
    let wait = 1000;
    for (;;) {
      const began = Date.now();
      const ended = await this.stream().catch((error) => error);
      if (ended instanceof Error && ended.name !== "AbortError") console.info(`event stream: ${ended.message}`);
      wait = Date.now() - began > LONGEST_WAIT_MS ? 1000 : Math.min(wait * 2, LONGEST_WAIT_MS);
      const until = Date.now() + wait;
      // While the stream is away, the same log is asked for its changes.
      do {
        await this.poll();
        await new Promise((done) => setTimeout(done, Math.min(POLL_MS, Math.max(500, until - Date.now()))));
      } while (Date.now() < until);
    }
  }

  async poll() {
    try {
      let page;
      do {
        page = await get("changes/since", { sequence: this.sequence });
        // A lower end than ours is another log: a new home was put in this one's place.
        if (page.sequence < this.sequence) return location.reload();
        this.take(page.changes, page.sequence);
      } while (page.has_more);
      this.heardFrom("polling");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.enter("stale");
    }
  }

  async stream() {
    this.stopped = new AbortController();
    const response = await fetch(`/api/v1/events/stream?sequence=${this.sequence}`, { signal: this.stopped.signal });
    if (!response.ok) throw new Failure(`http_${response.status}`, response.statusText);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.heardFrom("streaming");
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      const events = blocks.flatMap(parse).filter((event) => event.sequence > this.sequence);
      if (events.length) this.take(events, events.at(-1).sequence);
    }
  }

  take(events, sequence) {
    this.sequence = sequence;
    if (events.length) this.onEvents(events);
  }
}

function parse(block) {
  const data = block.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
  return data.length ? [JSON.parse(data.join("\n"))] : [];
}
