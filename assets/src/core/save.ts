// SPDX-License-Identifier: Apache-2.0
// Hands a file that the page has made to the person, as any download.

/** The browser may still be reading it when the click has returned. */
const KEPT_MS = 60_000;

export function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
