// SPDX-License-Identifier: Apache-2.0
// The command palette: a box and the list below it, a combobox as the WAI-ARIA practices describe it. The focus
// stays in the box; arrows move the choice, Enter takes it, Escape gives the focus back to where it was.
import "./palette.css";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { chooseDataset, go, show } from "../core/actions.js";
import { focusAskBox } from "../chat/askbox.js";
import { api } from "../core/session.js";
import type { State } from "../core/state.js";
import * as stored from "../core/stored.js";
import { count, plural } from "../words/format.js";
import { pieces } from "../words/fuzzy.js";
import { commandNames, commands, isThere } from "./commands.js";
import { conversationItems, datasetItems, search, withFound, type Hit, type Item } from "./palette-items.js";
import { IS_MAC, keyNames, shortcutOf } from "./shortcuts.js";

const CHOSEN_KEPT = 20;
const PAGE_STEP = 8;
const FOUND_SHOWN = 10;
/** The server is asked for words, not for letters, and when the typing pauses. */
const SEARCHED_FROM = 3;
const PAUSE_MS = 120;
const PAGES = new Set(["pins", "data", "sql", "status", "settings"]);

function open(id: string, turn?: string): void {
  go({ page: "conversation", id, ...(turn ? { turn } : {}) });
  if (!turn) focusAskBox();
}

function askAbout(dataset: string): void {
  chooseDataset(dataset);
  go({ page: "new" });
  focusAskBox();
}

const doing = { open, ask: askAbout, browse: (name: string) => go({ page: "dataset", name }) };

function allItems(now: State): Item[] {
  const offered = commandNames.filter((name) => commands[name].words !== null && isThere(name, now));
  const actions: Item[] = offered.map((name) => {
    const { words, also, run } = commands[name];
    const keys = shortcutOf(name);
    return { id: name, words: words!, kind: PAGES.has(name) ? "Pages" : "Actions", run, ...(also ? { also } : {}), ...(keys ? { keys } : {}) };
  });
  return [...actions, ...conversationItems(now.conversations ?? [], doing), ...datasetItems(now, doing)];
}

/** The conversations in whose questions and answers QUERY is found; the page itself has only the latest ones' titles. */
function useFound(query: string): Item[] {
  const [found, setFound] = useState<Item[]>([]);
  useEffect(() => {
    setFound((old) => (old.length > 0 ? [] : old));
    if (query.trim().length < SEARCHED_FROM) return undefined;
    const left = new AbortController();
    const timer = setTimeout(() => {
      api.conversations({ q: query.trim(), limit: FOUND_SHOWN }, left.signal).then(
        (conversations) => setFound(conversationItems(conversations, doing)),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => (clearTimeout(timer), left.abort());
  }, [query]);
  return found;
}

function Row({ hit, id, chosen, pick, point }: { hit: Hit; id: string; chosen: boolean; pick(): void; point(): void }) {
  const { item, marks } = hit;
  return (
    <div id={id} class="palette-row" role="option" aria-selected={chosen} onClick={pick} onPointerMove={point}>
      <span class="palette-words"><bdi>{pieces(item.words, marks).map((one, at) => (one.hit ? <mark key={at}>{one.text}</mark> : one.text))}</bdi></span>
      {item.note && <span class="palette-note"><bdi>{item.note}</bdi></span>}
      {item.keys && <span class="palette-keys" aria-hidden="true">{keyNames(item.keys, IS_MAC).flat().map((name, at) => <kbd key={at}>{name}</kbd>)}</span>}
    </div>
  );
}

export function Palette({ state }: { state: State }) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  // What is at hand is what it was when the palette opened: the focus is in the palette from then on.
  const items = useMemo(() => allItems(state), []);
  const found = useFound(query);
  const sections = useMemo(() => search(query, withFound(items, found), stored.readList("chosen")), [query, found]);
  const hits = sections.flatMap((section) => section.hits);

  // Before the next key comes: what is typed at once is a query.
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at, query]);

  const pick = (item: Item) => {
    stored.keepList("chosen", [item.id, ...stored.readList("chosen").filter((one) => one !== item.id)].slice(0, CHOSEN_KEPT));
    // The focus goes back to where it was first; then the thing may put it elsewhere.
    dialog.current!.close();
    show(null);
    item.run();
  };
  const onInput = (text: string) => {
    setQuery(text);
    setAt(0);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const last = hits.length - 1;
    const moves: Record<string, () => number> = {
      ArrowDown: () => (at >= last ? 0 : at + 1),
      ArrowUp: () => (at <= 0 ? last : at - 1),
      PageDown: () => Math.min(last, at + PAGE_STEP),
      PageUp: () => Math.max(0, at - PAGE_STEP),
    };
    const move = moves[event.key];
    if (move) setAt(Math.max(0, move()));
    else if (event.key === "Enter" && hits[at]) pick(hits[at]!.item);
    else return;
    event.preventDefault();
  };

  let index = -1;
  return (
    <dialog ref={dialog} class="palette" aria-label="Find anything" onCancel={(event) => (event.preventDefault(), show(null))} onClick={(event) => event.target === dialog.current && show(null)}>
      <div class="palette-body">
        <input class="palette-query" role="combobox" type="text" autofocus autocomplete="off" spellcheck={false} placeholder="Find a conversation, data, a page, an action…" aria-label="Find a conversation, data, a page or an action" aria-expanded="true" aria-controls={`${id}-list`} aria-autocomplete="list" aria-activedescendant={hits.length > 0 ? `${id}-${at}` : undefined} value={query} onInput={(event) => onInput(event.currentTarget.value)} onKeyDown={onKey} />
        <div ref={list} id={`${id}-list`} class="palette-list" role="listbox" aria-label="What was found" onPointerDown={(event) => event.preventDefault()}>
          {sections.map((section, which) => (
            <div key={section.title} role="group" aria-labelledby={`${id}-title-${which}`}>
              <div id={`${id}-title-${which}`} class="palette-title" role="presentation">{section.title}</div>
              {section.hits.map((hit) => {
                const mine = ++index;
                return <Row key={hit.item.id} hit={hit} id={`${id}-${mine}`} chosen={mine === at} pick={() => pick(hit.item)} point={() => mine !== at && setAt(mine)} />;
              })}
            </div>
          ))}
        </div>
        {hits.length === 0 && <p class="palette-nothing">Nothing is called like that. <kbd>Esc</kbd> goes back.</p>}
        <div class="hidden-text" role="status">{query === "" ? "" : hits.length === 0 ? "Nothing found." : `${count(hits.length)} ${plural(hits.length, "hit").replace(/^\S+\s/, "")}`}</div>
      </div>
    </dialog>
  );
}
