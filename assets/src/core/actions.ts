// SPDX-License-Identifier: Apache-2.0
// What a person can do, and what the page does by itself: the only code that joins the state, the server and the
// address bar.
//
// A "visit" is one stay at one address. Leaving it aborts what was being read for it, and whatever still arrives
// for an old visit is dropped. A turn that is left behind goes on at the server; coming back follows it again.
import { toProblem, type Decision, type GivenSql } from "./api.js";
import * as drafts from "./drafts.js";
import { followTurn } from "./follow.js";
import { renewed } from "./listing.js";
import { mergeTurns } from "./merge.js";
import { keptPlace, type Place } from "./places.js";
import { announcement, applyEvent, endWords, failedView, isRunning, pendingView, viewOf, type TurnView } from "./progress.js";
import { parseRoute, routePath, type Route } from "./route.js";
import { saveAs } from "./save.js";
import { api, reach, takeToken } from "./session.js";
import { plannerChoice, runningTurn, state, subscribe, update, type State, type Theme } from "./state.js";
import * as stored from "./stored.js";
import { onChange, tellOthers } from "./tabs.js";
import { toast } from "./toasts.js";
import type { Health, Planner, Turn } from "./wire.js";

let visit = new AbortController();
let nextKey = 1;
/** The turns of this visit whose events are coming in, by key. */
const followed = new Set<string>();

export function say(text: string): void {
  update({ announcement: text });
}

export async function start(): Promise<void> {
  takeToken();
  addEventListener("hashchange", takeToken);
  setTheme(stored.theme());
  update({ planner: stored.planner() });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", colourBrowser);
  addEventListener("popstate", () => void arrive(parseRoute(location), keptPlace(location)));
  listenToOthers();
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const isBack = navigation !== undefined && navigation.type !== "navigate";
  await Promise.all([arrive(parseRoute(location), isBack ? keptPlace(location) : null), refresh(), loadDatasets()]);
}

/** Other tabs, the network, and the tab's own return to the front: each may mean that there is news. */
function listenToOthers(): void {
  onChange((conversation) => {
    if (conversation === state().conversation?.id) void catchUp();
    else void refresh();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void catchUp());
  // Another window beside this one may have renamed or deleted meanwhile.
  addEventListener("focus", () => void refresh());
  addEventListener("pageshow", (event) => event.persisted && void catchUp());
  addEventListener("online", () => void reach.now());
  let wasLost = false;
  subscribe(() => {
    const { unreachable, problem } = state();
    const isBack = wasLost && !unreachable;
    wasLost = unreachable;
    if (isBack) void (problem?.code === "network" ? reload() : catchUp());
  });
}

/** Conversations and health, beside the page: a failure here is not worth a word, the page itself will say it. */
export async function refresh(): Promise<void> {
  const [conversations, health] = await Promise.allSettled([api.conversations(), api.health()]);
  if (conversations.status === "fulfilled") {
    const { conversations: known, moreConversations: more } = state();
    const listing = renewed(conversations.value, known && { conversations: known, more });
    update({ conversations: listing.conversations, moreConversations: listing.more });
  }
  if (health.status === "fulfilled") update({ health: health.value });
  const id = state().conversation?.id;
  const listed = state().conversations?.find((conversation) => conversation.id === id);
  if (listed) update({ conversation: listed });
}

/** What the server has just said of itself. */
export function took(health: Health): void {
  update({ health });
}

export async function loadDatasets(): Promise<void> {
  try {
    const { datasets, uploads } = await api.datasets();
    const ready = datasets.filter((dataset) => dataset.status === "ready");
    const kept = ready.find((dataset) => dataset.name === stored.dataset()) ?? ready[0];
    update({ datasets, uploads, dataset: kept?.name ?? null });
  } catch (error) {
    update({ problem: toProblem(error) });
  }
}

/** Reads again what others may have changed: the list, and the conversation that is open. */
export async function catchUp(): Promise<void> {
  const { signal } = visit;
  const id = state().conversation?.id;
  // A question that is being sent has no name yet by which it could be told from another's.
  if (!id || state().turns.some((view) => isRunning(view) && !view.turn.id)) return refresh();
  try {
    const [{ turns, ...conversation }] = await Promise.all([api.conversation(id), refresh()]);
    if (signal.aborted || state().turns.some((view) => isRunning(view) && !view.turn.id)) return;
    update({ conversation, turns: mergeTurns(state().turns, turns, (key) => followed.has(key)) });
    const running = state().turns.find((view) => isRunning(view) && !followed.has(view.key));
    if (running) await watch(running.key, null, signal);
  } catch (error) {
    const problem = toProblem(error);
    // What has been deleted is gone from the page too; with anything else, what is there stays readable.
    if (!signal.aborted && problem.status === 404) update({ problem, conversation: null, turns: [] });
  }
}

/** Tries everything again that the page stands on. */
export async function reload(): Promise<void> {
  update({ problem: null });
  await Promise.all([arrive(state().route), refresh(), loadDatasets()]);
}

export function chooseDataset(name: string): void {
  stored.keepDataset(name);
  update({ dataset: name });
}

export function setTheme(theme: Theme): void {
  stored.keepTheme(theme);
  if (theme === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = theme;
  colourBrowser();
  update({ theme });
}

export function setPlanner(planner: Planner): void {
  stored.keepPlanner(planner);
  update({ planner });
}

/** What the browser draws around the page takes the page's colour. */
function colourBrowser(): void {
  document.querySelector("meta[name=theme-color]")?.setAttribute("content", getComputedStyle(document.documentElement).backgroundColor);
}

export function toggleDrawer(open: boolean): void {
  update({ drawer: open });
}

export function show(overlay: State["overlay"]): void {
  update({ overlay });
}

export function go(route: Route): void {
  if (routePath(route) !== location.pathname + location.search + location.hash) history.pushState(null, "", routePath(route));
  void arrive(route);
}

async function arrive(route: Route, place: Place | null = null): Promise<void> {
  // Another turn of the conversation that is open: nothing has to be read for it.
  if (route.page === "conversation" && route.id === state().conversation?.id && !state().problem) return update({ route, place, drawer: false });
  visit.abort();
  visit = new AbortController();
  followed.clear();
  const { signal } = visit;
  update({ route, place, visit: state().visit + 1, conversation: null, turns: [], problem: null, drawer: false });
  if (route.page !== "conversation") return;
  try {
    const { turns, ...conversation } = await api.conversation(route.id);
    if (signal.aborted) return;
    update({ conversation, turns: turns.map(viewOf) });
    const running = runningTurn();
    if (running) await watch(running.key, null, signal);
  } catch (error) {
    if (!signal.aborted) update({ problem: toProblem(error) });
  }
}

function change(key: string, signal: AbortSignal, to: (view: TurnView) => TurnView): void {
  const before = state().turns.find((view) => view.key === key);
  if (signal.aborted || !before) return;
  const after = to(before);
  update({ turns: state().turns.map((view) => (view === before ? after : view)) });
  const words = announcement(before, after);
  if (words) say(words);
}

/** Follows a turn until it ends; one that fails beyond mending shows why. */
async function watch(key: string, first: Response | null, signal: AbortSignal): Promise<void> {
  const turn = state().turns.find((view) => view.key === key)?.turn;
  followed.add(key);
  try {
    await followTurn({
      first,
      turnId: turn?.id || null,
      open: (id, lastId, abort) => api.events(id, lastId, abort),
      onEvent: (event) => {
        change(key, signal, (view) => applyEvent(view, event));
        if (event.name === "turn.started") afterStart(key, signal);
      },
      onConnection: (lost) => change(key, signal, (view) => (view.lost === lost ? view : { ...view, lost })),
      sleep: reach.sleep,
      signal,
    });
  } catch (error) {
    change(key, signal, (view) => failedView(view, error));
  }
  void refresh();
  if (signal.aborted) return;
  followed.delete(key);
  tellOthers(state().conversation?.id ?? null);
}

/** The turn has its id now: a Stop that came too early can be sent, and the list shows the new title. */
function afterStart(key: string, signal: AbortSignal): void {
  if (signal.aborted) return;
  tellOthers(state().conversation?.id ?? null);
  void refresh();
  if (state().turns.find((view) => view.key === key)?.stopping) void stop();
}

export async function ask(text: string, reading?: number): Promise<void> {
  await send(text, reading, (id) => api.ask(id, text.trim(), reading, plannerChoice() ?? undefined));
}

/** Puts a question on the page and follows it; REQUEST is how it is asked, GIVEN what is known of the turn already. */
export async function send(text: string, reading: number | undefined, request: (conversation: string) => Promise<Response>, given: Partial<Turn> = {}): Promise<void> {
  const question = text.trim();
  const dataset = state().conversation?.dataset ?? state().dataset;
  if (question === "" || dataset === null || runningTurn()) return;
  if (given.planner !== "sql") drafts.keepAsked(question);
  const { signal } = visit;
  const key = `new-${nextKey++}`;
  leaveTurn();
  update({ turns: [...state().turns, pendingView(key, question, dataset, new Date(), reading, given)] });
  say(given.planner === "sql" ? "Running the SQL." : "Understanding the question.");
  try {
    const id = state().conversation?.id ?? (await begin(dataset, signal));
    const response = await request(id);
    if (signal.aborted) return void response.body?.cancel();
    await watch(key, response, signal);
  } catch (error) {
    change(key, signal, (view) => failedView(view, error));
  }
  const view = state().turns.find((one) => one.key === key);
  if (view?.failure) await adopt(view, signal);
}

/** The address names a turn no more, or a reload would lead away from the new one. */
function leaveTurn(): void {
  const { route } = state();
  if (route.page !== "conversation" || !route.turn) return;
  const { turn: _, ...whole } = route;
  history.replaceState(history.state, "", routePath(whole));
  update({ route: whole });
}

async function begin(dataset: string, signal: AbortSignal): Promise<string> {
  const conversation = await api.createConversation(dataset);
  if (!signal.aborted) {
    const route: Route = { page: "conversation", id: conversation.id };
    history.pushState(null, "", routePath(route));
    drafts.moveDraft(drafts.NEW, conversation.id);
    update({ route, place: null, conversation });
  }
  return conversation.id;
}

/** The SQL that a turn was given instead of a question. */
function givenBy({ planner, sql, params, edits }: Turn): GivenSql | null {
  return planner === "sql" && sql ? { sql, params: params ?? [], ...(edits ? { edits } : {}) } : null;
}

export async function retry(view: TurnView): Promise<void> {
  if (runningTurn()) return;
  const { signal } = visit;
  if (await adopt(view, signal)) return;
  if (view.failure && !signal.aborted) update({ turns: state().turns.filter((other) => other.key !== view.key) });
  if (signal.aborted) return;
  const { id, question } = view.turn;
  const reading = view.reading ?? view.turn.reading ?? undefined;
  const given = givenBy(view.turn);
  const again = (conversation: string) => (given ? api.give(conversation, given) : api.ask(conversation, question, reading, plannerChoice() ?? undefined));
  await send(question, reading, (conversation) => (id ? api.retry(id) : again(conversation)), given ? { planner: "sql", ...given } : {});
}

/** Says what becomes of the run that waits; the turn's events tell the rest. */
export async function decide(view: TurnView, decision: Decision): Promise<void> {
  try {
    await api.decide(view.turn.id, decision);
  } catch (error) {
    toast(`That did not work: ${toProblem(error).message}`, { bad: true });
  }
}

/** A question whose connection broke before its turn was heard of may have been taken: then it is not asked twice. */
async function adopt(view: TurnView, signal: AbortSignal): Promise<boolean> {
  const id = state().conversation?.id;
  if (view.failure?.code !== "network" || view.turn.id || !id) return false;
  try {
    const { turns } = await api.conversation(id);
    const known = new Set(state().turns.map((other) => other.turn.id));
    const taken = turns.find((turn) => !known.has(turn.id) && turn.question === view.turn.question);
    if (!taken || signal.aborted) return false;
    const adopted = { ...viewOf(taken), key: view.key };
    change(view.key, signal, () => adopted);
    if (isRunning(adopted)) await watch(adopted.key, null, signal);
    else say(endWords(adopted));
    return true;
  } catch {
    return false;
  }
}

export async function stop(): Promise<void> {
  const view = runningTurn();
  if (!view) return;
  const { signal } = visit;
  change(view.key, signal, (now) => ({ ...now, stopping: true }));
  if (!view.turn.id) return;
  try {
    await api.cancel(view.turn.id);
  } catch (error) {
    change(view.key, signal, (now) => ({ ...now, stopping: false }));
    toast(`Stop did not work: ${toProblem(error).message}`, { bad: true });
  }
}

/** A download where a token is needed: a plain link could not carry it. */
export async function download(path: string, name: string): Promise<void> {
  try {
    const response = await api.request(path);
    saveAs(await response.blob(), name);
  } catch (error) {
    toast(`The download did not work: ${toProblem(error).message}`, { bad: true });
  }
}
