/** Server-sent events out of bytes. `EventSource` cannot send an Authorization header; fetch can. */
export type Frame = { id?: string; event?: string; data: string };

/** Gives `onFrame` every whole event of the bytes pushed; comments (heartbeats) are passed over. */
export class FrameReader {
  private rest = "";
  private readonly decoder = new TextDecoder();
  private readonly onFrame: (frame: Frame) => void;

  constructor(onFrame: (frame: Frame) => void) {
    this.onFrame = onFrame;
  }

  push(bytes: Uint8Array): void {
    this.rest += this.decoder.decode(bytes, { stream: true }).replace(/\r\n?/g, "\n");
    for (let end = this.rest.indexOf("\n\n"); end >= 0; end = this.rest.indexOf("\n\n")) {
      this.read(this.rest.slice(0, end));
      this.rest = this.rest.slice(end + 2);
    }
  }

  private read(block: string): void {
    const frame: Frame = { data: "" };
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon <= 0) continue;
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") data.push(value);
      else if (name === "id") frame.id = value;
      else if (name === "event") frame.event = value;
    }
    if (data.length > 0) this.onFrame({ ...frame, data: data.join("\n") });
  }
}
