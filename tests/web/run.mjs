// SPDX-License-Identifier: Apache-2.0
// The browser test: the page as it is served by the real binary, with the real sandbox behind it. Expected values
// come from datasets/*/dataset.json, where they were computed without our code.
//
//   node tests/web/run.mjs [PROGRAM] [PART…]    PROGRAM is a path, APP or else build/app; without parts all of them
//   SCREENSHOTS=folder keeps pictures of the page on the way; ASSETS=folder is served instead of the embedded page.
import assert from "node:assert/strict";
import * as agent from "./agent.mjs";
import * as bring from "./bring.mjs";
import * as charts from "./charts.mjs";
import * as chat from "./chat.mjs";
import * as connection from "./connection.mjs";
import { complaints, endAll, startBrowser, startServer } from "./harness.mjs";
import * as keep from "./keep.mjs";
import * as looks from "./looks.mjs";
import * as robust from "./robust.mjs";
import * as shell from "./shell.mjs";
import * as sql from "./sql.mjs";
import * as suggest from "./suggest.mjs";
import { app, tap, wanted } from "./stage.mjs";
import * as table from "./table.mjs";

// A part takes (url, browser) and gets a server of its own, so that one that fails is not missed in the next; or
// (browser), and starts the servers that it needs.
const parts = {};
for (const topic of [agent, bring, charts, chat, connection, keep, looks, robust, shell, sql, suggest, table]) {
  for (const [name, part] of Object.entries(topic)) {
    if (name in parts) throw new Error(`two parts are called ${name}`);
    parts[name] = part;
  }
}
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`no part is called ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

try {
  const browser = await startBrowser();
  let told = 0;
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    try {
      if (part.length > 1) await part(await startServer(app), browser);
      else await part(browser);
      for (const complaint of complaints.slice(told)) console.log(`# ${name}: ${complaint}`);
      told = complaints.length;
    } catch (error) {
      await tap.test(`the part “${name}” goes on to its end`, async () => Promise.reject(error));
    }
  }
  await tap.test("the browser had nothing to complain about, and no other host was asked", async () => assert.deepEqual(complaints, []));
} catch (error) {
  await tap.test("the server and the browser start", async () => {
    throw error;
  });
} finally {
  await endAll();
}
process.exit(tap.finish());
