// SPDX-License-Identifier: Apache-2.0
// What a person can do with data: bring it, rename it, delete it and take that back, and go and ask it.
import { chooseDataset, go, loadDatasets, refresh, say } from "./actions.js";
import { toProblem } from "./api.js";
import { putDraft } from "./drafts.js";
import { api } from "./session.js";
import { state, update, type Bring } from "./state.js";
import { toast } from "./toasts.js";
import type { Dataset, DatasetSummary } from "./wire.js";

let nextKey = 1;

/** Opens the dialog that brings FILES; without any it asks for some. What is under way there is not disturbed. */
export function bring(files: File[] = [], more: Pick<Bring, "into"> & { asks?: boolean } = {}): void {
  if (state().token !== "fine") return;
  if (state().bring?.busy) return say("Other files are still on their way.");
  update({ bring: { key: nextKey++, files, busy: false, asks: false, ...more }, drawer: false });
}

/** The open dialog's files are on their way, or are not any more. */
export function noteBusy(key: number, busy: boolean): void {
  const now = state().bring;
  if (now?.key === key && now.busy !== busy) update({ bring: { ...now, busy } });
}

/** The open dialog goes on with FILES, or, without any, asks for others. */
export function bringAgain(files: File[], into?: string): void {
  update({ bring: { key: nextKey++, files, busy: false, asks: false, ...(into === undefined ? {} : { into }) } });
}

export function closeBring(): void {
  update({ bring: null });
}

/** A new question about the data set, with WORDS to begin with. */
export function askIt(name: string, words: string | null = null): void {
  chooseDataset(name);
  update({ bring: null });
  if (words !== null) putDraft(words);
  go({ page: "new" });
}

/** Puts a data set that came into being, or changed, among the others. */
export function noteDataset(dataset: Dataset): void {
  const { tables: _, ...summary } = dataset;
  const others = (state().datasets ?? []).filter((one) => one.name !== summary.name);
  update({ datasets: [...others, summary].sort((a, b) => (a.name < b.name ? -1 : 1)) });
  void refresh();
}

export async function renameDataset(name: string, title: string): Promise<Dataset> {
  const dataset = await api.changeDataset(name, { title });
  noteDataset(dataset);
  say(`It is called ${dataset.title} now.`);
  return dataset;
}

/** Deletes at once; for a while it can be taken back. */
export async function deleteDataset({ name, title }: Pick<DatasetSummary, "name" | "title">): Promise<boolean> {
  try {
    await api.deleteDataset(name);
  } catch (error) {
    toast(`It was not deleted: ${toProblem(error).message}`, { bad: true });
    return false;
  }
  await Promise.all([loadDatasets(), refresh()]);
  toast(`“${title}” was deleted.`, { action: { label: "Undo", run: () => void restoreDataset(name) } });
  return true;
}

async function restoreDataset(name: string): Promise<void> {
  try {
    const { title } = await api.restoreDataset(name);
    await Promise.all([loadDatasets(), refresh()]);
    toast(`“${title}” is back.`);
  } catch (error) {
    toast(`It could not be brought back: ${toProblem(error).message}`, { bad: true });
  }
}
