// SPDX-License-Identifier: Apache-2.0
// The event stream parser, fed as a network would feed it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SseParser, type SseEvent } from "../src/core/sse.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => new SseParser().push(bytes(text));

test("an event has its id, name and data", () => {
  assert.deepEqual(parse("id: 7\nevent: answer\ndata: {}\n\n"), [{ id: "7", name: "answer", data: "{}" }]);
});

test("a stream cut after any byte gives the same events", () => {
  const stream = bytes("id: 1\r\nevent: a\r\ndata: é€😀\r\n\r\n: alive\r\n\r\nid: 2\ndata: one\ndata: two\n\nid: 3\rdata:x\r\r");
  const whole = new SseParser().push(stream);
  assert.equal(whole.length, 3);
  for (let cut = 0; cut <= stream.length; cut++) {
    const parser = new SseParser();
    const parts = [...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))];
    assert.deepEqual(parts, whole, `cut at ${cut}`);
  }
});

test("a stream that comes byte by byte gives the same events", () => {
  const stream = bytes("id: 1\r\nevent: a\r\ndata: é😀\r\n\r\nid: 2\r\ndata: b\r\n\r\n");
  const parser = new SseParser();
  const events: SseEvent[] = [];
  for (const byte of stream) events.push(...parser.push(Uint8Array.of(byte)));
  assert.deepEqual(events, [{ id: "1", name: "a", data: "é😀" }, { id: "2", name: "message", data: "b" }]);
});

test("lines of data are joined, one space after the colon is dropped and only one", () => {
  assert.equal(parse("data: a\ndata:  b\ndata\ndata:c\n\n")[0]!.data, "a\n b\n\nc");
});

test("comments, unknown fields and events without data are passed over", () => {
  assert.deepEqual(parse(": hello\nretry: 5\nnonsense\n\nevent: x\n\ndata: y\n\n"), [{ id: "", name: "message", data: "y" }]);
});

test("an id holds until the next one; one with a NUL does not count", () => {
  assert.deepEqual(parse("id: 4\ndata: a\n\ndata: b\n\nid: 5\0\ndata: c\n\n").map((event) => event.id), ["4", "4", "4"]);
});

test("an event that has not ended yet is not given out", () => {
  const parser = new SseParser();
  assert.deepEqual(parser.push(bytes("data: half")), []);
  assert.deepEqual(parser.push(bytes("\n")), []);
  assert.equal(parser.push(bytes("\n")).length, 1);
});

test("a byte order mark at the beginning is no part of the first field", () => {
  assert.equal(new SseParser().push(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes("data: a\n\n"))).length, 1);
});
