// SPDX-License-Identifier: Apache-2.0
// What happened on the way to an answer, each step with its time. The step under way counts up, so that a long run
// is seen to live; the counting is for the eye only, the announcements are made elsewhere.
import "./steps.css";
import { useEffect, useState } from "preact/hooks";
import { agoMs } from "../core/clock.js";
import { duration } from "../words/format.js";
import type { Step } from "../core/progress.js";

const TICK_MS = 200;
/** Below this nothing is counted: most steps are over before the eye has found the number. */
const PATIENCE_MS = 800;

function Elapsed({ since }: Pick<Step, "since">) {
  const [ms, setMs] = useState(0);
  useEffect(() => {
    const began = performance.now() - (since ? Math.max(0, agoMs(since.iso) - since.afterUs / 1000) : 0);
    const timer = setInterval(() => setMs(performance.now() - began), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return ms < PATIENCE_MS ? null : <span aria-hidden="true"> {(ms / 1000).toFixed(1)}{"\u00a0"}s</span>;
}

const MARK = { done: "✓", bad: "✗", now: "" };

export function Steps({ steps, lost }: { steps: Step[]; lost: boolean }) {
  if (steps.length === 0 && !lost) return null;
  return (
    <ol class="steps" aria-label="Steps">
      {steps.map((step) => (
        <li key={step.name} data-state={step.state}>
          <b aria-hidden="true">{MARK[step.state]}</b> {step.label}
          {step.us !== undefined && ` ${duration(step.us)}`}
          {step.state === "now" && <Elapsed key={step.label} since={step.since} />}
        </li>
      ))}
      {lost && <li class="steps-lost">Connection lost, trying again…</li>}
    </ol>
  );
}
