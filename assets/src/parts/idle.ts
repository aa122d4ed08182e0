// SPDX-License-Identifier: Apache-2.0
// Work that can wait until the page has nothing better to do. Answers how to call it off.

const LATEST_MS = 2_000;
/** Where a browser cannot say when it is idle. */
const PAUSE_MS = 200;

export function whenIdle(run: () => void): () => void {
  if (!("requestIdleCallback" in globalThis)) {
    const timer = setTimeout(run, PAUSE_MS);
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(run, { timeout: LATEST_MS });
  return () => cancelIdleCallback(asked);
}
