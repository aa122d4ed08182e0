// SPDX-License-Identifier: Apache-2.0
// The proof panel: every fact that is known of a run, in plain words, and the means to check it. What the facts are
// is decided in words/proof-*.ts, this only sets them.
import "./proof.css";
import { proofOf, wallOf, type Fact, type FactGroup } from "../words/proof-facts.js";
import { limitsOf } from "../words/proof-limits.js";
import { spansOf } from "../words/proof-times.js";
import { ProofLimits } from "./proof-limits.js";
import { ModelSteps } from "./proof-model.js";
import { ProofRepeat } from "./proof-repeat.js";
import { ProofTimes } from "./proof-times.js";
import { CopyButton } from "./sql.js";
import type { Turn } from "../core/wire.js";

function Row({ fact }: { fact: Fact }) {
  return (
    <div class="proof-fact">
      <dt>{fact.label}</dt>
      <dd data-tone={fact.tone}>
        {fact.mono ? <code>{fact.text}</code> : <bdi>{fact.text}</bdi>}
        {fact.copy && <CopyButton text={fact.text} what={fact.copy.replace(/^the /, "")} />}
      </dd>
    </div>
  );
}

function Group({ group }: { group: FactGroup }) {
  return (
    <section>
      <h3>{group.title}</h3>
      <dl>{group.facts.map((fact) => <Row key={fact.label} fact={fact} />)}</dl>
    </section>
  );
}

export function Proof({ turn }: { turn: Turn }) {
  const { run } = turn;
  const because = run?.result ? wallOf(run.result.confinement).because : null;
  const spans = spansOf(turn);
  const limits = run ? limitsOf(run) : [];
  return (
    <div class="proof">
      {because && <p class="proof-weak">{because}</p>}
      {spans.length > 0 && <ProofTimes spans={spans} queryUs={run?.result?.stats.elapsed_us} />}
      <div class="proof-groups">{proofOf(turn).map((group) => <Group key={group.title} group={group} />)}</div>
      {turn.planner === "model" && turn.steps && turn.steps.length > 0 && <ModelSteps steps={turn.steps} />}
      {limits.length > 0 && <ProofLimits limits={limits} held={run?.outcome === "completed"} />}
      {run && <ProofRepeat turn={turn} run={run} />}
    </div>
  );
}
