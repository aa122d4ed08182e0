// SPDX-License-Identifier: Apache-2.0
// Makes the pictures of the README anew: the real page, asked in the real browser, at the sizes that they are shown in.
//
//   node tests/web/pictures.mjs [FOLDER]    FOLDER is docs/images without one; APP names another program
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { endAll, openPage, root, startBrowser, startServer } from "./harness.mjs";
import { ask, chooseDataset, lastTurn } from "./page.mjs";

const app = resolve(process.env.APP ?? join(root, "build/app"));
const folder = resolve(process.argv[2] ?? join(root, "docs/images"));
const WIDE = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

async function keep(page, name) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400); // what comes in softly has come
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

async function open(browser, url, colorScheme, viewport = WIDE) {
  return openPage(browser, `${url}/`, { colorScheme, viewport, deviceScaleFactor: viewport === PHONE ? 2 : 1 });
}

const charted = (turn) => turn.locator("figure svg").first().waitFor();

async function conversation(browser, url) {
  const page = await open(browser, url, "light");
  await chooseDataset(page, "birdstrikes");
  await charted(await ask(page, "Top 5 airports by number of strikes"));
  await keep(page, "answer");
  await lastTurn(page).getByRole("tab", { name: "Proof" }).click();
  await lastTurn(page).getByText("Where the time went").waitFor();
  await keep(page, "proof");
  await page.context().close();
}

async function editor(browser, url) {
  const page = await open(browser, url, "dark");
  await chooseDataset(page, "shop");
  await ask(page, "What was the revenue by month for orders placed in 2025?");
  await lastTurn(page).getByRole("tab", { name: "SQL" }).click();
  await lastTurn(page).getByRole("button", { name: /^Edit/ }).click();
  await page.locator(".editor").first().waitFor();
  await keep(page, "editor");
  await page.context().close();
}

async function board(browser, url) {
  const page = await open(browser, url, "light");
  const questions = [
    ["birdstrikes", "How many strikes were there by year?"],
    ["shop", "What was the net revenue by country in 2024?"],
    ["weather", "What was the average maximum temperature by month in Seattle in 2014?"],
    ["birdstrikes", "What was the highest repair cost in 1999?"],
    ["shop", "Top 3 brands by units sold"],
    ["weather", "Number of days by weather type"],
  ];
  for (const [dataset, question] of questions) {
    await page.getByRole("link", { name: "New question" }).click();
    await chooseDataset(page, dataset);
    const turn = await ask(page, question);
    await turn.getByRole("button", { name: "Pin", exact: true }).click();
    await turn.getByRole("button", { name: "Pinned", exact: true }).waitFor();
  }
  await page.goto(`${url}/pins`);
  await page.locator("figure svg").nth(3).waitFor();
  await keep(page, "pins");
  await page.goto(`${url}/data/shop`);
  await page.getByRole("button", { name: "Show the first rows" }).first().waitFor();
  await keep(page, "data");
  await page.context().close();
}

async function phone(browser, url) {
  const page = await open(browser, url, "dark", PHONE);
  await chooseDataset(page, "birdstrikes");
  await charted(await ask(page, "Top 5 airports by number of strikes"));
  await keep(page, "phone");
  await page.context().close();
}

try {
  mkdirSync(folder, { recursive: true });
  const browser = await startBrowser();
  for (const part of [conversation, editor, board, phone]) await part(browser, await startServer(app));
} finally {
  await endAll();
}
