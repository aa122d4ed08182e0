// SPDX-License-Identifier: Apache-2.0
// Handing an answer on, and keeping it: the tools of a card beside its downloads.
import { useState } from "preact/hooks";
import { addressOf, pin, unpin } from "../core/actions-sql.js";
import { copied } from "../parts/copied.js";
import { toast } from "../core/toasts.js";
import type { Turn } from "../core/wire.js";

export function LinkButton({ turn }: { turn: Turn }) {
  const address = addressOf({ page: "answer", id: turn.id });
  return <button class="tool" data-command="link" title="Copy the address of this answer; opened, it is computed again" onClick={() => void copied(address, "the link to this answer", toast)}>Link</button>;
}

export function PinButton({ turn }: { turn: Turn }) {
  const [id, setId] = useState<string | null>(turn.pin_id ?? null);
  const [busy, setBusy] = useState(false);
  const onClick = async () => {
    setBusy(true);
    if (id === null) setId(await pin(turn));
    else if (await unpin(id, () => setId(id))) setId(null);
    setBusy(false);
  };
  return <button class="tool" data-command="pin" aria-pressed={id !== null} disabled={busy} title={id === null ? "Keep this answer among the pinned ones" : "Take this answer from the pinned ones"} onClick={() => void onClick()}>{id === null ? "Pin" : "Pinned"}</button>;
}
