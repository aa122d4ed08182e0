// SPDX-License-Identifier: Apache-2.0
// The conversations in the left column: a field to search them by, then what was found, or all of them by day. Rows
// are drawn again only when something of their own changes; older ones are read when the end comes into view.
import "./conversations.css";
import { Component } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { focusAskBox } from "../chat/askbox.js";
import { rename, search, showMore } from "../core/actions-keep.js";
import { PAGE_LENGTH } from "../core/listing.js";
import type { Route } from "../core/route.js";
import type { Search, State } from "../core/state.js";
import type { Conversation, FoundConversation } from "../core/wire.js";
import { Cross } from "../parts/icons.js";
import { Link } from "../parts/link.js";
import { Marked } from "../parts/marked.js";
import { Rename } from "../parts/rename.js";
import { dayOf, type Day } from "../words/format.js";
import { excerpt, searchWords } from "../words/marks.js";
import { ConversationMenu } from "./conversation-menu.js";

/** Letters of the question or sentence that was found; two lines of the list. */
const EXCERPT = 72;

interface RowProps {
  conversation: FoundConversation;
  current: boolean;
  renaming: boolean;
  /** What was searched for; "" in the whole list. */
  words: string;
}

function focusRow(id: string | null): void {
  // The row is drawn by then.
  setTimeout(() => (id ? document.getElementById(`conversation-${id}`)?.focus() : focusAskBox()));
}

class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { conversation, current, renaming, words } = this.props;
    return next.conversation !== conversation || next.current !== current || next.renaming !== renaming || next.words !== words;
  }

  override render({ conversation, current, renaming, words }: RowProps) {
    const { id, match } = conversation;
    const title = conversation.title || "Untitled";
    const sought = searchWords(words);
    const route: Route = { page: "conversation", id, ...(match ? { turn: match.turn_id } : {}) };
    if (renaming) {
      const done = (name: string | null, byKey: boolean) => (byKey && focusRow(id), void rename(conversation, name));
      return <li><Rename label="Title of the conversation" name={conversation.title} done={done} /></li>;
    }
    return (
      <li class="conversations-row">
        <Link id={`conversation-${id}`} to={route} title={title} aria-current={current ? "page" : undefined} then={focusAskBox}>
          <Marked text={title} words={sought} />
          {match && <small><Marked text={excerpt(match.text, sought, EXCERPT)} words={sought} /></small>}
        </Link>
        <ConversationMenu conversation={conversation} at="list" removed={focusRow} />
      </li>
    );
  }
}

interface ListProps {
  conversations: FoundConversation[];
  currentId: string | null;
  renamingId: string | null;
  words: string;
}

const rowsOf = (members: FoundConversation[], { currentId, renamingId, words }: ListProps) =>
  members.map((one) => <Row key={one.id} conversation={one} current={one.id === currentId} renaming={one.id === renamingId} words={words} />);

class ByDay extends Component<ListProps> {
  override shouldComponentUpdate(next: ListProps): boolean {
    const { conversations, currentId, renamingId } = this.props;
    return next.conversations !== conversations || next.currentId !== currentId || next.renamingId !== renamingId;
  }

  override render(props: ListProps) {
    const now = new Date();
    const days: Day[] = ["Today", "Yesterday", "Earlier"];
    return days.map((day) => {
      const members = props.conversations.filter((one: Conversation) => dayOf(one.updated_at, now) === day);
      return members.length === 0 ? null : (
        <section key={day} aria-label={day}>
          <h2>{day}</h2>
          <ul>{rowsOf(members, props)}</ul>
        </section>
      );
    });
  }
}

/** A button that presses itself when it comes into view. */
function More() {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && void showMore());
    watch.observe(button.current!);
    return () => watch.disconnect();
  });
  return <button ref={button} class="tool conversations-more" onClick={() => void showMore()}>Show older conversations</button>;
}

function Field({ words }: { words: string }) {
  const field = useRef<HTMLInputElement>(null);
  const clear = () => {
    search("");
    field.current!.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (words === "") focusAskBox();
      else search("");
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      document.querySelector<HTMLElement>(".conversations-row a")?.focus();
    }
  };
  return (
    <search class="conversations-search">
      <input ref={field} type="search" value={words} aria-label="Search conversations" aria-keyshortcuts="/" placeholder="Search" maxLength={200} autocomplete="off" spellcheck={false} onInput={(event) => search(event.currentTarget.value)} onKeyDown={onKey} />
      {words === "" ? <kbd aria-hidden="true">/</kbd> : <button class="tool" aria-label="Clear the search" onClick={clear}><Cross /></button>}
    </search>
  );
}

function Found({ search: sought, ...props }: Omit<ListProps, "conversations" | "words"> & { search: Search }) {
  const { found, foundFor, problem } = sought;
  if (problem) return <p>{problem.message} <button class="tool" onClick={() => search(sought.words)}>Retry</button></p>;
  if (!found) return null;
  if (found.length === 0) return <p>No conversation has {searchWords(foundFor).length > 1 ? "all of these words" : "this word"}.</p>;
  return (
    <>
      <ul aria-label="What was found">{rowsOf(found, { ...props, conversations: found, words: foundFor })}</ul>
      {found.length === PAGE_LENGTH && <p>These are the last {PAGE_LENGTH}; one more word finds older ones.</p>}
    </>
  );
}

export function Conversations({ state }: { state: State }) {
  const { conversations, renaming, route, search: sought } = state;
  const ids = { currentId: route.page === "conversation" ? route.id : null, renamingId: renaming?.at === "list" ? renaming.id : null };
  return (
    <>
      {(sought || (conversations && conversations.length > 0)) && <Field words={sought?.words ?? ""} />}
      <nav class="conversations" aria-label="Conversations">
        {!sought && conversations?.length === 0 && <p>Your questions will be listed here.</p>}
        {sought ? <Found {...ids} search={sought} /> : conversations && <ByDay {...ids} conversations={conversations} words="" />}
        {!sought && state.moreConversations && <More />}
      </nav>
    </>
  );
}
