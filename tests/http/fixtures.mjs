// SPDX-License-Identifier: Apache-2.0
// Data sets made for a test.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newFolder, run, Skip } from "./harness.mjs";

/** A folder with one data set of the given files; nothing is imported yet. */
export function newDataset(name, files) {
  const folder = newFolder();
  mkdirSync(join(folder, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
  return folder;
}

export function sqlite(file, sql) {
  try {
    return execFileSync("sqlite3", ["-bail", file, sql], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (error.code === "ENOENT") throw new Skip("sqlite3 is not installed");
    throw error;
  }
}

/**
 * A data set whose questions take for ever: each cell of `amount` is computed when it is read, a
 * millisecond long. "What is the total amount?" reads 20,000.
 */
export const endless = { dataset: "endless", question: "What is the total amount?" };

export async function endlessDataset() {
  const rows = Array.from({ length: 20_000 }, (_, index) => `${index + 1},${index % 97}.5`);
  const folder = newDataset(endless.dataset, { "sales.csv": `id,amount\n${rows.join("\n")}\n` });
  const built = await run(["dataset", "build", join(folder, endless.dataset)]);
  if (built.status !== 0) throw new Error(built.err);
  rmSync(join(folder, endless.dataset, "sales.csv"));
  sqlite(
    join(folder, endless.dataset, "data.sqlite"),
    `CREATE TABLE fresh (id INTEGER PRIMARY KEY); INSERT INTO fresh SELECT id FROM sales;
     DROP TABLE sales; ALTER TABLE fresh RENAME TO sales;
     ALTER TABLE sales ADD COLUMN amount REAL AS (length(printf('%.*c', 3000000 + id % 7, 'x')));`,
  );
  return folder;
}
