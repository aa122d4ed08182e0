// SPDX-License-Identifier: Apache-2.0
// A run and what came of it: the answer, the SQL, the proof, and the strip below that says how strong the wall was.
// A failed run has the same card without an answer: its SQL and its proof are worth just as much.
import "./card.css";
import { useState } from "preact/hooks";
import { Answer } from "./answer.js";
import { download } from "../core/actions.js";
import { stripHash, stripOf, wallOf } from "../words/proof-facts.js";
import { LazyProof } from "./lazy-proof.js";
import { SqlTab } from "./sql-tab.js";
import { LinkButton, PinButton } from "./keep.js";
import * as stored from "../core/stored.js";
import { Tabs, type Tab } from "../parts/tabs.js";
import type { Run, Turn } from "../core/wire.js";

function Download({ run, kind }: { run: Run; kind: "csv" | "json" }) {
  const path = `/api/v1/runs/${encodeURIComponent(run.id)}/result.${kind}`;
  const name = `${run.dataset}-${run.id}.${kind}`;
  // With a token the link itself could not be followed: the browser would not send it.
  const onClick = (event: MouseEvent) => {
    if (!stored.token()) return;
    event.preventDefault();
    void download(path, name);
  };
  return <a class="tool" href={path} download={name} title={`Download the rows as ${kind.toUpperCase()}`} onClick={onClick}>{kind.toUpperCase()}</a>;
}

function Strip({ run }: { run: Run }) {
  const wall = wallOf(run.result?.confinement);
  const hash = stripHash(run);
  const strong = wall.strength === "strong";
  return (
    <div class="card-strip" data-wall={wall.strength}>
      <span class="card-seal" title={wall.because ?? undefined}>{strong ? "✓" : "△"} {wall.seal}</span>
      {stripOf(run).map((words) => <span key={words}>{words}</span>)}
      {hash && <span title={run.result?.data_sha256}>data <code>{hash}</code></span>}
    </div>
  );
}

interface Props {
  turn: Turn;
  run: Run;
  /** It stands in its conversation, where its SQL can be changed into the next turn. */
  isHere?: boolean;
}

/** RUN may be had again for more rows: then the card is that run's. */
export function Card({ turn, run: first, isHere = true }: Props) {
  const [longer, setLonger] = useState<Run | null>(null);
  const run = longer ?? first;
  const result = run.outcome === "completed" ? (run.result ?? null) : null;
  const tabs: Tab[] = [
    { name: "SQL", command: "show-sql", panel: () => <SqlTab turn={turn} run={run} isHere={isHere} /> },
    { name: "Proof", panel: () => <LazyProof turn={{ ...turn, run }} /> },
  ];
  if (result) tabs.unshift({ name: "Answer", panel: () => <Answer turnId={turn.id} run={run} result={result} chart={turn.chart ?? null} units={turn.units ?? null} onLonger={setLonger} /> });
  const tools = result && <><Download run={run} kind="csv" /><Download run={run} kind="json" />{turn.id && <><LinkButton turn={turn} /><PinButton turn={turn} /></>}</>;
  return (
    <div class="card">
      <Tabs label="Answer and proof" tabs={tabs} tools={tools} />
      {run.result && <Strip run={run} />}
    </div>
  );
}
