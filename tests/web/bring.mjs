// SPDX-License-Identifier: Apache-2.0
// People bring their own data and look around in it: by dropping, choosing and pasting files, with progress, Cancel
// and refusals; hostile names and cells; the list of all data; and one data set with its columns.
import assert from "node:assert/strict";
import { openPage, startServer } from "./harness.mjs";
import { assertAccessible, assertRows, ask, askBox, readRows } from "./page.mjs";
import { app, picture, tap } from "./stage.mjs";

const LOANS = ["loan id,city,amount ($),day", ...Array.from({ length: 60 }, (_, at) => `${at},${["Paris", "Lyon", "Nice"][at % 3]},${at % 7 ? at * 10 : ""},2020-${String((at % 12) + 1).padStart(2, "0")}-11`), "99,Paris"].join("\n");
const CITIES = "city,country\nParis,FR\nLyon,FR\nNice,FR\n";
const HOSTILE = '<img src=x onerror="globalThis.hacked=1">';

const csv = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
const dialog = (page, name = "Add data") => page.getByRole("dialog", { name });
const chooser = (page) => page.getByLabel("Files to add");
const open = async (page) => {
  await page.getByRole("complementary").getByRole("button", { name: "Add data" }).click();
  await dialog(page).waitFor();
};
const bringFiles = async (page, ...files) => {
  await open(page);
  await chooser(page).setInputFiles(files);
  await page.getByRole("button", { name: "Ask it" }).waitFor();
};
const announced = (page, words) => page.waitForFunction((wanted) => [...document.querySelectorAll("[role=status]")].some((one) => new RegExp(wanted).test(one.textContent)), words.source);
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
const api = async (url, path, init) => (await fetch(`${url}/api/v1${path}`, init)).json();

/** Files as a drag brings them, over the page; DROPPED lets them go. */
async function drag(page, files, dropped = true) {
  const data = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const { name, text } of all) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  await page.dispatchEvent("main", "dragenter", { dataTransfer: data });
  if (!dropped) return page.dispatchEvent("main", "dragleave", { dataTransfer: data });
  await page.locator(".drop").waitFor();
  await page.dispatchEvent("main", "drop", { dataTransfer: data });
}

export async function bringing(url, browser) {
  await tap.test("a file is chosen with the keyboard, shows what was found in it, is renamed, and is asked", async () => {
    const page = await openPage(browser, `${url}/`);
    await page.getByRole("complementary").getByRole("button", { name: "Add data" }).press("Enter");
    await dialog(page).waitFor();
    const [files] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Choose files…" }).press("Enter")]);
    assert.ok(files.isMultiple());
    await files.setFiles([csv("Loans of 2020.csv", LOANS)]);
    const askIt = page.getByRole("button", { name: "Ask it" });
    await askIt.waitFor();
    await announced(page, /Loans of 2020 can be asked now: 1.table, 61.rows, 1.problem/);
    await page.waitForFunction(() => document.activeElement?.textContent === "Ask it");
    const found = dialog(page);
    assert.match(await found.innerText(), /amount \(\$\)\s+whole number, USD/);
    assert.match(await found.innerText(), /loans_of_2020\.csv, line 62: the row has fewer cells/);
    const title = found.getByLabel("Title");
    await title.fill("My \u202Eloans");
    await title.press("Tab");
    await announced(page, /It is called My loans now/);
    await askIt.press("Enter");
    await dialog(page).waitFor({ state: "hidden" });
    assert.equal(await page.getByLabel("Data set").inputValue(), "loans_of_2020");
    const turn = await ask(page, "How many rows are there?");
    assertRows(await readRows(turn), [[61]]);
    await page.context().close();
  });

  await tap.test("several files that are dropped anywhere become the tables of one data set; one that is broken says where", async () => {
    const page = await openPage(browser, `${url}/data`, { quiet: false }); // the browser reports the refusal
    await drag(page, [{ name: "loans.csv", text: LOANS }], false);
    assert.equal(await page.locator(".drop").count(), 0);
    await drag(page, [{ name: "loans.csv", text: LOANS }, { name: "cities.csv", text: CITIES }, { name: "broken.csv", text: 'a,b\n1,"2\n' }]);
    await page.getByRole("button", { name: "Ask it" }).waitFor();
    const text = await dialog(page).innerText();
    assert.match(text, /The file broken\.csv, line 2: a quote opens here and is never closed/);
    assert.match(text, /2.tables, 64.rows/);
    await picture(page, "bring-found");
    await drag(page, [{ name: "more.csv", text: CITIES }]); // what is done gives way to what is dropped next
    await dialog(page).getByText("It can be asked as more.").waitFor();
    await page.goto(`${url}/data/loans`);
    await page.getByText("city refers to cities.city").waitFor();
    await page.context().close();
  });

  await tap.test("cells that were copied in a spreadsheet are brought once somebody says so", async () => {
    const page = await openPage(browser, `${url}/`);
    const paste = (text) => askBox(page).evaluate((box, pasted) => {
      const data = new DataTransfer();
      data.setData("text/plain", pasted);
      box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, text);
    await paste("just\nsome words");
    assert.equal(await dialog(page).count(), 0);
    await paste("fruit\tprice\napple\t3\npear\t4\n");
    await dialog(page).getByText("This was pasted").waitFor();
    assert.ok(!(await api(url, "/datasets")).datasets.some((one) => one.name === "pasted_table"));
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByRole("button", { name: "Ask it" }).waitFor();
    assert.equal((await api(url, "/datasets/pasted_table")).row_count, 2);
    await page.context().close();
  });

  await tap.test("a table is added to a data set that is there", async () => {
    const page = await openPage(browser, `${url}/data/pasted_table`);
    await page.getByRole("button", { name: "More about Pasted table" }).click();
    await page.getByRole("menuitem", { name: "Add a table…" }).click();
    await dialog(page, "Add a table").waitFor();
    await chooser(page).setInputFiles([csv("baskets.csv", "fruit,basket\napple,1\npear,1\n")]);
    await dialog(page, "Add a table").getByRole("button", { name: "Ask it" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: /Baskets/ }).waitFor();
    assert.equal((await api(url, "/datasets/pasted_table")).tables.length, 2);
    await page.context().close();
  });
}

export async function bringRefusals(browser) {
  await tap.test("a file above the limit is refused before a byte of it is sent, and another kind by its name", async () => {
    const url = await startServer(app, { env: { UPLOAD_MAX_MB: "1" } });
    const page = await openPage(browser, `${url}/`, { quiet: false });
    const sent = [];
    page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
    await open(page);
    assert.match(await dialog(page).innerText(), /up to 1\.0.MB each/);
    await chooser(page).setInputFiles([{ name: "large.csv", mimeType: "text/csv", buffer: Buffer.alloc(1024 * 1024 + 1, "a,b\n") }]);
    await dialog(page).getByText(/large\.csv has 1\.0.MB; a file may have 1\.0.MB/).waitFor();
    await announced(page, /large\.csv was not added/);
    assert.deepEqual(sent, []);
    await page.getByRole("button", { name: "Choose other files…" }).click();
    await chooser(page).setInputFiles([csv("book.xlsx", "PK")]);
    await dialog(page).getByText(/not of a kind that is read/).waitFor();
    await dialog(page).getByText(/save a spreadsheet as CSV first/).waitFor();
    await page.context().close();
  });

  await tap.test("a server that takes nothing says so at every door", async () => {
    const url = await startServer(app, { env: { UPLOAD_MAX_MB: "0" } });
    const page = await openPage(browser, `${url}/`);
    await open(page);
    await dialog(page).getByText("this server takes no uploads").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.getByRole("button", { name: /Add your own data/ }).count(), 0);
    await page.context().close();
  });

  await tap.test("progress is shown, and Cancel leaves nothing at the server", async () => {
    const url = await startServer(app);
    const page = await openPage(browser, `${url}/`, { quiet: false });
    const slow = await page.context().newCDPSession(page);
    await slow.send("Network.enable");
    await slow.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 2 * 1024 * 1024 });
    await open(page);
    await chooser(page).setInputFiles([{ name: "slow.csv", mimeType: "text/csv", buffer: Buffer.alloc(12 * 1024 * 1024, "a,b\n") }]);
    const bar = page.getByRole("progressbar", { name: "Uploading slow.csv" });
    await bar.waitFor();
    await page.waitForFunction(() => Number(document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow")) > 0);
    await announced(page, /Uploading slow\.csv/);
    await page.getByRole("button", { name: "Cancel" }).click();
    await dialog(page).waitFor({ state: "hidden" });
    assert.ok(!(await api(url, "/datasets")).datasets.some((one) => one.origin === "upload"));
    await page.context().close();
  });

  await tap.test("behind a token files go with it", async () => {
    const url = await startServer(app, { token: "a-token-for-this-test-0123456789" });
    const page = await openPage(browser, `${url}/#token=a-token-for-this-test-0123456789`);
    await bringFiles(page, csv("loans.csv", LOANS));
    await page.context().close();
  });
}

export async function bringHostile(url, browser) {
  await tap.test("hostile names and cells reach the page as text: markup, marks of direction, a NUL, a long cell, emoji", async () => {
    const page = await openPage(browser, `${url}/`);
    const text = `${HOSTILE},b📈,c\n"${HOSTILE.replaceAll('"', '""')}",\u202Eabc,1\nx\u0000y,${"long ".repeat(200_000)},2\n`;
    await bringFiles(page, csv(`${HOSTILE.replaceAll("/", "")}📈.csv`, text));
    assert.match(await dialog(page).getByLabel("Title").inputValue(), /<img src=x/);
    await page.getByRole("link", { name: "Look around in it" }).click();
    await page.getByRole("button", { name: "Show the first rows" }).click();
    await page.getByRole("grid").waitFor();
    assert.equal(await page.locator("main img").count(), 0);
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
    assert.ok(await fits(page));
    await page.goto(`${url}/data`);
    await page.locator(".data-set").first().waitFor();
    assert.equal(await page.locator("main img").count(), 0);
    await page.goto(`${url}/`);
    await page.locator(".welcome-card").first().waitFor();
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
    await page.context().close();
  });

  await tap.test("a table of 500 columns is opened at its beginning, and any column is found or led to", async () => {
    const page = await openPage(browser, `${url}/`);
    const names = Array.from({ length: 500 }, (_, at) => `measure ${at}`);
    await bringFiles(page, csv("wide.csv", `${names.join()}\n${names.map((_, at) => at).join()}\n${names.map((_, at) => at + 1).join()}\n`));
    await page.getByRole("link", { name: "Look around in it" }).click();
    await page.getByText("60 of 500").waitFor();
    await page.getByLabel("Find a column").fill("measure 471");
    await page.waitForFunction(() => document.querySelectorAll(".column").length === 1);
    await page.goto(`${url}/data/wide?table=wide.measure_471`);
    await page.waitForFunction(() => document.activeElement?.id === "column-wide.measure_471");
    assert.ok(await page.locator('[data-target="true"]').isVisible());
    await page.context().close();
  });
}

export async function browsing(url, browser) {
  await tap.test("one data set shows its tables, their links, and what is known of each column", async () => {
    const page = await openPage(browser, `${url}/data/shop`);
    const known = await api(url, "/datasets/shop");
    const orders = known.tables.find((table) => table.name === "orders");
    const status = orders.columns.find((column) => column.name === "status");
    const line = page.locator('[id="column-orders.status"]');
    await line.waitFor({ state: "attached" });
    const text = (await line.textContent()).replace(/\u00a0/g, " ");
    assert.match(text, new RegExp(`${status.distinct_count} different values`));
    assert.match(text, new RegExp(`${status.samples[0]}${status.sample_counts[0].toLocaleString("en-US")}`));
    await page.locator('[id="column-orders.shipped_on"]').getByText(/3.% empty/).waitFor();
    await page.locator('[id="column-orders.customer_id"]').getByRole("link", { name: "customers.customer_id" }).click();
    await page.waitForURL(/\/data\/shop\?table=customers\.customer_id$/);
    await page.waitForFunction(() => document.activeElement?.id === "column-customers.customer_id");
    await page.goBack();
    await page.waitForURL(/\/data\/shop$/);
    await page.context().close();
  });

  await tap.test("the first rows come from a run in a sandbox", async () => {
    const page = await openPage(browser, `${url}/data/weather`);
    const [answer] = await Promise.all([page.waitForResponse(/\/api\/v1\/runs$/), page.getByRole("button", { name: "Show the first rows" }).click()]);
    const run = await answer.json();
    await page.getByRole("grid").waitFor();
    assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), String(run.result.rows.length + 1));
    await page.getByText(run.where).waitFor();
    await page.context().close();
  });

  await tap.test("Ask about a column puts words into the box, about that data set", async () => {
    const page = await openPage(browser, `${url}/data/shop?table=orders.status`);
    await page.getByRole("button", { name: "Ask about Status" }).first().click();
    await page.waitForURL(`${url}/`);
    await page.waitForFunction(() => document.querySelector("textarea")?.value !== "");
    assert.equal(await askBox(page).inputValue(), "How many orders by Status?");
    await askBox(page).press("Enter");
    await page.locator('article.turn[data-status="answered"]').waitFor();
    await page.context().close();
  });

  await tap.test("what was uploaded is renamed and deleted, and comes back with Undo; what came with the program is neither", async () => {
    const page = await openPage(browser, `${url}/`);
    await bringFiles(page, csv("loans.csv", LOANS));
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Data", exact: true }).click();
    const more = page.getByRole("button", { name: "More about Loans" });
    await more.waitFor();
    assert.equal(await page.getByRole("main").getByRole("button", { name: /^More about/ }).count(), 1);
    await more.click();
    await page.getByRole("menuitem", { name: "Rename…" }).click();
    await dialog(page, "Rename").getByLabel("Title").fill("Loans of the city");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Loans of the city" }).waitFor();
    await page.getByRole("button", { name: "More about Loans of the city" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("link", { name: "Loans of the city" }).waitFor({ state: "hidden" });
    assert.equal((await fetch(`${url}/api/v1/datasets/loans`)).status, 404);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "Loans of the city" }).waitFor();
    await page.context().close();
  });

  await tap.test("a data set that is not there says so, with a way on", async () => {
    const page = await openPage(browser, `${url}/data/nothing`, { quiet: false });
    await page.getByText("There is no data set").waitFor();
    await page.getByRole("link", { name: "All data sets" }).click();
    await page.waitForURL(`${url}/data`);
    await page.context().close();
  });

  for (const colorScheme of ["light", "dark"]) {
    await tap.test(`${colorScheme}: the data, a data set, and the dialog have no serious accessibility violation, and fit 360 px`, async () => {
      const page = await openPage(browser, `${url}/data`, { colorScheme, viewport: { width: 360, height: 740 } });
      await page.locator(".data-set").first().waitFor();
      await assertAccessible(page, "data");
      assert.ok(await fits(page), "data");
      await page.locator("main").getByRole("button", { name: "Add data" }).click();
      await dialog(page).waitFor();
      await assertAccessible(page, "dialog");
      await chooser(page).setInputFiles([csv(`a ${colorScheme}.csv`, LOANS)]);
      await page.getByRole("button", { name: "Ask it" }).waitFor();
      await assertAccessible(page, "what was found");
      await page.getByRole("link", { name: "Look around in it" }).click();
      await page.locator(".column").first().waitFor();
      await page.getByRole("button", { name: "Show the first rows" }).click();
      await page.getByRole("grid").waitFor();
      await assertAccessible(page, "data set");
      assert.ok(await fits(page), "data set");
      await page.setViewportSize({ width: 1440, height: 900 });
      await assertAccessible(page, "wide data set");
      await picture(page, `dataset-${colorScheme}`);
      await page.context().close();
    });
  }
}
