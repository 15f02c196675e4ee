/**
 * What the server tells by itself. One connection for the whole page; every event once and in
 * order, also across a lost connection: it goes on after the last number it read. While there is
 * none, `changes/since` is asked every five seconds, and everybody can see that it is so.
 */
import { create } from "zustand";
import type { Shapes } from "./client";
import { send } from "./client";
import { type Frame, FrameReader } from "./sse";
import { accessToken, isDue, renewOrLeave } from "./token";

export type TradeEvent = Shapes["EventShape"];
type Changes = { sequence: number; changes: TradeEvent[]; has_more: boolean };

/** `live`: connected; `polling`: the server answers, but only when asked; `down`: it does not. */
export type StreamState = "starting" | "live" | "polling" | "down";

export const useStream = create<{
  state: StreamState;
  /** When the server was last heard, by this machine's clock. */
  heardAt: number;
  attempts: number;
}>(() => ({ state: "starting", heardAt: Date.now(), attempts: 0 }));

const SILENCE_MS = 40_000; // the heartbeat comes every 15 s
const POLL_MS = 5_000;
const LONGEST_WAIT_MS = 10_000;

const listeners = new Set<(event: TradeEvent) => void>();
let sequence: number | null = null;
let running: AbortController | null = null;
let poll: ReturnType<typeof setTimeout> | undefined;

/** Calls `listener` with every event from now on; gives what ends that. */
export function onEvent(listener: (event: TradeEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function startStream(): void {
  if (running !== null) return;
  running = new AbortController();
  void keepConnected(running.signal);
}

export function stopStream(): void {
  running?.abort();
  running = null;
  sequence = null;
  stopPolling();
  useStream.setState({ state: "starting", attempts: 0 });
}

function heard(): void {
  useStream.setState({ heardAt: Date.now() });
}

/** Passes an event on, unless it is an old one. */
export function deliver(event: TradeEvent): void {
  if (sequence !== null && event.sequence <= sequence) return;
  sequence = event.sequence;
  for (const listener of listeners) listener(event);
}

async function keepConnected(signal: AbortSignal): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    const began = Date.now();
    await connect(signal).catch(() => undefined);
    if (signal.aborted) return;
    // A connection that held a while was a good one: its loss starts the count anew.
    if (Date.now() - began > 5_000) attempt = 0;
    useStream.setState({ attempts: attempt + 1 });
    startPolling(signal);
    await pause(Math.min(500 * 2 ** attempt, LONGEST_WAIT_MS), signal);
  }
}

async function connect(outer: AbortSignal): Promise<void> {
  if (isDue()) await renewOrLeave();
  const mine = new AbortController();
  const stop = () => mine.abort();
  outer.addEventListener("abort", stop);
  // A cable that was pulled out leaves an open connection that says nothing for a long time.
  window.addEventListener("offline", stop);
  let watchdog = setTimeout(stop, SILENCE_MS);
  try {
    const response = await fetch("/api/events/stream", { headers: headers(), signal: mine.signal });
    if (response.status === 401) await renewOrLeave();
    if (!response.ok || response.body === null) throw new Error(`stream: ${response.status}`);
    stopPolling();
    useStream.setState({ state: "live", attempts: 0, heardAt: Date.now() });
    const frames = new FrameReader(read);
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE_MS);
      heard();
      frames.push(value);
    }
  } finally {
    clearTimeout(watchdog);
    outer.removeEventListener("abort", stop);
    window.removeEventListener("offline", stop);
  }
}

function headers(): Record<string, string> {
  const token = accessToken();
  return {
    accept: "text/event-stream",
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(sequence === null ? {} : { "last-event-id": String(sequence) }),
  };
}

function read(frame: Frame): void {
  deliver(JSON.parse(frame.data) as TradeEvent);
}

function startPolling(signal: AbortSignal): void {
  if (poll === undefined) void ask(signal);
}

function stopPolling(): void {
  clearTimeout(poll);
  poll = undefined;
}

async function ask(signal: AbortSignal): Promise<void> {
  poll = setTimeout(() => void ask(signal), POLL_MS);
  const since = sequence === null ? `timestamp=${Date.now()}` : `sequence=${sequence}`;
  try {
    const told = await send<Changes>("GET", `/api/changes/since?${since}`);
    // While this was on its way the stream may have come back.
    if (signal.aborted || useStream.getState().state === "live") return;
    useStream.setState({ state: "polling", heardAt: Date.now() });
    for (const event of told.changes) deliver(event);
    if (sequence === null || !told.has_more) sequence = Math.max(sequence ?? 0, told.sequence);
  } catch {
    if (!signal.aborted) useStream.setState({ state: "down" });
  }
}

/** Waits `ms`, less where the network comes back or the stream is ended meanwhile. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", go);
      window.removeEventListener("online", go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    signal.addEventListener("abort", go);
    window.addEventListener("online", go);
  });
}
