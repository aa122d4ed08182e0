// SPDX-License-Identifier: Apache-2.0
// The other tabs of the same browser: each says which conversation it has changed, and reads again what another has.
// What is said is only where to look; the server is asked for what is there.

interface Change {
  /** Null where the list as a whole has changed. */
  conversation: string | null;
}

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("sandglass");

export function tellOthers(conversation: string | null): void {
  channel?.postMessage({ conversation } satisfies Change);
}

export function onChange(listener: (conversation: string | null) => void): void {
  channel?.addEventListener("message", ({ data }: MessageEvent<Change>) => listener(data.conversation));
}
