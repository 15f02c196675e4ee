import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepFresh, touchedBy } from "./freshness";
import { deliver, onEvent, startStream, stopStream, type TradeEvent, useStream } from "./stream";

const event = (sequence: number, type = "fill.created"): TradeEvent => ({
  sequence,
  type,
  time: 0,
  user_id: "local",
  entity: "fill",
  entity_id: "x",
  payload: {},
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  stopStream();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const asStream = (...texts: string[]) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    }),
  );
const framed = (sequence: number) =>
  `id: ${sequence}\nevent: fill.created\ndata: ${JSON.stringify(event(sequence))}\n\n`;

it("delivers every event once and in order", () => {
  const seen: number[] = [];
  const end = onEvent(({ sequence }) => seen.push(sequence));
  for (const sequence of [5, 6, 6, 5, 7]) deliver(event(sequence));
  end();
  deliver(event(8));
  expect(seen).toEqual([5, 6, 7]);
});

it("goes on after the last number it read", async () => {
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    if (!url.includes("events/stream")) return Promise.reject(new TypeError("no network"));
    asked.push(new Headers(init.headers).get("last-event-id"));
    return Promise.resolve(asked.length === 1 ? asStream(framed(41), framed(42)) : asStream());
  });
  startStream();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked.slice(0, 2)).toEqual([null, "42"]);
});

it("asks for changes while there is no stream, and says so", async () => {
  const seen: number[] = [];
  const end = onEvent(({ sequence }) => seen.push(sequence));
  vi.stubGlobal("fetch", (url: string) =>
    url.includes("changes/since")
      ? Promise.resolve(Response.json({ sequence: 9, changes: [event(9)], has_more: false }))
      : Promise.resolve(new Response(null, { status: 502 })),
  );
  startStream();
  await vi.advanceTimersByTimeAsync(200);
  expect(useStream.getState().state).toBe("polling");
  expect(seen).toEqual([9]);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  await vi.advanceTimersByTimeAsync(6_000);
  expect(useStream.getState().state).toBe("down");
  end();
});

it("asks once again for what a burst of events made old", async () => {
  const client = new QueryClient();
  const invalidate = vi.spyOn(client, "invalidateQueries");
  const end = keepFresh(client);
  for (let sequence = 100; sequence < 150; sequence++) deliver(event(sequence));
  await vi.advanceTimersByTimeAsync(1_000);
  end();
  const roots = invalidate.mock.calls.map(([filter]) => filter?.queryKey?.[0]);
  expect(roots.sort()).toEqual([...touchedBy("fill.created")].sort());
  expect(roots).toContain("positions");
});
