// SPDX-License-Identifier: Apache-2.0
// The proof in plain words: what is known of a run, and how strong its wall was. The wall is told from what the
// kernel reported inside the sandbox, never from what was asked for.
import { count, duration, kibibytes, moment, plural, shortHash } from "./format.js";
import { outcomeWords } from "./outcomes.js";
import type { Confinement, KernelLimit, Run, Turn } from "../core/wire.js";

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

const KERNEL_LIMITS: Record<KernelLimit["what"], [label: string, words: (value: number) => string]> = {
  memory_bytes: ["Memory, all of it", (bytes) => kibibytes(bytes / 1024)],
  processes: ["Processes", (number) => count(number)],
  cpu_millis: ["Processor", (millis) => (millis === 1000 ? "1 processor" : `${millis / 1000} of a processor`)],
  address_space_bytes: ["Address space", (bytes) => kibibytes(bytes / 1024)],
  cpu_time_s: ["Processor time", (seconds) => duration(seconds * 1_000_000)],
  more_processes: ["More processes", (number) => (number === 0 ? "none can be started" : count(number))],
};

function kernelLimitFacts(limits: KernelLimit[]): Fact[] {
  return limits.flatMap(({ what, value, by }) => {
    const known = KERNEL_LIMITS[what];
    return known ? fact(known[0], `${known[1](value)} (${by})`) : [];
  });
}

function limitFacts(run: Run): Fact[] {
  const { timeout_ms, memory_mb, max_rows, max_result_bytes } = run.limits ?? {};
  return [
    ...fact("Time", timeout_ms === undefined ? null : `${duration(timeout_ms * 1000)}, then it is killed with all that is in it`),
    ...fact("Memory", memory_mb === undefined ? null : `${count(memory_mb)} MB`),
    ...fact("Rows", max_rows === undefined ? null : count(max_rows)),
    ...fact("Result", max_result_bytes === undefined ? null : kibibytes(max_result_bytes / 1024)),
    ...kernelLimitFacts(run.result?.confinement?.limits ?? []),
  ];
}

function useFacts(run: Run): Fact[] {
  const stats = run.result?.stats ?? {};
  return [
    ...fact("Waited in the queue", run.queued_us === undefined ? null : duration(run.queued_us)),
    ...fact("Sandbox stood after", run.starting_us === undefined ? null : duration(run.starting_us)),
    ...fact("From start to result", run.elapsed_us === undefined ? null : duration(run.elapsed_us)),
    ...fact("The query alone", stats.elapsed_us === undefined ? null : duration(stats.elapsed_us)),
    ...fact("Processor time", stats.cpu_us === undefined ? null : duration(stats.cpu_us)),
    ...fact("Most memory", stats.peak_kib === undefined ? null : kibibytes(stats.peak_kib)),
    ...fact("Database steps", stats.vm_steps === undefined ? null : count(stats.vm_steps)),
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
    ...fact("Result", rows),
    ...fact("Edited", run.proposed_sql ? "A person changed the SQL before it ran" : null),
    ...fact("Where it ran", run.where ?? run.backend),
    ...fact("When", moment(run.created_at)),
    ...fact("Run", run.id, { mono: true }),
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

/** Everything that is known about how a turn came to its end, in groups. */
export function proofOf(turn: Turn): FactGroup[] {
  const run = turn.run;
  const groups: FactGroup[] = [
    {
      title: "The question",
      facts: [...fact("Understood as", turn.understanding), ...fact("Time to understand", turn.plan_us == null ? null : duration(turn.plan_us))],
    },
  ];
  if (turn.model && turn.planner === "model") groups.push({ title: "The model", facts: modelFacts(turn) });
  if (run) {
    groups.push({ title: "The run", facts: endFacts(run) });
    const confinement = run.result?.confinement;
    if (confinement) groups.push({ title: "The wall, as the kernel reported it", facts: wallFacts(confinement) });
    groups.push({ title: run.outcome === "completed" ? "The limits that it kept within" : "The limits that were set", facts: limitFacts(run) });
    groups.push({
      title: "The data",
      facts: [...fact("Data set", run.dataset), ...fact("SHA-256", run.result?.data_sha256, { mono: true })],
    });
    groups.push({ title: "Times and use", facts: useFacts(run) });
  }
  return groups.filter((group) => group.facts.length > 0);
}
