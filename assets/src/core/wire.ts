// SPDX-License-Identifier: Apache-2.0
// The shapes that docs/openapi.yaml promises, as far as the page reads them. Written by hand on purpose: what is
// not listed here is not used. Nothing here is trusted to be safe as markup; it all reaches the page as text.

export type Outcome =
  | "completed" | "query_failed" | "request_refused" | "timed_out" | "out_of_memory" | "result_too_large"
  | "cancelled" | "killed" | "sandbox_unavailable" | "image_pull_failed" | "unschedulable" | "quota_exceeded"
  | "admission_denied" | "evicted" | "node_lost" | "queue_full" | "interrupted" | "internal_error";

export type TurnStatus =
  | "running" | "answered" | "ambiguous" | "not_understood" | "failed" | "cancelled" | "interrupted";

export type Param = string | number | boolean | null;
export type Cell = string | number | boolean | null | { base64: string };

export interface DatasetSummary {
  name: string;
  title: string;
  description?: string;
  license?: string;
  source?: { name?: string; url?: string };
  status: "ready" | "failed";
  problem?: string;
  table_count?: number;
  row_count?: number;
  data_sha256?: string;
  /** The author's; where there are none, questions made from the data. */
  prompts: string[];
  suggestions?: string[];
  origin: "bundled" | "folder" | "upload";
  created_at?: string;
  size_bytes: number;
  /** What had to be mended to read it, by file and line. */
  problems: string[];
}

export type ColumnType = "integer" | "real" | "text" | "date" | "timestamp" | "time" | "boolean";

/** What is known of the values of one column. */
export interface ColumnProfile {
  name: string;
  title: string;
  description?: string;
  type: ColumnType;
  unit?: string;
  /** "table.column" */
  references?: string;
  null_count: number;
  distinct_count: number;
  min: number | string | null;
  max: number | string | null;
  /** The commonest values, and how often each is there. */
  samples: string[];
  sample_counts: number[];
  quartiles?: [number, number, number];
  is_category: boolean;
}

export interface TableProfile {
  name: string;
  title: string;
  description?: string;
  row?: string;
  row_count: number;
  columns: ColumnProfile[];
}

export interface Dataset extends DatasetSummary {
  tables: TableProfile[];
}

/** What the server takes; `max_bytes` 0 is nothing, and then `problem` says why. */
export interface Uploads {
  max_bytes: number;
  problem: string | null;
  hint: string | null;
}

export interface Conversation {
  id: string;
  title: string;
  dataset: string;
  created_at: string;
  updated_at: string;
  turn_count: number;
}

/** One that was searched for; where the words are, unless the title has them all. */
export interface FoundConversation extends Conversation {
  match?: { turn_id: string; text: string } | null;
}

export type FeedbackReason = "wrong_answer" | "misunderstood" | "too_slow" | "hard_to_read" | "other";

/** What somebody thinks of an answer. */
export interface Feedback {
  value: "up" | "down";
  reason?: FeedbackReason;
  comment?: string;
}

export interface Reading {
  index: number;
  title: string;
  detail: string;
  preview?: string | null;
}

export interface Chart {
  kind: "bar" | "line";
  x: number;
  y: number;
  unit?: string;
}

/** Of result columns, by their names: "USD", "mm". */
export type Units = Record<string, string>;

export interface Column {
  name: string;
  type: "integer" | "real" | "text" | "date" | "timestamp" | "time" | "boolean" | "blob" | "null";
}

export interface Confinement {
  namespaces?: string[];
  landlock?: number;
  seccomp?: boolean;
  no_new_privs?: boolean;
  capabilities?: number;
  network?: "none" | "visible";
  uid?: number;
  limits?: KernelLimit[];
}

/** What the kernel holds a run to, and by which of its means. */
export interface KernelLimit {
  what: "memory_bytes" | "processes" | "cpu_millis" | "address_space_bytes" | "cpu_time_s" | "more_processes";
  value: number;
  by: "cgroup v2" | "cgroup v1" | "rlimit";
}

export interface Result {
  run_id: string;
  outcome: Outcome;
  columns: Column[];
  rows: Cell[][];
  row_count: number;
  truncated: boolean;
  data_sha256: string;
  stats: { elapsed_us?: number; cpu_us?: number; peak_kib?: number; vm_steps?: number };
  confinement: Confinement;
  error: { message: string; hint?: string } | null;
}

export interface Run {
  id: string;
  turn_id?: string | null;
  dataset: string;
  sql: string;
  params: Param[];
  outcome: Outcome | null;
  message?: string | null;
  hint?: string | null;
  created_at: string;
  backend?: "local" | "docker" | "k8s";
  where?: string;
  queued_us?: number;
  starting_us?: number;
  elapsed_us?: number;
  /** What somebody edited before it ran. */
  proposed_sql?: string;
  /** So many readings were run in this sandbox; this one was chosen. */
  readings_tried?: number;
  /** The run that this one repeats. */
  replay_of?: string;
  limits?: { timeout_ms?: number; memory_mb?: number; max_rows?: number; max_result_bytes?: number };
  result?: Result | null;
}

/** A run that waits until somebody approves of it. */
export interface Approval {
  run_id: string;
  sql: string;
  params: Param[];
  understanding: string | null;
  expires_at: string;
}

/** What a model called on the way; the person sees its outcome in words. */
export interface ToolCall {
  tool: string;
  arguments: Record<string, unknown> | string;
  ok: boolean;
  summary: string | null;
  run_id: string | null;
  elapsed_us: number;
}

/** One reply of a model. */
export interface ModelStep {
  step: number;
  text: string | null;
  model_us?: number;
  elapsed_us?: number;
  tokens?: { input: number; output: number; estimated: boolean };
  tools: ToolCall[];
}

/** A number of the sentence that follows from no result; places are counted in Unicode characters. */
export interface Unproven {
  start: number;
  end: number;
  text: string;
}

export interface Turn {
  id: string;
  conversation_id: string;
  ordinal: number;
  question: string;
  dataset: string;
  status: TurnStatus;
  created_at: string;
  ended_at?: string | null;
  elapsed_us?: number | null;
  plan_us?: number | null;
  understanding?: string | null;
  sentence?: string | null;
  sql?: string | null;
  params?: Param[] | null;
  chart?: Chart | null;
  units?: Units | null;
  reading?: number | null;
  readings?: Reading[] | null;
  /** The reading that was chosen before, and is taken again. */
  remembered?: { turn_id: string; title: string } | null;
  suggestions?: string[] | null;
  /** What may be said next: short edits, each of which is answered. */
  follow_ups?: string[];
  error?: { code: string; message: string; hint?: string } | null;
  run?: Run | null;
  planner?: "builtin" | "model" | "sql";
  /** The turn whose SQL was changed into this turn's. */
  edits?: string;
  /** The turn that this one asks again. */
  retry_of?: string;
  /** The pin that keeps its answer. */
  pin_id?: string | null;
  model?: { provider: string; name: string };
  share?: "full" | "schema";
  model_trouble?: { message: string; hint?: string };
  steps?: ModelStep[];
  tokens_used?: number;
  approval?: Approval | null;
  unproven_numbers?: Unproven[] | null;
  feedback?: (Feedback & { created_at: string }) | null;
}

/** A run that was made once more; null where there is nothing to compare. */
export interface Replay {
  replay_of: string;
  data_changed: boolean | null;
  result_same: boolean | null;
  run: Run;
}

/** An answer that is kept, with its last good run. */
export interface Pin {
  id: string;
  turn_id: string;
  title: string;
  question: string;
  sentence: string | null;
  understanding: string | null;
  dataset: string;
  sql: string;
  params: Param[];
  chart: Chart | null;
  units?: Units | null;
  planner: "builtin" | "model" | "sql";
  position: number;
  created_at: string;
  run: Run;
}

/** One thing that holds a sandbox here, is weaker than it could be, or is missing. */
export interface Finding {
  what: string;
  state: "holds" | "weaker" | "missing";
  detail: string;
  hint?: string | null;
}

export interface Health {
  status: "ok" | "degraded";
  version: string;
  sandbox: { backend: string; healthy: boolean; summary: string; hint?: string; last_start_us?: number; findings?: Finding[] };
  datasets: { ready?: number; failed?: number };
  uptime_s?: number;
  planner?: { mode: Planner; approve_runs: boolean; model: ModelHealth | null };
  runs?: { running: number; queued: number };
}

/** Who answers a question. */
export type Planner = "auto" | "builtin" | "model";

export interface ModelHealth {
  provider: string;
  name: string;
  reachable: boolean;
  detail: string;
  hint?: string;
  share: Share;
}

export type Provider = "openai" | "anthropic" | "ollama";
/** What a model is told of the data. */
export type Share = "full" | "schema";

export interface ModelSettings {
  provider: Provider | null;
  base_url: string | null;
  name: string | null;
  has_key: boolean;
  share: Share;
  source: "settings" | "stored" | "none";
  editable: boolean;
  why?: string;
  warning?: string;
}

export interface Settings {
  planner: Planner;
  model: ModelSettings;
}

/** A model as it is to be set. Without `key` the one that is kept stays, where provider and address do. */
export interface ModelWish {
  provider: Provider;
  base_url?: string;
  name?: string;
  key?: string;
  share?: Share;
}

export interface ModelCheck {
  reachable: boolean;
  detail: string;
  hint?: string;
  models: string[];
}

/** The body of an application/problem+json answer. */
export interface ProblemBody {
  title: string;
  status: number;
  code: string;
  detail: string;
  hint?: string;
  request_id?: string;
}
