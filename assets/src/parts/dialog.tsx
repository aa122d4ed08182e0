// SPDX-License-Identifier: Apache-2.0
// A modal dialog: open as long as it is drawn. Escape, its cross and a click beside it close it; the browser gives
// the focus back to where it was.
import "./dialog.css";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Cross } from "./icons.js";

interface Props {
  title: string;
  close(): void;
  children: ComponentChildren;
  /** In pixels at most; 640 without it. */
  width?: number;
}

export function Dialog({ title, close, children, width }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the next key comes: what is typed at once belongs to the dialog.
  useLayoutEffect(() => {
    const element = dialog.current!;
    if (width) element.style.setProperty("--dialog-width", `${width}px`);
    element.showModal();
    return () => element.close();
  }, []);
  const onCancel = (event: Event) => {
    event.preventDefault();
    close();
  };
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby={id} onCancel={onCancel} onClick={(event) => event.target === dialog.current && close()}>
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <button class="tool" aria-label="Close" onClick={close}><Cross /></button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
