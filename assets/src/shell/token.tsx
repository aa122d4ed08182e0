// SPDX-License-Identifier: Apache-2.0
// Asks for the access token when the server wants one. The dialog cannot be dismissed: without a token there is
// nothing behind it. The token stays in this tab and is sent to this server only.
import "./token.css";
import { useEffect, useRef } from "preact/hooks";
import { giveToken } from "../core/session.js";

export function TokenDialog({ refused }: { refused: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    input.current?.focus();
  }, []);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const token = input.current!.value.trim();
    if (token) giveToken(token);
  };
  return (
    <dialog class="token" ref={dialog} aria-labelledby="token-title" onCancel={(event) => event.preventDefault()}>
      <form onSubmit={onSubmit}>
        <h2 id="token-title">Access token</h2>
        <p id="token-about">{refused ? "That token was not accepted. Please try again." : <>This server asks for its access token: the one that it was started with, or else what <code>app token</code> prints on its machine.</>}</p>
        <label class="hidden-text" for="token-input">Token</label>
        <input id="token-input" ref={input} type="password" autocomplete="current-password" required aria-describedby="token-about" aria-invalid={refused} />
        <div class="token-row"><small>Kept until this tab is closed.</small><button class="token-send">Continue</button></div>
      </form>
    </dialog>
  );
}
