// SPDX-License-Identifier: Apache-2.0
// What a person does with SQL and with answers that are kept: run what was edited, pin, unpin.
import { toProblem } from "./api.js";
import { chooseDataset, go, send } from "./actions.js";
import { routePath, type Route } from "./route.js";
import { api } from "./session.js";
import { runningTurn } from "./state.js";
import { toast } from "./toasts.js";
import type { Param, Turn } from "./wire.js";

/** What a turn of SQL is called until the server has named it. */
function titleOf(sql: string, edited: Turn | undefined): string {
  const [line = ""] = sql.trim().split("\n");
  if (line.startsWith("--")) return line.replace(/^[-\s]+/, "") || "SQL";
  return edited ? "Edited SQL" : line;
}

/** Runs SQL as the next turn of the conversation; false where it has to wait for the turn before. */
export function giveSql(sql: string, params: Param[], edited?: Turn): boolean {
  if (runningTurn()) {
    toast("Another question is still being answered. Wait for it, or stop it.");
    return false;
  }
  const given = { sql, params, ...(edited?.id ? { edits: edited.id } : {}) };
  void send(titleOf(sql, edited), undefined, (id) => api.give(id, given), { planner: "sql", ...given });
  return true;
}

/** Begins a conversation with a turn of SQL. */
export function keepSql(dataset: string, sql: string, params: Param[]): void {
  chooseDataset(dataset);
  go({ page: "new" });
  giveSql(sql, params);
}

// ---- Links

/** The whole address of a page of ours, as it is handed on. */
export function addressOf(route: Route): string {
  return location.origin + routePath(route);
}

// ---- Pins

export const didNotWork = (error: unknown) => toast(`That did not work: ${toProblem(error).message}`, { bad: true });

/** Keeps an answer; its pin's id, null where that did not work. */
export async function pin(turn: Turn): Promise<string | null> {
  try {
    const { id } = await api.pin(turn.id);
    toast("Pinned. It can be computed again there.", { action: { label: "Show pins", run: () => go({ page: "pins" }) } });
    return id;
  } catch (error) {
    didNotWork(error);
    return null;
  }
}

/** Unpins; `restored` is called where that is undone. */
export async function unpin(id: string, restored: () => void): Promise<boolean> {
  try {
    await api.unpin(id);
  } catch (error) {
    didNotWork(error);
    return false;
  }
  const undo = async () => {
    try {
      await api.restorePin(id);
      restored();
    } catch (error) {
      didNotWork(error);
    }
  };
  toast("Unpinned.", { action: { label: "Undo", run: () => void undo() } });
  return true;
}
