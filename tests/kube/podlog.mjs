// SPDX-License-Identifier: Apache-2.0
// A container's log as containerd writes it and the kubelet reads it: an entry a line, but a line
// of more than 16 KiB is several entries, and what standard error says meanwhile stands between
// them. So a reader that joins lines sees it in the middle of a long one, and `tailLines=1` of a
// long line is only its last piece. Both are so in real clusters.
import { EventEmitter } from "node:events";

const ENTRY_BYTES = 16384;

export class PodLog extends EventEmitter {
  entries = []; // { time, bytes, isWhole }
  isClosed = false;
  #rest = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  add(stream, bytes) {
    let rest = Buffer.concat([this.#rest[stream], bytes]);
    for (;;) {
      const end = rest.indexOf(0x0a);
      const isWhole = end >= 0 && end <= ENTRY_BYTES;
      if (!isWhole && rest.length < ENTRY_BYTES) break;
      const length = isWhole ? end : ENTRY_BYTES;
      this.#push(rest.subarray(0, length), isWhole);
      rest = rest.subarray(isWhole ? length + 1 : length);
    }
    this.#rest[stream] = Buffer.from(rest);
  }

  #push(bytes, isWhole) {
    const entry = { time: new Date(), bytes: Buffer.from(bytes), isWhole };
    this.entries.push(entry);
    this.emit("entry", entry);
  }

  /** The container has ended: a line without its end is written as it is. */
  close() {
    for (const rest of Object.values(this.#rest)) if (rest.length > 0) this.#push(rest, false);
    this.isClosed = true;
    this.emit("close");
  }

  /** The end of the log, as a termination message may be made of it. */
  tail(lines, bytes) {
    return Buffer.concat(this.entries.slice(-lines).map(render())).subarray(-bytes).toString();
  }
}

/** A function from entries, one after the other, to their bytes. */
function render(hasTimes = false) {
  let isLineStart = true;
  return ({ time, bytes, isWhole }) => {
    const head = hasTimes && isLineStart ? Buffer.from(`${time.toISOString().replace("Z", "000000Z")} `) : Buffer.alloc(0);
    isLineStart = isWhole;
    return Buffer.concat([head, bytes, isWhole ? Buffer.from("\n") : Buffer.alloc(0)]);
  };
}

/** Writes LOG into RESPONSE as the query wants it. FAULT (log_…) cuts it; RESET cuts the connection. */
export function serveLog(log, query, fault, response, reset) {
  const isTrue = (name) => ["1", "true"].includes(query.get(name) ?? "");
  const tail = query.has("tailLines") ? Number(query.get("tailLines")) : log.entries.length;
  const since_ms = query.has("sinceSeconds") ? Date.now() - Number(query.get("sinceSeconds")) * 1000 : 0;
  const bytesOf = render(isTrue("timestamps"));
  const cut = fault ? fault.bytes : Infinity;
  let left = Math.min(query.has("limitBytes") ? Number(query.get("limitBytes")) : Infinity, cut);
  const end = () => {
    log.off("entry", write);
    log.off("close", end);
    if (fault?.fault === "log_reset") reset(response.socket);
    else response.end();
  };
  function write(entry) {
    const bytes = bytesOf(entry).subarray(0, left);
    left -= bytes.length;
    response.write(bytes);
    if (left <= 0) end();
  }
  response.writeHead(200, { "Content-Type": "text/plain", "Cache-Control": "no-cache, private" });
  response.flushHeaders();
  const isFollowed = isTrue("follow") && !log.isClosed;
  if (left <= 0) return end();
  for (const entry of tail === 0 ? [] : log.entries.slice(-tail)) if (entry.time >= since_ms && left > 0) write(entry);
  if (left <= 0) return undefined;
  if (!isFollowed) return end();
  log.on("entry", write);
  log.once("close", end);
  return response.once("close", () => (log.off("entry", write), log.off("close", end)));
}
