// SPDX-License-Identifier: Apache-2.0
// The line above a conversation: its title, and which data it is about. The data set can be chosen until the first
// question is asked; from then on it is fixed, since every answer stands on it.
import "./topbar.css";
import { chooseDataset, toggleDrawer } from "../core/actions.js";
import { count } from "../words/format.js";
import { Menu } from "../parts/icons.js";
import { currentDataset, type State } from "../core/state.js";

function Dataset({ state }: { state: State }) {
  const dataset = currentDataset(state);
  const isNew = state.route.page === "new" && state.turns.length === 0;
  const ready = state.datasets?.filter((one) => one.status === "ready") ?? [];
  if (isNew && ready.length > 1) {
    return (
      <select class="chip topbar-choose" aria-label="Data set" value={state.dataset ?? ""} onChange={(event) => chooseDataset(event.currentTarget.value)}>
        {ready.map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}
      </select>
    );
  }
  const name = dataset?.name ?? state.conversation?.dataset;
  if (!name) return null;
  const rows = dataset?.row_count === undefined ? "" : ` · ${count(dataset.row_count)} rows`;
  return <span class="chip" title={dataset?.title}><span><bdi>{name}</bdi><span class="topbar-rows">{rows}</span></span></span>;
}

export function TopBar({ state, title }: { state: State; title: string }) {
  return (
    <header class="topbar">
      <button class="tool topbar-menu" aria-label="Conversations" aria-expanded={state.drawer} aria-controls="sidebar" onClick={() => toggleDrawer(true)}><Menu /></button>
      <h1 title={title}><bdi>{title}</bdi></h1>
      <Dataset state={state} />
    </header>
  );
}
