// SPDX-License-Identifier: Apache-2.0
// Where the time went: one bar for the eye, and the same in words.
import "./proof-times.css";
import { duration } from "../words/format.js";
import { sharesOf, type Span } from "../words/proof-times.js";

export function ProofTimes({ spans, queryUs }: { spans: Span[]; queryUs: number | undefined }) {
  const whole = spans.reduce((sum, span) => sum + span.us, 0);
  const shares = sharesOf(spans);
  return (
    <section class="proof-times">
      <h3>Where the time went: {duration(whole)}</h3>
      <div class="proof-times-bar" aria-hidden="true">
        {spans.map((span, at) => <i key={span.name} data-name={span.name} style={{ flexGrow: shares[at] }} />)}
      </div>
      <ul>
        {spans.map((span) => (
          <li key={span.name} data-name={span.name}>
            {span.label} <b>{duration(span.us)}</b>
            {span.name === "run" && queryUs !== undefined && <span> (the query alone {duration(queryUs)})</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
