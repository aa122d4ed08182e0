// SPDX-License-Identifier: Apache-2.0
// The sandbox in the left column: one line, and behind it what holds a sandbox here, what is weaker than it could be,
// and how to get it, as the server found when it last made a run to see.
import { useState } from "preact/hooks";
import "./walls.css";
import { duration } from "../words/format.js";
import { Dialog } from "../parts/dialog.js";
import type { Finding, Health } from "../core/wire.js";

const TONE: Record<Finding["state"], string> = { holds: "good", weaker: "weak", missing: "bad" };

function Row({ finding }: { finding: Finding }) {
  return (
    <div class="walls-row">
      <dt>{finding.what}</dt>
      <dd>
        <span data-tone={TONE[finding.state]}><span class="hidden-text">{finding.state}: </span>{finding.detail}</span>
        {finding.hint && <p>{finding.hint}</p>}
      </dd>
    </div>
  );
}

export function Walls({ health }: { health: Health }) {
  const [open, setOpen] = useState(false);
  const { sandbox } = health;
  const findings = sandbox.findings ?? [];
  const tone = !sandbox.healthy ? "bad" : sandbox.hint ? "warn" : "ok";
  const speed = sandbox.healthy && sandbox.last_start_us ? ` · ${duration(sandbox.last_start_us)}` : "";
  // "Local sandbox ready: 7 namespaces, …": the line has room for the first part.
  const [short = ""] = sandbox.summary.split(":");
  return (
    <>
      <button class="walls-line" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <i class={`walls-dot ${tone}`} aria-hidden="true" />
        <span>{short}{speed}</span>
      </button>
      {open && (
        <Dialog title="What holds a sandbox here" close={() => setOpen(false)}>
          <div class="walls">
            <p>{sandbox.summary}{sandbox.summary.endsWith(".") ? "" : "."}</p>
            {sandbox.hint && <p class="walls-hint">{sandbox.hint}</p>}
            <dl>{findings.map((finding) => <Row key={finding.what} finding={finding} />)}</dl>
            <footer>Read back from the kernel inside a sandbox that was made to see. <code>app sandbox check</code> prints the same.</footer>
          </div>
        </Dialog>
      )}
    </>
  );
}
