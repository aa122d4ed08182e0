// SPDX-License-Identifier: Apache-2.0
// Where a data set is from and how much of it there is, in words.
import type { DatasetSummary } from "../core/wire.js";
import { ago, bytes, plural } from "../words/format.js";

export function originWords(dataset: DatasetSummary, now: Date): string {
  if (dataset.origin === "bundled") return "Came with Sandglass";
  if (dataset.origin === "folder") return "In the server’s folder";
  return dataset.created_at ? `Uploaded ${ago(dataset.created_at, now)}` : "Uploaded";
}

export function sizeWords(dataset: DatasetSummary): string[] {
  const words: string[] = [];
  if (dataset.table_count !== undefined) words.push(plural(dataset.table_count, "table"));
  if (dataset.row_count !== undefined) words.push(plural(dataset.row_count, "row"));
  if (dataset.size_bytes > 0) words.push(bytes(dataset.size_bytes));
  return words;
}
