// SPDX-License-Identifier: Apache-2.0
// One turn as the page shows it: the server's turn plus how far its events have come. Pure: an event and a view
// give the next view. A turn that has ended tells its steps from its own times, so that a reload shows the same.
import { toProblem, type Problem } from "./api.js";
import type { TurnEvent } from "./follow.js";
import { plural } from "../words/format.js";
import { codeOfStatus, outcomeWords } from "../words/outcomes.js";
import type { Approval, Chart, Outcome, Param, Reading, Turn, TurnStatus } from "./wire.js";

export type Phase = "understanding" | "queued" | "starting" | "running" | "ended";

export interface TurnView {
  /** Stays the same while the turn gets its id, so that nothing on the page is drawn anew. */
  key: string;
  turn: Turn;
  phase: Phase;
  /** The connection is lost and being made again. */
  lost: boolean;
  /** The reading that was picked, for Retry. */
  reading?: number;
  startingUs?: number;
  runUs?: number;
  outcome?: Outcome;
  message?: string;
  /** The reply of the model that is under way, from 1; what it says, and what it called last. */
  modelStep?: number;
  words?: string;
  doing?: string;
  /** It waited for a person, for how long nobody counts. */
  decided?: boolean;
  /** Stop was pressed. */
  stopping?: boolean;
  /** The question never reached the server. */
  failure?: Problem;
}

export function viewOf(turn: Turn): TurnView {
  return { key: turn.id, turn, phase: turn.status === "running" ? "understanding" : "ended", lost: false };
}

export function pendingView(key: string, question: string, dataset: string, now: Date, reading?: number, given: Partial<Turn> = {}): TurnView {
  const turn: Turn = { ...given, id: "", conversation_id: "", ordinal: 0, question, dataset, status: "running", created_at: now.toISOString() };
  return { key, turn, phase: "understanding", lost: false, ...(reading === undefined ? {} : { reading }) };
}

export function failedView(view: TurnView, error: unknown): TurnView {
  return { ...view, phase: "ended", lost: false, failure: toProblem(error), turn: { ...view.turn, status: "failed" } };
}

export function isRunning(view: TurnView): boolean {
  return view.turn.status === "running";
}

/** What a model does, for whoever waits. */
const TOOLS: Record<string, string> = {
  list_tables: "looking at the tables",
  describe_table: "looking at a table",
  find_values: "looking for values",
  run_sql: "computing",
  ask_user: "asking back",
  answer: "answering",
};

interface Planned {
  understanding?: string;
  sql?: string;
  params?: Param[];
  chart?: Chart | null;
  elapsed_us?: number;
}

export function applyEvent(view: TurnView, event: TurnEvent): TurnView {
  const data = event.data;
  const turn = view.turn;
  switch (event.name) {
    case "turn.started":
      return { ...view, turn: data.turn as Turn };
    case "plan.proposed": {
      const { understanding, sql, params, chart, elapsed_us } = data as Planned;
      // Where readings were tried, the run is over by now.
      return { ...view, phase: view.outcome ? view.phase : "queued", turn: { ...turn, understanding, sql, params, chart, plan_us: elapsed_us } };
    }
    case "plan.ambiguous":
      return { ...view, message: data.message as string, turn: { ...turn, readings: data.readings as Reading[] } };
    case "step.started":
      return { ...view, phase: "understanding", modelStep: data.step as number, words: "", doing: undefined };
    case "text.delta":
      return { ...view, words: (view.words ?? "") + (data.text as string) };
    case "model.waiting":
      return { ...view, doing: `waiting for the model: ${data.message as string}` };
    case "tool.called":
      return { ...view, doing: TOOLS[data.tool as string] ?? "at work" };
    case "tool.ended":
      return { ...view, doing: undefined };
    case "run.proposed":
      return { ...view, turn: { ...turn, approval: data as unknown as Approval } };
    case "run.approved":
    case "run.refused":
      return { ...view, decided: true, turn: { ...turn, approval: null } };
    case "run.queued":
      return { ...view, phase: "queued" };
    case "run.starting":
      return { ...view, phase: "starting" };
    case "run.running":
      return { ...view, phase: "running", startingUs: data.elapsed_us as number | undefined };
    case "run.ended":
      return { ...view, phase: "ended", outcome: data.outcome as Outcome, runUs: data.elapsed_us as number | undefined };
    case "answer":
      return { ...view, turn: { ...(data.turn as Turn), sentence: data.sentence as string, status: turn.status } };
    case "turn.failed": {
      const { code, message, hint, suggestions } = data as { code: string; message: string; hint?: string; suggestions?: string[] };
      return { ...view, turn: { ...turn, error: { code, message, ...(hint ? { hint } : {}) }, suggestions: suggestions ?? null } };
    }
    case "turn.ended":
      return { ...view, phase: "ended", turn: { ...(data.turn as Turn), status: data.status as TurnStatus } };
    default:
      return view;
  }
}

export interface Step {
  name: "plan" | "model" | "approval" | "sandbox" | "run";
  state: "now" | "done" | "bad";
  label: string;
  us?: number;
  /** It began before the page could see it: this long after the question, at this time. */
  since?: { iso: string; afterUs: number };
}

const step = (name: Step["name"], state: Step["state"], label: string, us?: number | null): Step =>
  us === undefined || us === null ? { name, state, label } : { name, state, label, us };

function modelLabel(view: TurnView): string {
  return `asking the model, step ${view.modelStep ?? 1}${view.doing ? `: ${view.doing}` : ""}`;
}

/** A model's replies and all that they called: the runs are in that time. */
function modelSteps(turn: Turn): Step[] {
  const steps = turn.steps ?? [];
  if (steps.length === 0) return [];
  const us = steps.reduce((sum, one) => sum + (one.elapsed_us ?? 0), 0);
  return [step("model", turn.status === "failed" ? "bad" : "done", `model, ${plural(steps.length, "step")}`, us)];
}

/** Nothing is understood of SQL that was given. */
function planSteps({ planner, plan_us: us }: Turn): Step[] {
  return planner === "sql" ? [] : [step("plan", "done", "understood", us)];
}

function endedSteps(view: TurnView): Step[] {
  const { turn } = view;
  const run = turn.run;
  if (!run || turn.planner === "model") return modelSteps(turn);
  const outcome = run.outcome ?? view.outcome ?? "interrupted";
  const steps = planSteps(turn);
  const startingUs = run.starting_us ?? view.startingUs;
  // Without a start there was no sandbox; then the run's own end says what went wrong.
  if (startingUs) steps.push(step("sandbox", "done", "sandbox", startingUs));
  const good = outcome === "completed";
  const label = good ? "ran" : outcomeWords(outcome).title.toLowerCase();
  return [...steps, step("run", good ? "done" : "bad", label, run.elapsed_us || view.runUs || null)];
}

export function stepsOf(view: TurnView): Step[] {
  if (!isRunning(view)) return endedSteps(view);
  const steps = runningSteps(view);
  const last = steps.at(-1)!;
  // A turn that was found under way has been so for longer than it has been looked at.
  if (view.key !== view.turn.id || view.decided || last.state !== "now") return steps;
  const afterUs = steps.reduce((sum, one) => sum + (one.us ?? 0), 0);
  return [...steps.slice(0, -1), { ...last, since: { iso: view.turn.created_at, afterUs } }];
}

function runningSteps(view: TurnView): Step[] {
  if (view.turn.approval) return [...planSteps(view.turn), step("approval", "now", "waiting for your approval")];
  if (view.modelStep) return [step("model", "now", modelLabel(view))];
  const isGiven = view.turn.planner === "sql";
  if (view.phase === "understanding" && !isGiven) return [step("plan", "now", "understanding")];
  const steps = planSteps(view.turn);
  if (view.phase === "queued" || view.phase === "understanding") return [...steps, step("sandbox", "now", "waiting for a sandbox")];
  if (view.phase === "starting") return [...steps, step("sandbox", "now", "sandbox starting")];
  steps.push(step("sandbox", "done", "sandbox", view.startingUs));
  if (view.phase === "running") return [...steps, step("run", "now", "running")];
  return [...steps, step("run", view.outcome === "completed" ? "done" : "bad", "ran", view.runUs)];
}

/** What a screen reader is told when the view changes; null where nothing new is worth saying. */
export function announcement(before: TurnView, after: TurnView): string | null {
  if (after.lost && !before.lost) return "Connection lost, trying again.";
  if (isRunning(before) && !isRunning(after)) return endWords(after);
  if (after.turn.approval && !before.turn.approval) return "A run waits for your approval.";
  if (after.modelStep !== before.modelStep && after.modelStep) return `Asking the model, step ${after.modelStep}.`;
  if (before.phase === after.phase || !isRunning(after)) return null;
  if (after.phase === "starting") return "Sandbox starting.";
  return after.phase === "running" ? "Running." : null;
}

export function endWords(view: TurnView): string {
  const { turn } = view;
  if (turn.status === "answered") return turn.sentence ?? "Answered.";
  if (turn.status === "ambiguous") return `${ambiguousWords(view)} ${(turn.readings ?? []).map((r) => r.title).join(", or ")}`;
  const failure = failureOf(view);
  return `${failure.title}. ${failure.sentence}`;
}

export function ambiguousWords(view: TurnView): string {
  return view.message ?? view.turn.sentence ?? view.turn.understanding ?? view.turn.error?.message ?? "This can be read in more than one way. Which one is meant?";
}

export interface Failure {
  code: string;
  title: string;
  sentence: string;
  hint?: string;
}

/** Why a turn has no answer: what the turn says, else its run, else what its status means. */
export function failureOf(view: TurnView): Failure {
  const { turn, failure } = view;
  const run = turn.run?.outcome && turn.run.outcome !== "completed" ? turn.run : null;
  const code = failure?.code ?? turn.error?.code ?? run?.outcome ?? codeOfStatus(turn.status);
  const words = outcomeWords(code);
  const sentence = failure?.message ?? turn.error?.message ?? run?.message ?? run?.result?.error?.message ?? words.sentence;
  const hint = failure?.hint ?? turn.error?.hint ?? run?.hint ?? run?.result?.error?.hint;
  return { code, title: words.title, sentence, ...(hint ? { hint } : {}) };
}
