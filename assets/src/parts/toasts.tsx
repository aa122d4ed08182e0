// SPDX-License-Identifier: Apache-2.0
// Draws what core/toasts.ts holds. A toast goes by itself after a while, but not under the pointer or the focus: who
// is about to press Undo has all the time in the world.
import "./toasts.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { dismiss, type Toast } from "../core/toasts.js";

const SHOWN_MS = 10_000;

function Item({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, toast.id]);
  const letGo = () => setHeld(box.current!.matches(":hover") || box.current!.matches(":focus-within"));
  const { action } = toast;
  return (
    <div ref={box} class="toast" data-bad={toast.bad} role={toast.bad ? "alert" : "status"} onMouseEnter={() => setHeld(true)} onMouseLeave={letGo} onFocusIn={() => setHeld(true)} onFocusOut={() => setTimeout(() => box.current && letGo())}>
      <span>{toast.text}</span>
      {action && <button class="tool toast-action" aria-keyshortcuts={action.label === "Undo" ? "Control+Z Meta+Z" : undefined} onClick={() => (dismiss(toast.id), action.run())}>{action.label}</button>}
      <button class="tool" onClick={() => dismiss(toast.id)}>Dismiss</button>
    </div>
  );
}

/** Ctrl+Z takes back what was done last, unless somebody is writing something that it would take back instead. */
function undo(event: KeyboardEvent, toasts: Toast[]): void {
  const target = event.target as HTMLElement;
  const isWriting = target.isContentEditable || ((target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.value !== "");
  const last = [...toasts].reverse().find((toast) => toast.action?.label === "Undo");
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || isWriting || !last) return;
  event.preventDefault();
  dismiss(last.id);
  last.action!.run();
}

export function Toasts({ toasts }: { toasts: Toast[] }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => undo(event, toasts);
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [toasts]);
  return <div class="toasts" role="region" aria-label="Messages">{toasts.map((toast) => <Item key={toast.id} toast={toast} />)}</div>;
}
