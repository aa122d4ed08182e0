// SPDX-License-Identifier: Apache-2.0
// Tabs as the WAI-ARIA practices describe them: one stop for the Tab key, arrows and Home and End between them,
// shown as soon as they are focused. A panel is made when it is first shown and stays in the page from then on,
// hidden: most are never looked at, and none that was loses its state.
import "./tabs.css";
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

export interface Tab {
  name: string;
  /** By which it can be pressed from elsewhere (shell/turns.ts). */
  command?: string;
  panel(): ComponentChildren;
}

const MOVES: Record<string, (at: number, length: number) => number> = {
  ArrowRight: (at, length) => (at + 1) % length,
  ArrowLeft: (at, length) => (at + length - 1) % length,
  Home: () => 0,
  End: (_, length) => length - 1,
};

export function Tabs({ label, tabs, tools }: { label: string; tabs: Tab[]; tools?: ComponentChildren }) {
  const [at, setAt] = useState(0);
  const id = useId();
  const bar = useRef<HTMLDivElement>(null);
  const chosen = Math.min(at, tabs.length - 1);
  const made = useRef(new Set<string>());
  made.current.add(tabs[chosen]!.name);

  const onKey = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const next = move(chosen, tabs.length);
    setAt(next);
    bar.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };

  return (
    <>
      <div class="tabs">
        <div class="tabs-list" role="tablist" aria-label={label} ref={bar} onKeyDown={onKey}>
          {tabs.map((tab, index) => (
            <button key={tab.name} role="tab" data-command={tab.command} id={`${id}-tab-${index}`} aria-controls={`${id}-panel-${index}`} aria-selected={index === chosen} tabIndex={index === chosen ? 0 : -1} onClick={() => setAt(index)}>
              {tab.name}
            </button>
          ))}
        </div>
        {tools && <div class="tabs-tools">{tools}</div>}
      </div>
      {tabs.map((tab, index) => (
        <div key={tab.name} role="tabpanel" id={`${id}-panel-${index}`} aria-labelledby={`${id}-tab-${index}`} hidden={index !== chosen}>
          {made.current.has(tab.name) && tab.panel()}
        </div>
      ))}
    </>
  );
}
