// SPDX-License-Identifier: Apache-2.0
// How long a person waits for the page, in a real Chromium on this machine: until something is painted, until a
// question can be written and sent, and until a conversation of 200 questions stands there. Each load is one of a new
// profile, so nothing comes from a cache; a conversation is opened from the list, too, as people do who are here already.
//
//   node tests/bench/page.mjs PROGRAM COUNT    prints a line of JSON for each figure
import { endAll, openPage, startBrowser, startServer } from "../web/harness.mjs";

const [, , app, count = "20"] = process.argv;
const DATASET = "birdstrikes";
const TURNS = 200;

/** Runs in the page: notes when WHAT is first there and drawn. */
function noteWhen(what) {
  const look = () => {
    if (!document.querySelector(what)) return void requestAnimationFrame(look);
    requestAnimationFrame(() => (globalThis.thereAt = performance.now()));
  };
  requestAnimationFrame(look);
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

function figure(name, times_ms) {
  const sorted = [...times_ms].sort((a, b) => a - b);
  console.log(JSON.stringify({ name, p50_us: Math.round(quantile(sorted, 0.5) * 1000), p99_us: Math.round(quantile(sorted, 0.99) * 1000) }));
}

async function load(browser, url, what) {
  const page = await openPage(browser, "about:blank");
  await page.addInitScript(noteWhen, what);
  await page.goto(url);
  await page.waitForFunction(() => globalThis.thereAt !== undefined);
  const times = await page.evaluate(() => ({ there: globalThis.thereAt, painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? globalThis.thereAt }));
  await page.context().close();
  return times;
}

async function loads(browser, url, what) {
  await load(browser, url, what);
  const times = [];
  for (let i = 0; i < Number(count); i++) times.push(await load(browser, url, what));
  return times;
}

/** From the press on a conversation in the list until its last answer is drawn. */
async function opened(page, url, title) {
  await page.goto(url);
  const link = page.getByRole("navigation", { name: "Conversations" }).getByRole("link", { name: title });
  await link.waitFor();
  await page.waitForTimeout(300); // what comes in while nobody waits has come
  await page.evaluate(noteWhen, "article.turn .card");
  const from = await link.evaluate((one) => (one.click(), performance.now()));
  await page.waitForFunction(() => globalThis.thereAt !== undefined);
  return (await page.evaluate(() => globalThis.thereAt)) - from;
}

const send = (url, path, body) => fetch(`${url}${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

try {
  const browser = await startBrowser();
  const url = await startServer(app);
  const empty = await loads(browser, `${url}/`, ".askbox-send:not(:disabled)");
  figure("the empty page: first paint", empty.map((one) => one.painted));
  figure("the empty page: a question can be sent", empty.map((one) => one.there));

  const { datasets } = await (await fetch(`${url}/api/v1/datasets`)).json();
  const { prompts } = datasets.find((one) => one.name === DATASET);
  const { id } = await (await send(url, "/api/v1/conversations", { dataset: DATASET })).json();
  for (let at = 0; at < TURNS; at++) await (await send(url, `/api/v1/conversations/${id}/messages`, { text: prompts[at % prompts.length] })).text();
  const long = await loads(browser, `${url}/c/${id}`, "article.turn .card");
  figure(`a conversation of ${TURNS} questions, by its address`, long.map((one) => one.there));
  const page = await openPage(browser, "about:blank");
  const times = [];
  for (let i = 0; i <= Number(count); i++) times.push(await opened(page, `${url}/`, prompts[0].question));
  figure(`a conversation of ${TURNS} questions, from the list`, times.slice(1));
} finally {
  await endAll();
}
