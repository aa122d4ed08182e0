// SPDX-License-Identifier: Apache-2.0
// How the server is: what holds a sandbox here and what does not, as it found when it last made a run to see, and
// what else a person who runs it wants to know. "Check again" makes another run.
import "./status.css";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { say, took } from "../core/actions.js";
import { toProblem, type Problem } from "../core/api.js";
import { api } from "../core/session.js";
import type { State } from "../core/state.js";
import { toast } from "../core/toasts.js";
import type { DatasetSummary, Finding, Health } from "../core/wire.js";
import { Link } from "../parts/link.js";
import { Waiting } from "../parts/lazy.js";
import { Notice } from "../parts/notice.js";
import { age, hintPieces } from "../words/commands.js";
import { count, duration } from "../words/format.js";

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast("The command was copied.");
  } catch {
    toast("The browser does not let the page copy it.", { bad: true });
  }
}

function Hint({ hint }: { hint: string }) {
  return (
    <p class="status-hint">
      {hintPieces(hint).map((piece, index) =>
        piece.isCommand ? <span key={index} class="status-command"><code>{piece.text}</code> <button class="tool" aria-label={`Copy ${piece.text}`} onClick={() => void copy(piece.text)}>Copy</button></span> : <bdi key={index}>{piece.text}</bdi>,
      )}
    </p>
  );
}

const GROUPS: { state: Finding["state"]; words: string; mark: string }[] = [
  { state: "missing", words: "Missing", mark: "✗" },
  { state: "weaker", words: "Weaker than it could be", mark: "△" },
  { state: "holds", words: "Holds", mark: "✓" },
];

function Findings({ findings }: { findings: Finding[] }) {
  return (
    <>
      {GROUPS.map(({ state, words, mark }) => {
        const members = findings.filter((finding) => finding.state === state);
        if (members.length === 0) return null;
        return (
          <section key={state} class="status-group" data-state={state} aria-label={words}>
            <h3><span aria-hidden="true">{mark}</span> {words}</h3>
            <dl>
              {members.map((finding) => (
                <div key={finding.what}>
                  <dt>{finding.what}</dt>
                  <dd><bdi>{finding.detail}</bdi>{finding.hint && <Hint hint={finding.hint} />}</dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </>
  );
}

function Figure({ term, children }: { term: string; children: ComponentChildren }) {
  return <div><dt>{term}</dt><dd>{children}</dd></div>;
}

function Figures({ health }: { health: Health }) {
  const { sandbox, runs, datasets } = health;
  return (
    <dl class="status-figures">
      <Figure term="Version">{health.version}</Figure>
      <Figure term="Up for">{age(health.uptime_s ?? 0)}</Figure>
      <Figure term="Sandbox start">{sandbox.last_start_us ? duration(sandbox.last_start_us) : "–"}</Figure>
      <Figure term="Runs now">{count(runs?.running ?? 0)}</Figure>
      <Figure term="Waiting">{count(runs?.queued ?? 0)}</Figure>
      <Figure term="Data sets">{count(datasets.ready ?? 0)}</Figure>
    </dl>
  );
}

function Model({ health }: { health: Health }) {
  const model = health.planner?.model;
  const isOff = health.planner?.mode === "builtin";
  return (
    <section aria-labelledby="status-model">
      <h2 id="status-model">Language model</h2>
      {model ? (
        <>
          <p data-tone={model.reachable ? "ok" : "bad"} class="status-line"><bdi>{model.detail}</bdi>{/[.!?]$/.test(model.detail) ? "" : "."}</p>
          {model.hint && <Hint hint={model.hint} />}
          {isOff && <p>PLANNER=builtin: it is not asked.</p>}
        </>
      ) : (
        <p>None is set: the built-in planner answers. <Link to={{ page: "settings" }}>Set one</Link></p>
      )}
    </section>
  );
}

function Data({ datasets }: { datasets: DatasetSummary[] }) {
  const failed = datasets.filter((one) => one.status === "failed");
  return (
    <section aria-labelledby="status-data">
      <h2 id="status-data">Data sets</h2>
      {failed.length === 0 && <p>{datasets.length === 0 ? "There are none yet." : "All of them can be asked about."} <Link to={{ page: "data" }}>Look at the data</Link></p>}
      {failed.length > 0 && (
        <dl class="status-failed">
          {failed.map((one) => <div key={one.name}><dt><bdi>{one.name}</bdi></dt><dd>Cannot be used: <bdi>{one.problem ?? "the reason is not known"}</bdi></dd></div>)}
        </dl>
      )}
    </section>
  );
}

/** The whole of it in one line: red where nothing runs, amber where something could be stronger. */
function headline(health: Health): { tone: "ok" | "warn" | "bad"; words: string } {
  const { sandbox, datasets } = health;
  if (!sandbox.healthy) return { tone: "bad", words: "Nothing can be computed" };
  if (!datasets.ready) return { tone: "bad", words: "There is no data to ask about" };
  if (sandbox.findings?.some((finding) => finding.state === "missing")) return { tone: "warn", words: "It works, and something is missing" };
  return sandbox.hint ? { tone: "warn", words: "It works, behind a weaker wall" } : { tone: "ok", words: "All is well" };
}

export function StatusPage({ state }: { state: State }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { health } = state;
  const again = async () => {
    setBusy(true);
    setProblem(null);
    try {
      took(await api.checkHealth());
      say("It was checked again.");
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  };
  if (!health) return <div class="page"><div class="page-column"><Waiting what="the status" /></div></div>;
  const { tone, words } = headline(health);
  return (
    <div class="page status">
      <div class="page-column">
        <div class="status-head">
          <h2><i class={`walls-dot ${tone}`} aria-hidden="true" />{words}</h2>
          <button class="plain" disabled={busy} onClick={() => void again()}>{busy ? "Checking…" : "Check again"}</button>
        </div>
        <p class="page-lead"><bdi>{health.sandbox.summary}</bdi>{health.sandbox.summary.endsWith(".") ? "" : "."}</p>
        {problem && <Notice title="It was not checked" sentence={problem.message} hint={problem.hint} />}
        <Figures health={health} />
        <section aria-labelledby="status-walls">
          <h2 id="status-walls">What holds a sandbox here</h2>
          {health.sandbox.hint && <Hint hint={health.sandbox.hint} />}
          <Findings findings={health.sandbox.findings ?? []} />
          <p class="status-foot">Read back from the kernel inside a sandbox that was made to see. <code>app sandbox check</code> prints the same.</p>
        </section>
        <Model health={health} />
        <Data datasets={state.datasets ?? []} />
        <section aria-labelledby="status-more">
          <h2 id="status-more">For whoever runs it</h2>
          <p><a href="/metrics">Metrics</a> for Prometheus, and the <a href="/api/openapi.json">contract of the API</a>. <code>docs/troubleshooting.md</code> and <code>docs/security.md</code> say what each finding means.</p>
        </section>
      </div>
    </div>
  );
}
