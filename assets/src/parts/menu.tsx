// SPDX-License-Identifier: Apache-2.0
// A button that opens a menu, as the WAI-ARIA practices describe it: arrows, Home and End and first letters move in
// it, Escape and Tab leave it. It lies in the browser's top layer, so that no card cuts it off.
import "./menu.css";
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

export interface MenuItem {
  label: string;
  run(): void;
  /** Chosen among its like; undefined where it is an action and no choice. */
  checked?: boolean;
  /** It takes something away. */
  bad?: boolean;
  /** The key that does the same, as it is written on keyboards. */
  keys?: string;
}

interface Props {
  /** What the button is called where its children are not words. */
  label?: string;
  items: MenuItem[];
  children: ComponentChildren;
  class?: string;
  disabled?: boolean;
}

const GAP_PX = 4;
const EDGE_PX = 8;

/** Below the button, or above it where there is more room, and never over the window's edge. */
export function place(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + GAP_PX + height <= innerHeight - EDGE_PX || at.top < innerHeight / 2;
  menu.style.left = `${Math.max(EDGE_PX, Math.min(at.right - width, innerWidth - width - EDGE_PX))}px`;
  menu.style.top = `${Math.max(EDGE_PX, below ? at.bottom + GAP_PX : at.top - GAP_PX - height)}px`;
}

export function Menu({ label, items, children, class: className = "tool", disabled }: Props) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  /** Its entries are made when it first opens: of the many menus of a long list few ever do. */
  const [made, setMade] = useState(false);
  const entries = () => [...menu.current!.querySelectorAll<HTMLElement>("button")];

  const onToggle = (event: { newState: string }) => {
    const isOpen = event.newState === "open";
    setOpen(isOpen);
    if (!isOpen) return;
    place(menu.current!, button.current!);
    (entries().find((entry) => entry.getAttribute("aria-checked") === "true") ?? entries()[0])?.focus();
  };
  const close = () => {
    menu.current!.hidePopover();
    button.current!.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const letter = event.key.length === 1 ? event.key.toLowerCase() : null;
    let next = -1;
    if (event.key === "ArrowDown") next = (at + 1) % all.length;
    else if (event.key === "ArrowUp") next = (at + all.length - 1) % all.length;
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = all.length - 1;
    else if (event.key === "Escape") close();
    else if (event.key === "Tab") return close();
    else if (letter !== null && letter !== " ") {
      const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      const hit = order.find((entry) => entry.textContent!.trim().toLowerCase().startsWith(letter));
      next = hit ? all.indexOf(hit) : -1;
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (next >= 0) all[next]?.focus();
  };

  return (
    <>
      <button ref={button} type="button" class={className} disabled={disabled} aria-label={label} aria-haspopup="menu" aria-expanded={open} aria-controls={id} popovertarget={id} onKeyDown={(event) => event.key === "ArrowDown" && (event.preventDefault(), menu.current!.showPopover())}>
        {children}
      </button>
      <div ref={menu} id={id} class="menu" role="menu" popover="auto" aria-label={label} onBeforeToggle={() => setMade(true)} onToggle={onToggle} onKeyDown={onKey}>
        {made && items.map((item) => (
          <button key={item.label} type="button" role={item.checked === undefined ? "menuitem" : "menuitemradio"} aria-checked={item.checked} data-bad={item.bad ?? false} tabIndex={-1} onClick={() => (close(), item.run())}>
            <span>{item.label}</span>
            {item.keys && <kbd aria-hidden="true">{item.keys}</kbd>}
          </button>
        ))}
      </div>
    </>
  );
}
