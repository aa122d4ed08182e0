// SPDX-License-Identifier: Apache-2.0
// What all parts of the browser test share: the program under test, the data sets with the answers that were
// computed without our code, the report, and pictures on the way.
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { root, Tap } from "./harness.mjs";

const [first, ...others] = process.argv.slice(2);
const isProgram = first !== undefined && first.includes("/");

export const app = resolve(isProgram ? first : (process.env.APP ?? join(root, "build/app")));
/** The parts that were asked for by name; none means all. */
export const wanted = isProgram ? others : process.argv.slice(2);
export const tap = new Tap();

export const datasets = readdirSync(join(root, "datasets"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => ({ name: entry.name, ...JSON.parse(readFileSync(join(root, "datasets", entry.name, "dataset.json"), "utf8")) }));
export const birds = datasets.find((dataset) => dataset.name === "birdstrikes");
export const GIBBERISH = "qwertz uiop asdfgh";

const pictures = process.env.SCREENSHOTS;

export async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
