// SPDX-License-Identifier: Apache-2.0
// A parser for server-sent events as the HTML standard defines them ("Interpreting an event stream"), fed with
// bytes that may be cut anywhere: inside a character, between CR and LF, inside a field name. The browser's own
// EventSource cannot POST or send an Authorization header, hence this.

export interface SseEvent {
  id: string;
  name: string;
  data: string;
}

/** One event may carry a whole result (1 MiB by default); far above it the stream is not ours. */
export const LIMIT_EVENT_CHARS = 32 * 1024 * 1024;

export class SseParser {
  private readonly decoder = new TextDecoder("utf-8");
  private pending = "";
  private afterCr = false;
  private name = "";
  private data: string[] = [];
  private dataChars = 0;
  private lastId = "";

  /** Takes the next bytes and returns the events that they complete, in order. */
  push(bytes: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    let text = this.decoder.decode(bytes, { stream: true });
    if (this.afterCr && text.length > 0) {
      if (text.startsWith("\n")) text = text.slice(1);
      this.afterCr = false;
    }
    const parts = (this.pending + text).split(/\r\n|\n|\r/);
    // A CR at the very end closes its line now; an LF that follows in the next bytes belongs to it.
    if (text.endsWith("\r")) this.afterCr = true;
    this.pending = parts.pop() ?? "";
    if (this.pending.length + this.dataChars > LIMIT_EVENT_CHARS) throw new Error("an event in the stream is too large");
    for (const line of parts) {
      const event = this.line(line);
      if (event) events.push(event);
    }
    return events;
  }

  private line(line: string): SseEvent | null {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.name = value;
    else if (field === "data") {
      this.data.push(value);
      this.dataChars += value.length;
    } else if (field === "id" && !value.includes("\0")) this.lastId = value;
    return null;
  }

  private dispatch(): SseEvent | null {
    const event = this.data.length === 0 ? null : { id: this.lastId, name: this.name || "message", data: this.data.join("\n") };
    this.name = "";
    this.data = [];
    this.dataChars = 0;
    return event;
  }
}
