// SPDX-License-Identifier: Apache-2.0
// Bringing files, without the page: one after the other, the first makes the data set and the others become tables
// of it. A file that is too large is refused before a byte of it is sent, and one that fails does not stop the rest.
import { Problem, toProblem } from "../core/api.js";
import type { Sending } from "../core/upload.js";
import type { Dataset, Uploads } from "../core/wire.js";
import { bytes, percent } from "../words/format.js";

export type Step =
  | { phase: "waiting" }
  | { phase: "sending"; share: number }
  | { phase: "reading" }
  | { phase: "done" }
  | { phase: "failed"; problem: Problem };

export interface Bringing {
  files: File[];
  into?: string | undefined;
  uploads: Uploads | null;
  signal: AbortSignal;
  send(sending: Sending): Promise<Dataset>;
  onStep(at: number, step: Step): void;
}

export function refusal(file: File, uploads: Uploads | null): Problem | null {
  if (uploads?.problem) return new Problem("forbidden", uploads.problem, uploads.hint ?? undefined);
  if (uploads && file.size > uploads.max_bytes) return new Problem("too_large", `${file.name} has ${bytes(file.size)}; a file may have ${bytes(uploads.max_bytes)}.`, "Compress it (.csv.gz), or leave out rows or columns that nobody asks about.");
  return file.size === 0 ? new Problem("bad_request", `${file.name} is empty.`) : null;
}

/** The data set as it is in the end; null where no file could be read. Throws an AbortError. */
export async function bringAll({ files, into, uploads, signal, send, onStep }: Bringing): Promise<Dataset | null> {
  let made: Dataset | null = null;
  for (const [at, file] of files.entries()) {
    const problem = refusal(file, uploads);
    if (problem) {
      onStep(at, { phase: "failed", problem });
      continue;
    }
    try {
      onStep(at, { phase: "sending", share: 0 });
      made = await send({ file, into: made?.name ?? into, signal, onProgress: (share) => onStep(at, share < 1 ? { phase: "sending", share } : { phase: "reading" }) });
      onStep(at, { phase: "done" });
    } catch (error) {
      if (signal.aborted) throw error;
      onStep(at, { phase: "failed", problem: toProblem(error) });
    }
  }
  return made;
}

export function stepWords(step: Step): string {
  switch (step.phase) {
    case "waiting":
      return "Waiting";
    case "sending":
      return percent(step.share);
    case "reading":
      return "Reading it in a sandbox…";
    case "done":
      return "Ready";
    case "failed":
      return "Not added";
  }
}

/** What a screen reader is told; null where nothing has happened that is worth a word. */
export function stepSaid(name: string, before: Step | undefined, step: Step): string | null {
  if (step.phase === "sending") {
    const quarter = Math.floor(step.share * 4);
    const was = before?.phase === "sending" ? Math.floor(before.share * 4) : -1;
    return quarter > was ? `Uploading ${name}: ${quarter * 25} per cent.` : null;
  }
  if (before?.phase === step.phase || step.phase === "waiting") return null;
  if (step.phase === "reading") return `Reading ${name} in a sandbox.`;
  return step.phase === "done" ? `${name} was added.` : `${name} was not added: ${step.problem.message}`;
}
