// SPDX-License-Identifier: Apache-2.0
// The chart of an answer: what is drawn at first, the choice of kind and axes, what is told of its marks, and its
// files.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { openPage } from "./harness.mjs";
import { ask, assertAccessible, chooseDataset, ended } from "./page.mjs";
import { birds, picture, tap } from "./stage.mjs";

const BY_YEAR = birds.prompts[1].question;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

async function asked(browser, url, question, options = {}) {
  const page = await openPage(browser, `${url}/`, options);
  await chooseDataset(page, "birdstrikes");
  const turn = await ask(page, question);
  return { page, turn };
}

const drawing = (turn) => turn.getByRole("img");
const shapes = (turn, name) => turn.locator(`.chart-plot ${name}`).count();

async function choose(turn, kind) {
  await turn.getByRole("button", { name: /^Kind of chart/ }).click();
  const item = turn.getByRole("menu", { name: /^Kind of chart/ }).getByRole(kind === "No chart" ? "menuitem" : "menuitemradio", { name: kind });
  await item.click();
}

export async function chart(url, browser) {
  const { page, turn } = await asked(browser, url, BY_YEAR);
  await tap.test("the suggested chart is drawn with a text alternative, and without a style element", async () => {
    await drawing(turn).waitFor();
    const told = await drawing(turn).getAttribute("aria-label");
    assert.match(told, /^Line chart, Strikes by year: 1990 463, /);
    assert.equal(await page.locator("style, .chart [style*='font']").count(), 0);
    assert.equal(await shapes(turn, "circle"), birds.prompts[1].expect.row_count);
  });

  await tap.test("arrow keys tell the chart's points one by one", async () => {
    await drawing(turn).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await turn.locator(".chart-tip").innerText(), "571 1991");
    await page.keyboard.press("End");
    assert.equal(await turn.locator(".chart-tip").innerText(), "627 2002");
    await page.keyboard.press("Escape");
    assert.equal(await turn.locator(".chart-tip").count(), 0);
  });

  await tap.test("another kind is drawn at once, and is still there after a reload", async () => {
    await choose(turn, "Bar");
    await page.waitForFunction(() => document.querySelectorAll(".chart-plot rect").length === 13);
    await page.reload();
    await ended(page);
    await page.waitForFunction(() => document.querySelectorAll(".chart-plot rect").length === 13);
    assert.match(await drawing(turn).getAttribute("aria-label"), /^Bar chart/);
  });

  await tap.test("a chart can be taken away and had again", async () => {
    await choose(turn, "No chart");
    await drawing(turn).waitFor({ state: "detached" });
    await turn.getByRole("button", { name: "Chart", exact: true }).click();
    await drawing(turn).waitFor();
  });

  await tap.test("it is saved as an SVG that stands alone, and as a PNG of twice the size", async () => {
    const save = async (name) => {
      await turn.getByRole("button", { name: "Save the chart" }).click();
      const [file] = await Promise.all([page.waitForEvent("download"), turn.getByRole("menuitem", { name }).click()]);
      return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
    };
    const svg = await save("SVG, a drawing");
    assert.match(svg.name, /^birdstrikes-.*\.svg$/);
    const text = svg.bytes.toString();
    assert.doesNotMatch(text, /var\(|class=|currentColor|href=|<style/);
    const [width, height] = await page.evaluate((source) => {
      const parsed = new DOMParser().parseFromString(source, "image/svg+xml");
      if (parsed.querySelector("parsererror")) throw new Error(parsed.querySelector("parsererror").textContent);
      return parsed.documentElement.getAttribute("viewBox").split(" ").slice(2).map(Number);
    }, text);
    const png = await save("PNG, a picture");
    assert.ok(png.bytes.subarray(0, 8).equals(PNG));
    assert.deepEqual([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)], [width * 2, height * 2]);
  });
  await page.context().close();
}

export async function axes(url, browser) {
  await tap.test("where none is suggested a chart is offered, and its axes are those that the columns allow", async () => {
    const { page: other, turn: pairs } = await asked(browser, url, "Total cost by wildlife size and phase of flight");
    assert.equal(await drawing(pairs).count(), 0);
    await pairs.getByRole("button", { name: "Chart", exact: true }).click();
    await pairs.getByRole("button", { name: "Axes" }).click();
    await pairs.getByRole("list", { name: "Colours" }).getByText("Climb").waitFor();
    assert.deepEqual(await pairs.getByLabel("Across").locator("option").allTextContents(), ["Wildlife size", "Phase of flight"]);
    await picture(other, "chart-stacked");
    await pairs.getByLabel("Across").selectOption("Phase of flight");
    await pairs.getByRole("list", { name: "Colours" }).getByText("Large").waitFor();
    await pairs.getByLabel("side by side").check();
    await assertAccessible(other, "a chart with its axes");
    await other.context().close();
  });

  await tap.test("every kind that is offered for a list of rows is drawn, in both themes, at 360 px and at 1440 px", async () => {
    for (const [colorScheme, width] of [["light", 1440], ["dark", 360]]) {
      const { page: each, turn: list } = await asked(browser, url, "List strikes in Texas", { colorScheme, viewport: { width, height: 900 } });
      await list.getByRole("button", { name: "Chart", exact: true }).click();
      await drawing(list).waitFor();
      for (const kind of ["Histogram", "Scatter"]) {
        await choose(list, kind);
        await each.waitForFunction((wanted) => document.querySelector(".chart-canvas")?.getAttribute("aria-label").startsWith(wanted), kind);
        assert.ok((await shapes(list, kind === "Scatter" ? "circle" : "rect")) > 5, kind);
        await picture(each, `chart-${kind.toLowerCase()}-${colorScheme}`);
        await assertAccessible(each, `${kind}, ${colorScheme}`);
        assert.ok(await each.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${kind} at ${width} px`);
      }
      await each.context().close();
    }
  });

  await tap.test("nothing moves when the chart comes: its room is kept before it is drawn", async () => {
    const slow = await openPage(browser, `${url}/`);
    let arrive;
    const held = new Promise((resolve) => (arrive = resolve));
    await slow.route("**/assets/chart-*.js", async (route) => (await held, route.continue()));
    await chooseDataset(slow, "birdstrikes");
    const late = await ask(slow, BY_YEAR);
    const height = () => late.locator(".card").evaluate((one) => one.getBoundingClientRect().height);
    await late.getByText("Loading the chart…").waitFor();
    const before = await height();
    arrive();
    await drawing(late).waitFor();
    assert.equal(await height(), before);
    await slow.context().close();
  });
}
