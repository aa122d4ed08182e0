// SPDX-License-Identifier: Apache-2.0
// Not to be believed but to be checked: the run made again, here or from a shell, the data's hash by hand, and all of
// the proof as JSON.
import "./proof-repeat.css";
import * as stored from "../core/stored.js";
import { copied } from "../parts/copied.js";
import { curlLine, HASH_LINE, proofJson } from "../words/proof-repeat.js";
import { Replay } from "./replay.js";
import { CopyButton } from "./sql.js";
import type { Run, Turn } from "../core/wire.js";

function Line({ label, text, what, note }: { label: string; text: string; what: string; note: string }) {
  return (
    <div class="proof-line">
      <span>{label}</span>
      <div class="proof-line-code"><code tabIndex={0} role="region" aria-label={label}>{text}</code><CopyButton text={text} what={what} /></div>
      <small>{note}</small>
    </div>
  );
}

export function ProofRepeat({ turn, run }: { turn: Turn; run: Run }) {
  return (
    <section class="proof-repeat">
      <h3>Check it yourself</h3>
      <Replay run={run} chart={turn.chart ?? null} />
      <Line label="From a shell" text={curlLine(location.origin, run, stored.token() !== null)} what="line that repeats the run" note="Makes the run again, and says whether the data and the answer are the same." />
      {run.result?.data_sha256 && <Line label="The data, by hand" text={HASH_LINE} what="line that prints the hash" note="In the data set's folder, with its tables in the order of dataset.json: prints the hash above." />}
      <button class="plain" onClick={() => void copied(proofJson(turn), "the proof as JSON")}>Copy as JSON</button>
    </section>
  );
}
