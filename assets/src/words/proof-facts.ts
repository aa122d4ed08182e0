// SPDX-License-Identifier: Apache-2.0
// The proof in plain words: what is known of a run, and how strong its wall was. The wall is told from what the
// kernel reported inside the sandbox, never from what was asked for.
import { count, duration, moment, plural, shortHash } from "./format.js";
import { outcomeWords } from "./outcomes.js";
import type { Confinement, Run, Turn } from "../core/wire.js";

export interface Wall {
  strength: "strong" | "weaker" | "none";
  seal: string;
  /** Why it is weaker, in one sentence. */
  because: string | null;
}

export function wallOf(confinement: Confinement | undefined): Wall {
  if (!confinement) return { strength: "none", seal: "No sandbox", because: "Nothing was run, so there is nothing to prove." };
  if (confinement.network !== "none" && !confinement.seccomp) {
    return { strength: "weaker", seal: "Weaker wall", because: "The run could have reached the network." };
  }
  if ((confinement.namespaces ?? []).length === 0) {
    return { strength: "weaker", seal: "Weaker wall", because: "This machine gave the run no namespaces of its own, so it saw the same system as the server, locked down by the kernel's other means." };
  }
  return { strength: "strong", seal: "Sandboxed", because: null };
}

function lastedUs(run: Run): number | null {
  const us = (run.starting_us ?? 0) + (run.elapsed_us ?? 0);
  return us > 0 ? us : null;
}

/** "6 namespaces · Landlock 7 · seccomp" */
export function wallWords(confinement: Confinement): string {
  const words = [
    confinement.namespaces?.length ? plural(confinement.namespaces.length, "namespace") : "no namespaces",
    confinement.landlock ? `Landlock ${confinement.landlock}` : "no Landlock",
    confinement.seccomp ? "seccomp" : "no seccomp",
  ];
  return words.join(" · ");
}

/** The strip below an answer, after its seal. */
export function stripOf(run: Run): string[] {
  const lasted = lastedUs(run);
  const where = run.where ?? run.backend ?? "sandbox";
  const words = [lasted === null ? where : `${where}, gone after ${duration(lasted)}`];
  const confinement = run.result?.confinement;
  if (confinement) words.push(confinement.network === "none" ? "no network" : confinement.seccomp ? "no socket" : "network not shut off", wallWords(confinement));
  return words;
}

export function stripHash(run: Run): string | null {
  const hash = run.result?.data_sha256;
  return hash ? shortHash(hash) : null;
}

export interface Fact {
  label: string;
  text: string;
  /** Code, a hash or an id: set in the monospaced face. */
  mono?: boolean;
  tone?: "good" | "weak" | "bad";
  /** It can be copied; what it is then called: "the hash". */
  copy?: string;
}

export interface FactGroup {
  title: string;
  facts: Fact[];
}

const NAMESPACES: Record<string, string> = {
  user: "users", pid: "processes", net: "network", mount: "files", ipc: "shared memory", uts: "host name", cgroup: "control groups", time: "clocks",
};

function fact(label: string, text: string | null | undefined, more: Partial<Fact> = {}): Fact[] {
  return text ? [{ label, text, ...more }] : [];
}

function held(label: string, holds: boolean | undefined, yes: string, no: string): Fact[] {
  return holds === undefined ? [] : fact(label, holds ? yes : no, { tone: holds ? "good" : "weak" });
}

function wallFacts(confinement: Confinement): Fact[] {
  const spaces = confinement.namespaces ?? [];
  const named = spaces.map((name) => NAMESPACES[name] ?? name).join(", ");
  return [
    ...held("Network", confinement.network === undefined ? undefined : confinement.network === "none", "None: no other machine or program could be reached", confinement.seccomp ? "Interfaces could be seen, but no socket could be made" : "Not shut off: interfaces were there"),
    ...held("Its own view of", spaces.length > 0, `${named} (${plural(spaces.length, "namespace")})`, "Nothing: no namespaces; it saw the same system as the server"),
    ...held("Files", confinement.landlock === undefined ? undefined : confinement.landlock > 0, `Landlock, version ${confinement.landlock}: only what was opened for it`, "No Landlock: the kernel did not guard them"),
    ...held("System calls", confinement.seccomp, "seccomp: only those on the list", "No seccomp: not filtered"),
    ...held("More rights", confinement.no_new_privs, "None to be had: no_new_privs is set", "Could be gained: no_new_privs is not set"),
    ...held("Capabilities", confinement.capabilities === undefined ? undefined : confinement.capabilities === 0, "None left", `${count(confinement.capabilities ?? 0)} left`),
    ...fact("User inside", confinement.uid === undefined ? null : `uid ${confinement.uid}`),
  ];
}

function endFacts(run: Run): Fact[] {
  const outcome = run.outcome ?? "interrupted";
  const words = outcomeWords(outcome);
  const good = outcome === "completed";
  const result = run.result;
  const rows = result && good ? plural(result.row_count, "row") + (result.truncated ? "; there were more, the rest was left out" : ", the whole result") : null;
  return [
    ...fact("How it ended", good ? `${words.title}: ${words.sentence}` : `${words.title}: ${run.message ?? words.sentence}`, { tone: good ? "good" : "bad" }),
    ...fact("Returned", rows),
    ...fact("Where it ran", run.where ?? run.backend),
    ...fact("When", moment(run.created_at)),
    ...fact("Database steps", result?.stats.vm_steps === undefined ? null : count(result.stats.vm_steps)),
    ...fact("Run", run.id, { mono: true, copy: "the run's id" }),
    ...fact("Repeats", run.replay_of, { mono: true }),
  ];
}

const PLANNERS: Record<string, string> = { builtin: "The built-in planner, without a language model", model: "A language model", sql: "A person wrote the SQL" };

function questionFacts(turn: Turn): Fact[] {
  const { run, planner } = turn;
  return [
    ...fact("Understood as", turn.understanding),
    ...fact("Understood by", planner ? PLANNERS[planner] : null),
    ...fact("Readings tried", run?.readings_tried ? `${count(run.readings_tried)}, in this one sandbox; this one was chosen` : null),
    ...fact("Edited", run?.proposed_sql ? "A person changed the SQL before it ran" : null, { tone: "weak" }),
    ...fact("Edited from", turn.edits, { mono: true }),
    ...fact("Asked again of", turn.retry_of, { mono: true }),
  ];
}

function modelFacts(turn: Turn): Fact[] {
  const runs = (turn.steps ?? []).flatMap((step) => step.tools).filter((tool) => tool.run_id !== null);
  return [
    ...fact("Asked", `${turn.model!.name}, ${turn.model!.provider}`),
    ...fact("What it saw", turn.share === "schema" ? "The schema, and no cell of any table" : "The schema, samples and results"),
    ...fact("Steps", plural(turn.steps?.length ?? 0, "reply", "replies")),
    ...fact("Runs", plural(runs.length, "run")),
    ...fact("Tokens", turn.tokens_used === undefined ? null : count(turn.tokens_used)),
  ];
}

/** What is known about how a turn came to its end, in groups; its limits and times are told elsewhere. */
export function proofOf(turn: Turn): FactGroup[] {
  const { run } = turn;
  const groups: FactGroup[] = [{ title: turn.planner === "sql" ? "The statement" : "The question", facts: questionFacts(turn) }];
  if (turn.model && turn.planner === "model") groups.push({ title: "The model", facts: modelFacts(turn) });
  if (run) {
    const confinement = run.result?.confinement;
    groups.push({ title: "The run", facts: endFacts(run) });
    if (confinement) groups.push({ title: "The wall, as the kernel reported it", facts: wallFacts(confinement) });
    groups.push({ title: "The data", facts: [...fact("Data set", run.dataset), ...fact("SHA-256", run.result?.data_sha256, { mono: true, copy: "the hash" })] });
  }
  return groups.filter((group) => group.facts.length > 0);
}
