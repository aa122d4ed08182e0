// SPDX-License-Identifier: Apache-2.0
// CodeMirror, set up for one SQLite statement. It stands in a shadow root: there its styles are adopted sheets, which
// the Content-Security-Policy lets be; in the document they would be a style element, which it does not. Colours are
// the page's own, by its variables, which reach into a shadow root.
//
// Keys: Ctrl-Enter or Cmd-Enter runs; Tab leaves, as everywhere in the page (lines are indented with Ctrl-]); Escape
// closes the list of completions, and where there is none, leaves.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, completionStatus, type Completion, type CompletionContext, type CompletionResult, type CompletionSource } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { keywordCompletionSource, schemaCompletionSource, type SQLNamespace } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightSpecialChars, keymap, type DecorationSet } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { dialect } from "./dialect.js";
import type { CompletableTable } from "../words/schema-words.js";
import type { Place } from "../words/sql-problem.js";

export interface EditorOptions {
  parent: HTMLElement;
  text: string;
  label: string;
  /** Ids cannot reach into a shadow root, so the description is given as text. */
  description: string;
  onChange(text: string): void;
  onRun(): void;
  onLeave(): void;
}

export interface Editor {
  setText(text: string): void;
  setTables(tables: CompletableTable[]): void;
  /** Marks where a run failed; null takes the mark away. */
  mark(place: Place | null): void;
  focus(): void;
  destroy(): void;
}

const theme = EditorView.theme({
  "&": { fontSize: "13px", color: "var(--ink)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", minHeight: "var(--editor-least, 0)", maxHeight: "var(--editor-most, 50vh)", overflow: "auto" },
  ".cm-content": { padding: "12px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 16px", overflowWrap: "anywhere" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "1.5px" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "var(--accent-soft)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--line-strong)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: "var(--bad)" },
  ".cm-specialChar": { color: "var(--bad)" },
  ".cm-problem": { textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "4px" },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--line-strong)", borderRadius: "8px", boxShadow: "0 12px 32px -12px var(--veil)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "12.5px", maxHeight: "230px", maxWidth: "min(560px, 90vw)", padding: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { display: "flex", gap: "16px", alignItems: "baseline", padding: "3px 8px", borderRadius: "5px", lineHeight: "1.5" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--ink)" },
  ".cm-completionLabel": { flex: "1" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700", color: "var(--accent)" },
  ".cm-completionDetail": { marginLeft: "0", fontStyle: "normal", fontFamily: "var(--sans)", fontSize: "12px", color: "var(--ink-2)" },
  ".cm-tooltip.cm-completionInfo": { padding: "6px 10px", fontFamily: "var(--sans)", fontSize: "12.5px", maxWidth: "280px" },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)" },
  { tag: tags.string, color: "var(--ok)" },
  // A name in quotes, which would be taken for a text.
  { tag: tags.special(tags.string), color: "var(--ink)" },
  { tag: tags.special(tags.name), color: "var(--ok)" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: "var(--ink-3)" },
]);

// ---- Completion

const tableOption = (table: CompletableTable): Completion => ({ label: table.name, apply: table.apply, type: "type", detail: table.detail, ...(table.info ? { info: table.info } : {}) });

function namespaceOf(tables: CompletableTable[]): SQLNamespace {
  return Object.fromEntries(
    tables.map((table) => [
      table.name,
      { self: tableOption(table), children: table.columns.map(({ name, apply, detail, info }): Completion => ({ label: name, apply, type: "property", detail, ...(info ? { info } : {}) })) },
    ]),
  );
}

/** The columns of the tables that the statement names, also without the table before them. */
function columnsOf(tables: CompletableTable[]): CompletionSource {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[\w"]+/);
    if (!word && !context.explicit) return null;
    const from = word?.from ?? context.pos;
    if (/\.\s*$/.test(context.state.sliceDoc(Math.max(0, from - 2), from))) return null;
    const text = context.state.doc.toString().toLowerCase();
    const named = tables.filter((table) => new RegExp(`(^|\\W)${table.name.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(\\W|$)`).test(text));
    const options = (named.length > 0 ? named : tables).flatMap((table) =>
      table.columns.map(({ name, apply, detail }): Completion => ({ label: name, apply, type: "property", detail: tables.length > 1 ? `${detail} · ${table.name}` : detail, boost: 1 })),
    );
    return options.length > 0 ? { from, options, validFor: /^[\w"]*$/ } : null;
  };
}

const keywords = keywordCompletionSource(dialect, true, (label, type) => (type === "keyword" ? { label, type, boost: -1 } : { label: label.toLowerCase(), type: "function", boost: -2 }));

function completionOf(tables: CompletableTable[]): Extension {
  const schema = namespaceOf(tables);
  return autocompletion({ icons: false, override: [columnsOf(tables), schemaCompletionSource({ dialect, schema }), keywords] });
}

// ---- The mark of a failure

const setMark = StateEffect.define<Place | null>();
const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(found, transaction) {
    // What is written next mends it, or is another statement: the mark is of the one that ran.
    let now = transaction.docChanged ? Decoration.none : found;
    for (const effect of transaction.effects) {
      if (!effect.is(setMark)) continue;
      const place = effect.value;
      now = place && place.to <= transaction.newDoc.length ? Decoration.set(Decoration.mark({ class: "cm-problem" }).range(place.from, place.to)) : Decoration.none;
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

// ---- Typing over what is selected

// Left to itself Chromium keeps the look of the text that goes, in a style attribute, which the policy refuses with a
// complaint. So the change is made here. What goes is asked of the browser, which may have selected it just now; inside
// a shadow root Chromium tells only that root, and the event nothing.
function goingWith(view: EditorView): { from: number; to: number } {
  const selection = (view.root as Document).getSelection?.();
  if (!selection?.anchorNode || !selection.focusNode || !view.contentDOM.contains(selection.anchorNode) || !view.contentDOM.contains(selection.focusNode)) return view.state.selection.main;
  const ends = [view.posAtDOM(selection.anchorNode, selection.anchorOffset), view.posAtDOM(selection.focusNode, selection.focusOffset)];
  return { from: Math.min(...ends), to: Math.max(...ends) };
}

const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data } = event;
    const going = goingWith(view);
    if (event.inputType !== "insertText" || data === null || going.from >= going.to || view.composing) return false;
    const { from, to } = going;
    const insert = () => view.state.update({ changes: { from, to, insert: data }, selection: { anchor: from + data.length }, userEvent: "input.type", scrollIntoView: true });
    event.preventDefault();
    if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, data, insert))) view.dispatch(insert());
    return true;
  },
});

// ---- The editor

export function openEditor({ parent, text, label, description, onChange, onRun, onLeave }: EditorOptions): Editor {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  const completion = new Compartment();
  const own = Prec.highest(
    keymap.of([
      { key: "Mod-Enter", run: () => (onRun(), true) },
      // A list that has come up this instant takes nothing yet; the key is its own all the same.
      { key: "Tab", run: (view) => completionStatus(view.state) === "active" && (acceptCompletion(view), true) },
    ]),
  );
  const leaving = Prec.lowest(keymap.of([{ key: "Escape", run: () => (onLeave(), true) }]));
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        own,
        leaving,
        highlightSpecialChars(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        dialect,
        typedOver,
        syntaxHighlighting(colours),
        completion.of(completionOf([])),
        marks,
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap.filter((binding) => binding.key !== "Escape")]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, "aria-description": description, spellcheck: "false", autocapitalize: "off", dir: "ltr" }),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
        theme,
      ],
    }),
  });
  return {
    setText(next) {
      if (next !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    setTables: (tables) => view.dispatch({ effects: completion.reconfigure(completionOf(tables)) }),
    mark: (place) => view.dispatch({ effects: setMark.of(place) }),
    focus() {
      view.dispatch({ selection: { anchor: view.state.doc.length } });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
}
