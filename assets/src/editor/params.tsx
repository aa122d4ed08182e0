// SPDX-License-Identifier: Apache-2.0
// The values that are bound to a statement, to be edited: one row for each place that the statement has.
import "./params.css";
import { useId } from "preact/hooks";
import { draftProblem, type Draft, type ParamKind } from "../words/params.js";

interface Props {
  places: string[];
  drafts: Draft[];
  onChange(at: number, draft: Draft): void;
}

const KINDS: Record<ParamKind, string> = { text: "text", number: "number", boolean: "true or false", null: "NULL" };

function Value({ place, draft, onChange, problemId }: { place: string; draft: Draft; onChange(draft: Draft): void; problemId: string | undefined }) {
  const label = `Value of ${place}`;
  const set = (text: string) => onChange({ ...draft, text });
  if (draft.kind === "null") return <input aria-label={label} value="NULL" disabled />;
  if (draft.kind === "boolean") {
    return (
      <select aria-label={label} value={draft.text === "true" ? "true" : "false"} onChange={(event) => set(event.currentTarget.value)}>
        <option>true</option>
        <option>false</option>
      </select>
    );
  }
  return <input aria-label={label} aria-invalid={problemId !== undefined} aria-describedby={problemId} inputMode={draft.kind === "number" ? "decimal" : "text"} spellcheck={false} value={draft.text} onInput={(event) => set(event.currentTarget.value)} />;
}

function Row({ place, draft, onChange }: { place: string; draft: Draft; onChange(draft: Draft): void }) {
  const id = useId();
  const problem = draftProblem(draft);
  return (
    <div class="params-row">
      <code aria-hidden="true">{place}</code>
      <select aria-label={`Type of ${place}`} value={draft.kind} onChange={(event) => onChange({ ...draft, kind: event.currentTarget.value as ParamKind })}>
        {Object.entries(KINDS).map(([kind, words]) => <option key={kind} value={kind}>{words}</option>)}
      </select>
      <Value place={place} draft={draft} onChange={onChange} problemId={problem ? id : undefined} />
      {problem && <p id={id} class="params-problem">{problem}</p>}
    </div>
  );
}

export function ParamRows({ places, drafts, onChange }: Props) {
  if (places.length === 0) return null;
  return (
    <fieldset class="params">
      <legend>Values bound to it</legend>
      {places.map((place, at) => <Row key={at} place={place} draft={drafts[at]!} onChange={(draft) => onChange(at, draft)} />)}
    </fieldset>
  );
}
