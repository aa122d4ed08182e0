// SPDX-License-Identifier: Apache-2.0
// The dialog in which data is brought: files are chosen or come dropped, each shows how far it is, and in the end it
// shows what was found. Closing it while files are on their way cancels them; the server then keeps nothing of one
// that is not whole.
import "./bring.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../core/actions.js";
import { askIt, bringAgain, closeBring, noteBusy, noteDataset, renameDataset } from "../core/actions-data.js";
import { toProblem, type Problem } from "../core/api.js";
import type { Bring, State } from "../core/state.js";
import { sendFile } from "../core/upload.js";
import type { Dataset } from "../core/wire.js";
import { Dialog } from "../parts/dialog.js";
import { Link } from "../parts/link.js";
import { Notice } from "../parts/notice.js";
import { bytes, plural } from "../words/format.js";
import { TYPE_WORDS } from "../words/profile.js";
import { bringAll, stepSaid, stepWords, type Step } from "./bring-steps.js";
import { Problems } from "./problems.js";

const ACCEPTED = ".csv,.tsv,.tab,.txt,.jsonl,.ndjson,.json,.gz,.sqlite,.sqlite3,.db";
const COLUMNS_SHOWN = 24;

function Choose({ state, take }: { state: State; take(files: File[]): void }) {
  const input = useRef<HTMLInputElement>(null);
  const { uploads, bring } = state;
  if (uploads?.problem) return <Notice title="Data cannot be added here" sentence={uploads.problem} hint={uploads.hint ?? undefined} calm />;
  return (
    <div class="bring-target">
      <b>Drop files here, or anywhere on the page</b>
      <p>CSV, TSV or JSON lines, each also as .gz, or SQLite{uploads && `; up to ${bytes(uploads.max_bytes)} each`}. {bring?.into ? "Each becomes a table of the data set." : "Several files become the tables of one data set."} They are read in a sandbox.</p>
      <button class="bring-main bring-choose" onClick={() => input.current!.click()}>Choose files…</button>
      <input ref={input} class="hidden-text" type="file" multiple accept={ACCEPTED} aria-label="Files to add" tabIndex={-1} onChange={() => take([...input.current!.files!])} />
      <p><small>A table that you copied in a spreadsheet can be pasted into the page.</small></p>
    </div>
  );
}

function FileLine({ file, step }: { file: File; step: Step }) {
  const share = step.phase === "sending" ? step.share : step.phase === "waiting" ? 0 : 1;
  const isOpen = step.phase === "sending" || step.phase === "reading";
  return (
    <li class="bring-file" data-phase={step.phase}>
      <b><bdi>{file.name}</bdi><small>{bytes(file.size)}</small></b>
      <span>{stepWords(step)}</span>
      {isOpen && (
        <div class="bring-bar" role="progressbar" aria-label={`Uploading ${file.name}`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-valuetext={stepWords(step)}>
          <i style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {step.phase === "failed" && <Notice title="Not added" sentence={step.problem.message} hint={step.problem.hint} />}
    </li>
  );
}

function Columns({ dataset }: { dataset: Dataset }) {
  return (
    <div class="bring-tables" tabIndex={0} role="region" aria-label="What was found">
      {dataset.tables.map((table) => (
        <section key={table.name}>
          <h3><bdi>{table.title}</bdi><small>{plural(table.row_count, "row")}, {plural(table.columns.length, "column")}</small></h3>
          <ul class="bring-columns">
            {table.columns.slice(0, COLUMNS_SHOWN).map((column) => <li key={column.name}><bdi>{column.title}</bdi> <small>{TYPE_WORDS[column.type]}{column.unit && <>, <bdi>{column.unit}</bdi></>}</small></li>)}
            {table.columns.length > COLUMNS_SHOWN && <li><small>and {plural(table.columns.length - COLUMNS_SHOWN, "more")}</small></li>}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Title({ dataset, set }: { dataset: Dataset; set(dataset: Dataset): void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = async (input: HTMLInputElement) => {
    const title = input.value.trim();
    if (title === dataset.title) return;
    try {
      set(await renameDataset(dataset.name, title));
      setProblem(null);
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  return (
    <div class="bring-title">
      <label for="bring-title">Title</label>
      <input id="bring-title" defaultValue={dataset.title} maxLength={120} dir="auto" autocomplete="off" aria-invalid={problem !== null} aria-describedby={problem ? "bring-title-problem" : undefined} onChange={(event) => void save(event.currentTarget)} />
      {problem && <p id="bring-title-problem" class="bring-facts" role="alert">{problem.message}</p>}
    </div>
  );
}

function Found({ dataset, set, again }: { dataset: Dataset; set(dataset: Dataset): void; again(): void }) {
  const ask = useRef<HTMLButtonElement>(null);
  useEffect(() => ask.current?.focus(), []);
  return (
    <>
      <Title dataset={dataset} set={set} />
      <p class="bring-facts">{plural(dataset.table_count ?? 0, "table")}, {plural(dataset.row_count ?? 0, "row")}. It can be asked as <code>{dataset.name}</code>.</p>
      <Columns dataset={dataset} />
      <Problems problems={dataset.problems} />
      <div class="bring-row">
        <button ref={ask} class="bring-main" onClick={() => askIt(dataset.name)}>Ask it</button>
        <Link class="plain" to={{ page: "dataset", name: dataset.name }} then={closeBring}>Look around in it</Link>
        <button class="tool bring-last" onClick={again}>Add another table</button>
      </div>
    </>
  );
}

function Review({ files, start }: { files: File[]; start(): void }) {
  return (
    <>
      <p>{files.length === 1 ? "This was pasted:" : "These were pasted:"}</p>
      <ul class="bring-files">{files.map((file, at) => <li key={at} class="bring-file"><b><bdi>{file.name}</bdi><small>{bytes(file.size)}</small></b></li>)}</ul>
      <div class="bring-row">
        <button class="bring-main" onClick={start}>Add it</button>
        <button class="plain" onClick={closeBring}>Not now</button>
      </div>
    </>
  );
}

/** Sends FILES as soon as they are there, and tells how far they are. */
function useBringing(state: State, bring: Bring, files: File[]) {
  const [steps, setSteps] = useState<Step[]>([]);
  const [dataset, set] = useState<Dataset | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = async (into = bring.into) => {
    const controller = (running.current = new AbortController());
    const now: Step[] = files.map(() => ({ phase: "waiting" }));
    setSteps([...now]);
    noteBusy(bring.key, true);
    const onStep = (at: number, step: Step) => {
      const words = stepSaid(files[at]!.name, now[at], step);
      now[at] = step;
      setSteps([...now]);
      if (words) say(words);
    };
    try {
      const made = await bringAll({ files, into, uploads: state.uploads, signal: controller.signal, send: sendFile, onStep });
      if (made) {
        set(made);
        noteDataset(made);
        say(`${made.title} can be asked now: ${plural(made.table_count ?? 0, "table")}, ${plural(made.row_count ?? 0, "row")}, ${plural(made.problems.length, "problem")} mended.`);
      }
    } catch {
      say("The upload was cancelled.");
    }
    if (!controller.signal.aborted) noteBusy(bring.key, false);
  };
  return { steps, dataset, set, start };
}

function Files({ state, bring, files, choose }: { state: State; bring: Bring; files: File[]; choose(into?: string): void }) {
  const { busy } = bring;
  const { steps, dataset, set, start } = useBringing(state, bring, files);
  const [confirmed, setConfirmed] = useState(!bring.asks);
  useEffect(() => {
    if (confirmed) void start();
  }, [confirmed]);
  if (!confirmed) return <Review files={files} start={() => setConfirmed(true)} />;
  const isDone = !busy && dataset !== null;
  const someFailed = steps.some((step) => step.phase === "failed");
  return (
    <>
      {(!isDone || someFailed) && <ul class="bring-files">{files.map((file, at) => <FileLine key={at} file={file} step={steps[at] ?? { phase: "waiting" }} />)}</ul>}
      {busy && <div class="bring-row"><button class="plain" onClick={closeBring}>Cancel</button></div>}
      {isDone && <Found dataset={dataset} set={set} again={() => choose(dataset.name)} />}
      {!busy && !dataset && steps.length > 0 && (
        <div class="bring-row">
          <button class="bring-main" onClick={() => choose(bring.into)}>Choose other files…</button>
          <button class="plain" onClick={() => void start()}>Try again</button>
        </div>
      )}
    </>
  );
}

export function BringDialog({ state, bring }: { state: State; bring: Bring }) {
  const take = (files: File[]) => files.length > 0 && bringAgain(files, bring.into);
  return (
    <Dialog title={bring.into ? "Add a table" : "Add data"} close={closeBring}>
      <div class="bring" key={bring.key}>
        {bring.files.length === 0 ? <Choose state={state} take={take} /> : <Files state={state} bring={bring} files={bring.files} choose={(into) => bringAgain([], into)} />}
      </div>
    </Dialog>
  );
}
