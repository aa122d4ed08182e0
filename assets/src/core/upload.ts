// SPDX-License-Identifier: Apache-2.0
// Sends one file, and tells how much of it has gone: fetch() cannot say that yet, so this is the one place with an
// XMLHttpRequest. Aborting ends it in any of its stages; the server then keeps nothing.
import { Problem, toProblem } from "./api.js";
import { api } from "./session.js";
import * as stored from "./stored.js";
import type { Dataset, ProblemBody } from "./wire.js";

export interface Sending {
  file: File;
  /** The data set that gets the table; a new one without it. */
  into?: string | undefined;
  /** From 0 to 1; at 1 the server reads what it has. */
  onProgress(share: number): void;
  signal: AbortSignal;
}

const NETWORK = () => new Problem("network", "The connection broke before the file was there.", "Check that the server is running, then try again.");

function answerOf(request: XMLHttpRequest): Dataset {
  let body: unknown;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    throw new Problem("internal_error", `The server answered ${request.status} ${request.statusText}.`, undefined, request.status);
  }
  if (request.status === 201) return body as Dataset;
  const { code = "internal_error", detail = "The server did not take it.", hint, request_id } = body as Partial<ProblemBody>;
  throw new Problem(code, detail, hint, request.status, request_id);
}

function once({ file, into, onProgress, signal }: Sending): Promise<Dataset> {
  const path = into === undefined ? "/api/v1/datasets" : `/api/v1/datasets/${encodeURIComponent(into)}/tables`;
  const request = new XMLHttpRequest();
  const token = stored.token();
  return new Promise((resolve, reject) => {
    const abort = () => (request.abort(), reject(new DOMException("aborted", "AbortError")));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort);
    request.open("POST", `${path}?${new URLSearchParams({ filename: file.name })}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.addEventListener("progress", (event) => event.total > 0 && onProgress(event.loaded / event.total));
    request.upload.addEventListener("load", () => onProgress(1));
    request.addEventListener("error", () => reject(NETWORK()));
    request.addEventListener("load", () => {
      try {
        resolve(answerOf(request));
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener("loadend", () => signal.removeEventListener("abort", abort));
    request.send(file);
  });
}

/** The data set as it is with the file. Throws a Problem, or an AbortError. */
export async function sendFile(sending: Sending): Promise<Dataset> {
  for (;;) {
    try {
      return await once(sending);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error instanceof DOMException ? error : toProblem(error);
      await api.datasets(); // asks for the token
    }
  }
}
