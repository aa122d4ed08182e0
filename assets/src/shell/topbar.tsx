// SPDX-License-Identifier: Apache-2.0
// The line above a page: its title, which data a conversation is about (a link to it), what can be
// done with it, and the way to everything.
import "./topbar.css";
import { focusAskBox } from "../chat/askbox.js";
import { show, toggleDrawer } from "../core/actions.js";
import { rename } from "../core/actions-keep.js";
import { count } from "../words/format.js";
import { Lens, Menu } from "../parts/icons.js";
import { Link } from "../parts/link.js";
import { Rename } from "../parts/rename.js";
import { currentDataset, isNew, type State } from "../core/state.js";
import { ConversationMenu } from "./conversation-menu.js";
import { ariaKeys, IS_MAC, keyNames } from "./shortcuts.js";

const PALETTE = "mod+k";

/** A new question's data set is chosen at the box; a conversation's is fixed, since every answer stands on it. */
function Dataset({ state }: { state: State }) {
  const dataset = currentDataset(state);
  const name = dataset?.name ?? state.conversation?.dataset;
  if (!name || isNew(state)) return null;
  const rows = dataset?.row_count === undefined ? "" : ` · ${count(dataset.row_count)} rows`;
  return <Link class="chip topbar-dataset" to={{ page: "dataset", name }} title={dataset?.title}><bdi>{name}</bdi><span class="topbar-rows">{rows}</span></Link>;
}

function Title({ state, title }: { state: State; title: string }) {
  const { conversation, renaming } = state;
  const button = () => document.querySelector<HTMLElement>(".topbar .conversation-menu")?.focus();
  if (!conversation || renaming?.at !== "bar" || renaming.id !== conversation.id) return <h1 title={title}><bdi>{title}</bdi></h1>;
  const done = (name: string | null, byKey: boolean) => (byKey && button(), void rename(conversation, name));
  return <h1><Rename label="Title of the conversation" name={conversation.title} done={done} /></h1>;
}

export function TopBar({ state, title }: { state: State; title: string }) {
  const open = state.route.page === "conversation" ? state.conversation : null;
  const isChat = state.route.page === "new" || state.route.page === "conversation";
  return (
    <header class="topbar">
      <button class="tool topbar-menu" aria-label="Conversations" aria-expanded={state.drawer} aria-controls="sidebar" onClick={() => toggleDrawer(true)}><Menu /></button>
      <Title state={state} title={title} />
      {isChat && <Dataset state={state} />}
      {open && <ConversationMenu key={open.id} conversation={open} at="bar" removed={(id) => id === null && focusAskBox()} />}
      <button class="tool topbar-find" aria-label="Find anything" aria-haspopup="dialog" aria-keyshortcuts={ariaKeys(PALETTE, IS_MAC)} title={`Find anything (${keyNames(PALETTE, IS_MAC).flat().join(" ")})`} onClick={() => show("palette")}><Lens /></button>
    </header>
  );
}
