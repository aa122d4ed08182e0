// SPDX-License-Identifier: Apache-2.0
// The server's HTTP API, call by call. Whatever goes wrong arrives as a Problem: what the server said, or that it
// could not be reached. A 401 asks for the token once, however many calls were under way, and tries again.
import type { Conversation, Dataset, DatasetSummary, Feedback, FoundConversation, Health, ModelCheck, ModelWish, Param, Pin, Planner, ProblemBody, Replay, Run, Settings, Turn, Uploads } from "./wire.js";

export class Problem extends Error {
  constructor(
    readonly code: string,
    detail: string,
    readonly hint?: string,
    readonly status = 0,
    readonly requestId?: string,
  ) {
    super(detail);
  }
}

/** What somebody says to a run that was proposed. */
export interface Decision {
  run_id: string;
  decision: "approve" | "refuse";
  sql?: string;
  params?: Param[];
  reason?: string;
}

/** SQL that somebody wrote, to be run as a turn; `edits` is the turn whose SQL it was. */
export interface GivenSql {
  sql: string;
  params: Param[];
  text?: string;
  edits?: string;
}

/** Where the access token is kept, and how a person is asked for it. */
export interface Keyring {
  token(): string | null;
  /** Resolves when there is a token to try; `refused` says that the last one was not taken. */
  ask(refused: boolean): Promise<void>;
}

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem("internal_error", "The page met something it did not expect.", error instanceof Error ? error.message : String(error));
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim() + ".";
  try {
    const body = (await response.json()) as Partial<ProblemBody>;
    return new Problem(body.code ?? "internal_error", body.detail ?? fallback, body.hint, response.status, body.request_id);
  } catch {
    return new Problem(response.status === 404 ? "not_found" : "internal_error", fallback, undefined, response.status);
  }
}

const STREAM = { Accept: "text/event-stream" };

function withBody(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): [string, RequestInit] {
  if (body === undefined) return [path, { method, headers }];
  return [path, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } }];
}

export class Api {
  private asking: Promise<void> | null = null;

  constructor(
    private readonly fetch: Fetch,
    private readonly keyring: Keyring,
  ) {}

  private async once(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const token = this.keyring.token();
    if (token) headers.set("Authorization", `Bearer ${token}`);
    try {
      return await this.fetch(path, { ...init, headers });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem("network", "The server cannot be reached.", "Check that it is running, then try again.");
    }
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    for (;;) {
      const tried = this.keyring.token();
      const response = await this.once(path, init);
      if (response.ok) return response;
      if (response.status !== 401) throw await problemOf(response);
      // Another call may have got the new token meanwhile; then it is simply tried.
      if (this.keyring.token() === tried) {
        this.asking ??= this.keyring.ask(tried !== null).finally(() => (this.asking = null));
        await this.asking;
      }
    }
  }

  /** A call whose answer is JSON. */
  async json<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await this.request(path, init);
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch {
      throw new Problem("network", "The server's answer was cut short.", "Try again.");
    }
  }

  /** A call that sends BODY as JSON, or nothing. */
  send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
    return this.json<T>(...withBody(method, path, body));
  }

  health = () => this.json<Health>("/api/v1/health");
  checkHealth = () => this.send<Health>("POST", "/api/v1/health/check");
  settings = () => this.json<Settings>("/api/v1/settings");
  setModel = (wish: ModelWish) => this.send<Settings>("PUT", "/api/v1/settings/model", wish);
  clearModel = () => this.send<Settings>("DELETE", "/api/v1/settings/model");
  /** Without WISH the model that is set. */
  checkModel = (wish?: ModelWish) => this.send<ModelCheck>("POST", "/api/v1/settings/model/check", wish ?? {});
  datasets = () => this.json<{ datasets: DatasetSummary[]; uploads: Uploads }>("/api/v1/datasets");
  dataset = (name: string) => this.json<Dataset>(`/api/v1/datasets/${encodeURIComponent(name)}`);
  changeDataset = (name: string, words: { title?: string; description?: string }) => this.send<Dataset>("PATCH", `/api/v1/datasets/${encodeURIComponent(name)}`, words);
  deleteDataset = (name: string) => this.send<void>("DELETE", `/api/v1/datasets/${encodeURIComponent(name)}`);
  restoreDataset = (name: string) => this.send<Dataset>("POST", `/api/v1/datasets/${encodeURIComponent(name)}/restore`);
  run = (dataset: string, sql: string, params: Param[] = []) => this.send<Run>("POST", "/api/v1/runs", { dataset, sql, params });
  /** Those behind `before`, in which all words of `q` are found. */
  async conversations(wanted: { q?: string; before?: string; limit?: number } = {}, signal?: AbortSignal): Promise<FoundConversation[]> {
    const query = String(new URLSearchParams(Object.entries(wanted).map(([key, value]) => [key, String(value)])));
    const path = `/api/v1/conversations${query && `?${query}`}`;
    return (await this.json<{ conversations: FoundConversation[] }>(path, signal ? { signal } : {})).conversations;
  }
  conversation = (id: string) => this.json<Conversation & { turns: Turn[] }>(`/api/v1/conversations/${encodeURIComponent(id)}`);
  createConversation = (dataset: string) => this.send<Conversation>("POST", "/api/v1/conversations", { dataset });
  renameConversation = (id: string, title: string) => this.send<Conversation>("PATCH", `/api/v1/conversations/${encodeURIComponent(id)}`, { title });
  deleteConversation = (id: string) => this.send<void>("DELETE", `/api/v1/conversations/${encodeURIComponent(id)}`);
  restoreConversation = (id: string) => this.send<Conversation>("POST", `/api/v1/conversations/${encodeURIComponent(id)}/restore`);
  giveFeedback = (turnId: string, feedback: Feedback) => this.send<Turn>("PUT", `/api/v1/turns/${encodeURIComponent(turnId)}/feedback`, feedback);
  removeFeedback = (turnId: string) => this.send<Turn>("DELETE", `/api/v1/turns/${encodeURIComponent(turnId)}/feedback`);
  cancel = (turnId: string) => this.send<Turn>("POST", `/api/v1/turns/${encodeURIComponent(turnId)}/cancel`);

  /** Asks the question of a turn again; the answer's body is the new turn's event stream. */
  retry = (turnId: string) => this.request(...withBody("POST", `/api/v1/turns/${encodeURIComponent(turnId)}/retry`, undefined, STREAM));
  decide = (turnId: string, decision: Decision) => this.send<Turn>("POST", `/api/v1/turns/${encodeURIComponent(turnId)}/approval`, decision);

  /** Asks; the answer's body is the turn's event stream. */
  ask(conversationId: string, text: string, reading?: number, planner?: Planner): Promise<Response> {
    const body = { text, reading, planner };
    const path = `/api/v1/conversations/${encodeURIComponent(conversationId)}/messages`;
    return this.request(...withBody("POST", path, body, STREAM));
  }

  /** Runs SQL as a turn; whoever wrote it has seen it, so it waits for no approval. */
  give(conversationId: string, given: GivenSql): Promise<Response> {
    const path = `/api/v1/conversations/${encodeURIComponent(conversationId)}/messages`;
    return this.request(...withBody("POST", path, { ...given, approve: true }, STREAM));
  }

  turn = (id: string) => this.json<Turn>(`/api/v1/turns/${encodeURIComponent(id)}`);
  replay = (runId: string) => this.send<Replay>("POST", `/api/v1/runs/${encodeURIComponent(runId)}/replay`);

  pins = async () => (await this.json<{ pins: Pin[] }>("/api/v1/pins")).pins;
  pin = (turnId: string) => this.send<Pin>("POST", "/api/v1/pins", { turn_id: turnId });
  changePin = (id: string, change: { title?: string; position?: number }) => this.send<Pin>("PATCH", `/api/v1/pins/${encodeURIComponent(id)}`, change);
  unpin = (id: string) => this.send<void>("DELETE", `/api/v1/pins/${encodeURIComponent(id)}`);
  restorePin = (id: string) => this.send<Pin>("POST", `/api/v1/pins/${encodeURIComponent(id)}/restore`);
  refreshPin = (id: string) => this.send<Replay & { pin: Pin }>("POST", `/api/v1/pins/${encodeURIComponent(id)}/refresh`);

  /** The events of a turn after `lastId`; all of them where it is empty. */
  events(turnId: string, lastId: string, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { ...STREAM };
    if (lastId) headers["Last-Event-ID"] = lastId;
    return this.request(`/api/v1/turns/${encodeURIComponent(turnId)}/events`, { headers, signal });
  }
}
