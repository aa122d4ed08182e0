// SPDX-License-Identifier: Apache-2.0
// A result of ten thousand rows, scrolled as fast as a wheel is turned: how far its frames are apart in a real
// browser, and how many of its rows are in the page. A frame is 16.7 ms where nothing holds it up.
//
//   node scroll.mjs PROGRAM     prints one JSON object: frames, p50_us, p99_us, longest_us, rows
import { endAll, openPage, startBrowser, startServer } from "../web/harness.mjs";
import { ask, chooseDataset } from "../web/page.mjs";

const FRAMES = 300;
const STEP_PX = 240;

async function measure(page) {
  return page.evaluate(
    async ([frames, stepPx]) => {
      const box = document.querySelector(".table-scroll");
      const apart = [];
      let rows = 0;
      let before = await new Promise(requestAnimationFrame);
      for (let frame = 0; frame < frames; frame++) {
        box.scrollTop += stepPx;
        const now = await new Promise(requestAnimationFrame);
        apart.push((now - before) * 1000);
        before = now;
        rows = Math.max(rows, box.querySelectorAll("tbody tr").length);
      }
      apart.sort((a, b) => a - b);
      const at = (share) => Math.round(apart[Math.min(apart.length - 1, Math.floor(apart.length * share))]);
      return { frames, p50_us: at(0.5), p99_us: at(0.99), longest_us: at(1), rows };
    },
    [FRAMES, STEP_PX],
  );
}

try {
  const url = await startServer(process.argv[2], { env: { MAX_ROWS: "10000" } });
  const page = await openPage(await startBrowser(), `${url}/`);
  await chooseDataset(page, "birdstrikes");
  await ask(page, "Show airport and cost of all strikes");
  await page.waitForTimeout(500);
  console.log(JSON.stringify(await measure(page)));
} finally {
  await endAll();
}
