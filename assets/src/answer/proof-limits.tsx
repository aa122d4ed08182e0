// SPDX-License-Identifier: Apache-2.0
// The limits of a run as a table: how much, how much of it was used, and who held the run to it.
import "./proof-limits.css";
import type { Limit } from "../words/proof-limits.js";

function Used({ limit }: { limit: Limit }) {
  if (limit.used === null) return <span class="proof-limits-none">—<span class="hidden-text"> not measured</span></span>;
  return (
    <>
      <i class="proof-limits-meter" aria-hidden="true"><i style={{ width: `${Math.max(1, Math.round((limit.share ?? 0) * 100))}%` }} /></i>
      {limit.used}
    </>
  );
}

export function ProofLimits({ limits, held }: { limits: Limit[]; held: boolean }) {
  return (
    <section class="proof-limits">
      <h3>{held ? "The limits that it kept within" : "The limits that were set"}</h3>
      <div class="proof-limits-scroll" tabIndex={0} role="region" aria-label="Limits">
        <table>
          <thead><tr><th scope="col">Limit</th><th scope="col">At most</th><th scope="col">Used</th><th scope="col">Held by</th></tr></thead>
          <tbody>
            {limits.map((limit) => (
              <tr key={`${limit.label} ${limit.by}`}>
                <th scope="row">{limit.label}</th>
                <td>{limit.most}</td>
                <td><Used limit={limit} /></td>
                <td>{limit.by}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
