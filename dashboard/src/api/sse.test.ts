import { expect, it } from "vitest";
import { type Frame, FrameReader } from "./sse";

const bytes = (text: string) => new TextEncoder().encode(text);

function read(...pieces: Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  for (const piece of pieces) reader.push(piece);
  return frames;
}

const WHOLE =
  'retry: 2000\n: after 3\n\nid: 4\nevent: fill.created\ndata: {"a":1}\n\n: heartbeat\n\n';
const FRAME = { id: "4", event: "fill.created", data: '{"a":1}' };

it("reads events and passes heartbeats over", () => expect(read(bytes(WHOLE))).toEqual([FRAME]));

it("does not care where the network cuts", () => {
  const all = bytes(WHOLE.replace("1}", '"Grüße"}'));
  for (let cut = 1; cut < all.length; cut++) {
    const frames = read(all.slice(0, cut), all.slice(cut));
    expect(frames).toEqual([{ ...FRAME, data: '{"a":"Grüße"}' }]);
  }
});

it("joins lines of data and takes carriage returns", () =>
  expect(read(bytes("data: a\r\ndata: b\r\n\r\n"))).toEqual([{ data: "a\nb" }]));
