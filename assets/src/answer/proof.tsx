// SPDX-License-Identifier: Apache-2.0
// The proof panel: every fact that is known of a run, in plain words. What the facts are is decided in
// proof-facts.ts, this only sets them.
import "./proof.css";
import { proofOf, wallOf, type Fact } from "../words/proof-facts.js";
import { CopyButton } from "./sql.js";
import type { Turn } from "../core/wire.js";

function Row({ fact }: { fact: Fact }) {
  return (
    <div class="proof-fact">
      <dt>{fact.label}</dt>
      <dd data-tone={fact.tone}>
        {fact.mono ? <code>{fact.text}</code> : <bdi>{fact.text}</bdi>}
        {fact.label === "SHA-256" && <CopyButton text={fact.text} what="hash" />}
      </dd>
    </div>
  );
}

export function Proof({ turn }: { turn: Turn }) {
  const because = turn.run?.result ? wallOf(turn.run.result.confinement).because : null;
  return (
    <div class="proof">
      {because && <p class="proof-weak">{because}</p>}
      {proofOf(turn).map((group) => (
        <section key={group.title}>
          <h3>{group.title}</h3>
          <dl>{group.facts.map((fact) => <Row key={fact.label} fact={fact} />)}</dl>
        </section>
      ))}
    </div>
  );
}
