// SPDX-License-Identifier: Apache-2.0
// The closed list of how a run or a turn ends, as a heading of two or three words. The sentence and the hint that
// follow it come from the server; the ones here stand in where it sent none.
import type { Outcome, TurnStatus } from "../core/wire.js";

interface Words {
  title: string;
  sentence: string;
}

const OUTCOMES: Record<Outcome, Words> = {
  completed: { title: "Completed", sentence: "The query ran to its end." },
  query_failed: { title: "The query failed", sentence: "The database refused or could not finish this query." },
  request_refused: { title: "Refused", sentence: "The sandbox does not accept this query." },
  timed_out: { title: "Timed out", sentence: "The query ran longer than it may, so its sandbox was ended." },
  out_of_memory: { title: "Out of memory", sentence: "The query needed more memory than a sandbox has." },
  result_too_large: { title: "Result too large", sentence: "The result is larger than a sandbox may hand out." },
  cancelled: { title: "Stopped", sentence: "You stopped this question; its sandbox was ended." },
  killed: { title: "Killed", sentence: "The sandbox was killed from outside." },
  sandbox_unavailable: { title: "No sandbox", sentence: "No sandbox could be started, so nothing was run." },
  image_pull_failed: { title: "No image", sentence: "The sandbox's image could not be pulled." },
  unschedulable: { title: "No room in the cluster", sentence: "No node could take the sandbox." },
  quota_exceeded: { title: "Quota exceeded", sentence: "The namespace's quota leaves no room for a sandbox." },
  admission_denied: { title: "Not admitted", sentence: "The cluster's rules refused the sandbox." },
  evicted: { title: "Evicted", sentence: "The cluster took the sandbox away before it was done." },
  node_lost: { title: "Node lost", sentence: "The machine that the sandbox ran on went away." },
  queue_full: { title: "Too busy", sentence: "Too many questions are waiting already." },
  interrupted: { title: "Interrupted", sentence: "The server stopped while this question was under way." },
  internal_error: { title: "Internal error", sentence: "Something went wrong inside the server." },
};

const OTHERS: Record<string, Words> = {
  network: { title: "No connection", sentence: "The server cannot be reached." },
  not_found: { title: "Not found", sentence: "There is nothing at this address." },
  unauthorized: { title: "Not signed in", sentence: "The server asks for an access token." },
  too_large: { title: "Too long", sentence: "The question is longer than the server takes." },
  not_answerable: { title: "Not in the data", sentence: "The data cannot answer this question." },
  model_unavailable: { title: "No model", sentence: "The language model could not be asked." },
  model_failed: { title: "The model failed", sentence: "The language model gave no answer that could be used." },
  model_refused: { title: "The model refused", sentence: "The language model refuses to answer this." },
  step_limit: { title: "Too many steps", sentence: "The language model had not answered after as many steps as it may take." },
  token_limit: { title: "Too many tokens", sentence: "The language model had not answered within as many tokens as it may use." },
  approval_refused: { title: "Not approved", sentence: "The run was refused, so it was not made." },
  approval_timed_out: { title: "Not approved", sentence: "Nobody approved of the run in time, so it was not made." },
  not_understood: { title: "Not understood", sentence: "This question could not be understood." },
};

export function outcomeWords(code: string): Words {
  const known = (OUTCOMES as Record<string, Words>)[code] ?? OTHERS[code];
  return known ?? { title: "That did not work", sentence: "The server could not do this." };
}

/** The code of a turn that ended without an answer and without saying why. */
export function codeOfStatus(status: TurnStatus): string {
  return status === "failed" ? "internal_error" : status;
}
