/**
 * Prices and order books as they change, over one WebSocket for the whole page. It is opened with
 * the first subscription, closed after the last, and after a lost connection subscribes again.
 */
import { useEffect, useSyncExternalStore } from "react";
import type { Shapes } from "./client";
import { accessToken, isDue, renewOrLeave } from "./token";

type Told = { prices: Shapes["QuoteShape"]; depth: Shapes["BookShape"] };
export type Channel = keyof Told;
type Message = { op?: string; channel?: Channel; key?: string; data?: unknown };

const LONGEST_WAIT_MS = 10_000;
const LINGER_MS = 2_000; // from page to page the connection stays

const wanted = new Map<string, { channel: Channel; key: string; users: number }>();
const newest = new Map<string, unknown>();
const listeners = new Set<() => void>();
let socket: WebSocket | null = null;
let isIn = false;
let attempts = 0;
let again: ReturnType<typeof setTimeout> | undefined;
let leaving: ReturnType<typeof setTimeout> | undefined;

/** How a subscription names a pair: `sandbox/binance:BTC/USDT`. */
export const marketKey = (feed: string, exchange: string, pair: string): string =>
  `${feed}/${exchange}:${pair}`;

/** The newest word on a channel about `key`; null before the first, and without a key. */
export function useLive<C extends Channel>(channel: C, key: string | null): Told[C] | null {
  const name = key === null ? null : `${channel} ${key}`;
  useEffect(() => (key === null ? undefined : subscribe(channel, key)), [channel, key]);
  return useSyncExternalStore(listen, () =>
    name === null ? null : ((newest.get(name) as Told[C] | undefined) ?? null),
  );
}

/** The same for many keys; what is not known yet is not in the map. */
export function useLiveAll<C extends Channel>(channel: C, keys: string[]): Map<string, Told[C]> {
  const joined = keys.toSorted().join("|");
  useEffect(() => {
    const ends = joined === "" ? [] : joined.split("|").map((key) => subscribe(channel, key));
    return () => {
      for (const end of ends) end();
    };
  }, [channel, joined]);
  // The version changes with every message: rows read the map, which is not copied.
  useSyncExternalStore(listen, () => version);
  const found = new Map<string, Told[C]>();
  for (const key of keys) {
    const told = newest.get(`${channel} ${key}`);
    if (told !== undefined) found.set(key, told as Told[C]);
  }
  return found;
}

let version = 0;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function subscribe(channel: Channel, key: string): () => void {
  const name = `${channel} ${key}`;
  const known = wanted.get(name);
  if (known) known.users += 1;
  else {
    wanted.set(name, { channel, key, users: 1 });
    say({ op: "subscribe", channel, key });
  }
  clearTimeout(leaving);
  if (socket === null && again === undefined) void connect();
  return () => {
    const one = wanted.get(name);
    if (one === undefined || --one.users > 0) return;
    wanted.delete(name);
    newest.delete(name);
    say({ op: "unsubscribe", channel, key });
    if (wanted.size === 0) leaving = setTimeout(leave, LINGER_MS);
  };
}

function leave(): void {
  clearTimeout(again);
  again = undefined;
  socket?.close();
  socket = null;
}

async function connect(): Promise<void> {
  if (isDue()) await renewOrLeave();
  if (wanted.size === 0) return;
  const opened = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/ws`);
  socket = opened;
  opened.onopen = () => opened.send(JSON.stringify({ op: "auth", token: accessToken() }));
  opened.onmessage = ({ data }) => hear(JSON.parse(String(data)) as Message);
  opened.onclose = () => {
    if (socket !== opened) return;
    socket = null;
    isIn = false;
    if (wanted.size === 0) return;
    again = setTimeout(
      () => {
        again = undefined;
        void connect();
      },
      Math.min(500 * 2 ** attempts++, LONGEST_WAIT_MS),
    );
  };
}

function hear(message: Message): void {
  if (message.op === "auth") {
    isIn = true;
    attempts = 0;
    for (const { channel, key } of wanted.values()) say({ op: "subscribe", channel, key });
    return;
  }
  const name = `${message.channel} ${message.key}`;
  if (message.op !== undefined || !wanted.has(name)) return;
  newest.set(name, message.data);
  version += 1;
  for (const listener of listeners) listener();
}

function say(message: object): void {
  if (isIn && socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}
