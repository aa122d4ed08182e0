// SPDX-License-Identifier: Apache-2.0
// One question and what became of it. Drawn again only when its own view changes: in a long conversation the
// events of the last turn must not touch the two hundred before it.
import "./turn.css";
import { Component } from "preact";
import { useState } from "preact/hooks";
import { ask, retry } from "../core/actions.js";
import { ApprovalCard } from "./approval.js";
import { Card } from "../answer/card.js";
import { EditSql } from "../answer/edit.js";
import { Choices } from "../parts/choices.js";
import { emphasise, markTexts, markUnproven, type Piece } from "../words/emphasis.js";
import { hasMarkdown } from "../words/markdown.js";
import { Link } from "../parts/link.js";
import { Notice } from "../parts/notice.js";
import { Rich, RichGrowing } from "../parts/rich.js";
import { ambiguousWords, failureOf, isRunning, stepsOf, type TurnView } from "../core/progress.js";
import { Feedback, takesFeedback } from "./feedback.js";
import { Remembered } from "./remembered.js";
import { Steps } from "./steps.js";
import type { Turn } from "../core/wire.js";

interface Props {
  view: TurnView;
  /** Another question is under way, so none can be asked from here; nothing can from an answered turn. */
  busy: boolean;
  /** The address names this one. */
  target: boolean;
}

type Shown = Pick<Props, "view" | "busy">;

const UNPROVEN = "This number is in no result and follows from none.";

function Words({ piece }: { piece: Piece }) {
  if (piece.unproven) return <mark class="turn-unproven" title={UNPROVEN}>{piece.text}<span class="hidden-text"> (not proven)</span></mark>;
  return piece.strong ? <strong>{piece.text}</strong> : <>{piece.text}</>;
}

/** A model's sentence may be Markdown; its numbers are marked by their words wherever they stand. */
function Said({ turn }: { turn: Turn }) {
  const { sentence, unproven_numbers: unproven } = turn;
  return <div class="turn-say"><Rich text={sentence ?? ""} draw={(text) => markTexts(text, unproven).map((piece, i) => <Words key={i} piece={piece} />)} /></div>;
}

export function Sentence({ view }: { view: TurnView }) {
  const { sentence, understanding, run, unproven_numbers: unproven } = view.turn;
  const hasSaid = view.turn.planner === "model" && hasMarkdown(sentence ?? "");
  return (
    <>
      {sentence && hasSaid && <Said turn={view.turn} />}
      {sentence && !hasSaid && <p class="turn-say">{markUnproven(emphasise(sentence, run?.result), unproven).map((piece, i) => <Words key={i} piece={piece} />)}</p>}
      {unproven && unproven.length > 0 && <p class="turn-understood">What is marked is in no result and follows from none: check it.</p>}
      <Remembered turn={view.turn} />
      {understanding && <p class="turn-understood">Understood as: <bdi>{understanding}</bdi></p>}
    </>
  );
}

function Ambiguous({ view, busy }: Shown) {
  const { question, readings } = view.turn;
  const choices = (readings ?? []).map((reading) => ({ title: reading.title, detail: reading.detail, preview: reading.preview, pick: () => void ask(question, reading.index) }));
  return (
    <>
      <p class="turn-say">{ambiguousWords(view)}</p>
      <Choices label="What is meant" choices={choices} disabled={busy} />
    </>
  );
}

function Failed({ view, busy }: Shown) {
  const { status, suggestions, run } = view.turn;
  const [editing, setEditing] = useState(false);
  const failure = failureOf(view);
  const notUnderstood = status === "not_understood";
  const choices = (suggestions ?? []).map((text) => ({ title: text, pick: () => void ask(text) }));
  return (
    <>
      <Notice title={failure.title} sentence={failure.sentence} hint={notUnderstood && choices.length > 0 ? undefined : failure.hint} calm={notUnderstood || failure.code === "cancelled"}>
        {!notUnderstood && <button class="plain" disabled={busy} onClick={() => void retry(view)}>Retry</button>}
        {run && !editing && <button class="plain" disabled={busy} onClick={() => setEditing(true)}>Edit the SQL</button>}
      </Notice>
      {choices.length > 0 && (
        <div class="turn-suggestions">
          <p>{notUnderstood ? "Questions that can be answered:" : "Or ask:"}</p>
          <Choices label="Questions that can be answered" choices={choices} disabled={busy} />
        </div>
      )}
      {run && editing && <div class="card turn-edit"><EditSql turn={view.turn} run={run} close={() => setEditing(false)} /></div>}
      {run && (
        <details class="turn-details">
          <summary>SQL and proof</summary>
          <Card turn={view.turn} run={run} />
        </details>
      )}
    </>
  );
}

function Trouble({ turn }: { turn: Turn }) {
  return turn.model_trouble ? <p class="turn-understood">The language model could not be asked: <bdi>{turn.model_trouble.message}</bdi></p> : null;
}

function Outcome({ view, busy }: Shown) {
  const { turn } = view;
  if (turn.status === "answered") {
    return <>
      <Sentence view={view} />
      {turn.run && <Card turn={turn} run={turn.run} />}
    </>;
  }
  return <>
    {turn.status === "ambiguous" ? <Ambiguous view={view} busy={busy} /> : <Failed view={view} busy={busy} />}
    <Trouble turn={turn} />
  </>;
}

/** Where SQL that was given comes from: the turn that it was in before it was changed. */
function EditedFrom({ turn }: { turn: Turn }) {
  if (!turn.edits || !turn.conversation_id) return null;
  return <p class="turn-from"><Link to={{ page: "conversation", id: turn.conversation_id, turn: turn.edits }}>Edited from an answer above</Link></p>;
}

export class TurnItem extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return next.view !== this.props.view || next.busy !== this.props.busy || next.target !== this.props.target;
  }

  override render({ view, busy, target }: Props) {
    const title = `question-${view.key}`;
    return (
      <article class="turn" data-turn={view.key} data-id={view.turn.id} data-status={view.turn.status} data-target={target} tabIndex={-1} aria-labelledby={title}>
        <h2 class="turn-question" id={title}><span class="hidden-text">You asked: </span><bdi>{view.turn.question}</bdi></h2>
        <EditedFrom turn={view.turn} />
        <section class="turn-answer" aria-label="Answer" aria-busy={isRunning(view)}>
          <Steps steps={stepsOf(view)} lost={view.lost} />
          {isRunning(view) && view.words && <div class="turn-words"><RichGrowing text={view.words} /></div>}
          {isRunning(view) && view.turn.approval && <ApprovalCard key={view.turn.approval.run_id} view={view} approval={view.turn.approval} />}
          {!isRunning(view) && <Outcome view={view} busy={busy} />}
          {takesFeedback(view.turn) && <Feedback view={view} />}
        </section>
      </article>
    );
  }
}
