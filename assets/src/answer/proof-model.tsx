// SPDX-License-Identifier: Apache-2.0
// What a model did on the way to its answer: each reply, what it called, and what came of that.
import "./proof-model.css";
import { count, duration } from "../words/format.js";
import type { ModelStep, ToolCall } from "../core/wire.js";

function Call({ call }: { call: ToolCall }) {
  return (
    <li data-ok={call.ok}>
      <code>{call.tool}</code> <bdi>{call.summary ?? (call.ok ? "done" : "failed")}</bdi>
      <small>{duration(call.elapsed_us)}{call.run_id && <> · run <code>{call.run_id}</code></>}</small>
    </li>
  );
}

function Step({ step }: { step: ModelStep }) {
  const { tokens } = step;
  const facts = [
    step.model_us === undefined ? null : `the model took ${duration(step.model_us)}`,
    tokens ? `${tokens.estimated ? "about " : ""}${count(tokens.input)} tokens in, ${count(tokens.output)} out` : null,
  ].filter((fact) => fact !== null);
  return (
    <li>
      {step.text && <p><bdi>{step.text}</bdi></p>}
      {facts.length > 0 && <small>{facts.join(" · ")}</small>}
      {step.tools.length > 0 && <ul>{step.tools.map((call, at) => <Call key={at} call={call} />)}</ul>}
    </li>
  );
}

export function ModelSteps({ steps }: { steps: ModelStep[] }) {
  return (
    <section class="proof-model">
      <h3>What the model did</h3>
      <ol>{steps.map((step) => <Step key={step.step} step={step} />)}</ol>
    </section>
  );
}
