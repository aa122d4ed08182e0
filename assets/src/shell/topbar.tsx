// SPDX-License-Identifier: Apache-2.0
// The line above a page: its title, which data a conversation is about (a link to it), and the way to everything.
import "./topbar.css";
import { show, toggleDrawer } from "../core/actions.js";
import { count } from "../words/format.js";
import { Lens, Menu } from "../parts/icons.js";
import { Link } from "../parts/link.js";
import { currentDataset, isNew, type State } from "../core/state.js";
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

export function TopBar({ state, title }: { state: State; title: string }) {
  const isChat = state.route.page === "new" || state.route.page === "conversation";
  return (
    <header class="topbar">
      <button class="tool topbar-menu" aria-label="Conversations" aria-expanded={state.drawer} aria-controls="sidebar" onClick={() => toggleDrawer(true)}><Menu /></button>
      <h1 title={title}><bdi>{title}</bdi></h1>
      {isChat && <Dataset state={state} />}
      <button class="tool topbar-find" aria-label="Find anything" aria-haspopup="dialog" aria-keyshortcuts={ariaKeys(PALETTE, IS_MAC)} title={`Find anything (${keyNames(PALETTE, IS_MAC).flat().join(" ")})`} onClick={() => show("palette")}><Lens /></button>
    </header>
  );
}
