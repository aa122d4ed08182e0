// SPDX-License-Identifier: Apache-2.0
// What stands in an empty conversation: what this is, the data that can be asked about, and three questions to
// begin with. The data sets are radio buttons, so that the arrow keys work as everyone expects.
import "./welcome.css";
import { ask, chooseDataset } from "../core/actions.js";
import { bring } from "../core/actions-data.js";
import { Plus } from "../parts/icons.js";
import { plural } from "../words/format.js";
import { currentDataset, type State } from "../core/state.js";
import type { DatasetSummary } from "../core/wire.js";

const PROMPTS_SHOWN = 3;

function sizeOf(dataset: DatasetSummary): string {
  const tables = dataset.table_count === undefined || dataset.table_count < 2 ? "" : `${plural(dataset.table_count, "table")} · `;
  return dataset.row_count === undefined ? "" : `${tables}${plural(dataset.row_count, "row")}`;
}

function Card({ dataset, chosen }: { dataset: DatasetSummary; chosen: boolean }) {
  const failed = dataset.status !== "ready";
  return (
    <label class="welcome-card" data-failed={failed}>
      <input type="radio" name="dataset" class="hidden-text" value={dataset.name} checked={chosen} disabled={failed} onChange={() => chooseDataset(dataset.name)} />
      <span class="welcome-name"><bdi>{dataset.title || dataset.name}</bdi></span>
      {failed ? <span class="welcome-problem">Cannot be used: {dataset.problem ?? "the reason is not known."}</span> : <>
        {dataset.description && <span class="welcome-about">{dataset.description}</span>}
        <small>{sizeOf(dataset)}</small>
      </>}
    </label>
  );
}

/** The author's questions, else those that were made from the data. */
const openings = (dataset: DatasetSummary) => (dataset.prompts.length > 0 ? dataset.prompts : (dataset.suggestions ?? []));

function Prompts({ prompts }: { prompts: string[] }) {
  return (
    <section aria-label="Questions to begin with">
      <h3>To begin with</h3>
      <ul class="welcome-prompts">
        {prompts.slice(0, PROMPTS_SHOWN).map((prompt) => (
          <li key={prompt}><button class="plain" onClick={() => void ask(prompt)}><bdi>{prompt}</bdi></button></li>
        ))}
      </ul>
    </section>
  );
}

export function Welcome({ state }: { state: State }) {
  const dataset = currentDataset(state);
  return (
    <div class="welcome">
      <div class="welcome-column">
        <h2>What would you like to know?</h2>
        <p>Ask in plain words. Every answer is computed in its own throw-away sandbox, and shows its proof.</p>
        {state.datasets?.length === 0 && <p class="welcome-none">There are no data sets yet. Add a file of yours, or start the server with a folder of tables (DATASETS_PATH).</p>}
        {state.datasets && state.datasets.length > 0 && (
          <fieldset>
            <legend>Data set</legend>
            <div class="welcome-cards">{state.datasets.map((one) => <Card key={one.name} dataset={one} chosen={one === dataset} />)}</div>
          </fieldset>
        )}
        {state.datasets && !state.uploads?.problem && <button class="tool welcome-add" aria-haspopup="dialog" onClick={() => bring()}><Plus />Add your own data: choose a file, or drop it anywhere</button>}
        {dataset && openings(dataset).length > 0 && <Prompts prompts={openings(dataset)} />}
      </div>
    </div>
  );
}
