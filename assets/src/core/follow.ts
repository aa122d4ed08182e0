// SPDX-License-Identifier: Apache-2.0
// Follows one turn to its end, over as many connections as that takes.
//
// The first connection is the answer to the POST, or none after a reload. When a connection breaks, ends early,
// or stays silent for longer than the server's keep-alive allows, the rest is asked for with Last-Event-ID after
// a pause that doubles. Events that were seen already are dropped by their id, so a handler sees each one once.
// It ends with `turn.ended`, when the signal says so, or with a Problem that trying again cannot mend.
import { Problem } from "./api.js";
import { SseParser } from "./sse.js";

/** A comment comes every 15 s; two and a half of those missing means that nobody is there. */
export const SILENCE_MS = 40_000;
export const FIRST_PAUSE_MS = 400;
export const LONGEST_PAUSE_MS = 8_000;

export interface TurnEvent {
  name: string;
  data: Record<string, unknown>;
}

export interface Follow {
  /** The POST's answer, where there is one. */
  first: Response | null;
  /** Known from the start after a reload, else learned from `turn.started`. */
  turnId: string | null;
  open(turnId: string, lastId: string, signal: AbortSignal): Promise<Response>;
  onEvent(event: TurnEvent): void;
  onConnection(lost: boolean): void;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  signal: AbortSignal;
}

interface Progress {
  turnId: string | null;
  lastId: string;
  ended: boolean;
}

/** Reads until the stream ends; a stream that breaks or falls silent ends too. */
async function readAll(response: Response, progress: Progress, follow: Follow): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const parser = new SseParser();
  const stop = () => void reader.cancel().catch(() => undefined);
  follow.signal.addEventListener("abort", stop, { once: true });
  try {
    while (!follow.signal.aborted) {
      const silence = setTimeout(stop, SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      for (const event of parser.push(value)) {
        if (event.id !== "" && Number(event.id) <= Number(progress.lastId || 0)) continue;
        progress.lastId = event.id || progress.lastId;
        deliver(event.name, JSON.parse(event.data) as Record<string, unknown>, progress, follow);
        if (progress.ended) return stop();
      }
    }
  } finally {
    follow.signal.removeEventListener("abort", stop);
  }
}

function deliver(name: string, data: Record<string, unknown>, progress: Progress, follow: Follow): void {
  if (name === "turn.started") progress.turnId = (data.turn as { id: string }).id;
  if (name === "turn.ended") progress.ended = true;
  follow.onEvent({ name, data });
}

function isPassing(error: unknown): boolean {
  return !(error instanceof Problem) || error.code === "network" || error.status >= 500 || error.status === 429;
}

export async function followTurn(follow: Follow): Promise<void> {
  const progress: Progress = { turnId: follow.turnId, lastId: "", ended: false };
  let response = follow.first;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const seen = progress.lastId;
    try {
      response ??= await follow.open(progress.turnId!, progress.lastId, follow.signal);
      follow.onConnection(false);
      await readAll(response, progress, follow);
    } catch (error) {
      if (follow.signal.aborted) return;
      if (!isPassing(error)) throw error;
    }
    if (progress.ended || follow.signal.aborted) return;
    if (progress.turnId === null) throw new Problem("network", "The connection was lost before the server took the question.", "Try again.");
    if (progress.lastId !== seen) pause = FIRST_PAUSE_MS;
    follow.onConnection(true);
    await follow.sleep(pause, follow.signal);
    if (follow.signal.aborted) return;
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    response = null;
  }
}
