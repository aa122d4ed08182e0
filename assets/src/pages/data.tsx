// SPDX-License-Identifier: Apache-2.0
// All data sets: what there is, how large, and where it is from. What people brought can be renamed, added to and
// deleted here; what an operator gave cannot.
import "./data.css";
import { useEffect, useState } from "preact/hooks";
import { loadDatasets } from "../core/actions.js";
import { askIt, bring, deleteDataset } from "../core/actions-data.js";
import type { DatasetSummary } from "../core/wire.js";
import { originWords, sizeWords } from "../data/words.js";
import { Rename } from "../data/rename.js";
import { Dots, Plus } from "../parts/icons.js";
import { Waiting } from "../parts/lazy.js";
import { Link } from "../parts/link.js";
import { Menu } from "../parts/menu.js";
import { Notice } from "../parts/notice.js";
import type { PageProps } from "../shell/pages.js";
import { plural } from "../words/format.js";

function Tools({ dataset, rename }: { dataset: DatasetSummary; rename(): void }) {
  const isReady = dataset.status === "ready";
  const items = [
    { label: "Rename…", run: rename },
    { label: "Add a table…", run: () => bring([], { into: dataset.name }) },
    { label: "Delete", bad: true, run: () => void deleteDataset(dataset) },
  ];
  return (
    <div class="data-tools">
      {isReady && <button class="plain" aria-label={`Ask about ${dataset.title}`} onClick={() => askIt(dataset.name)}>Ask</button>}
      {dataset.origin === "upload" && <Menu label={`More about ${dataset.title}`} items={isReady ? items : items.slice(2)}><Dots /></Menu>}
    </div>
  );
}

function Row({ dataset, rename }: { dataset: DatasetSummary; rename(): void }) {
  const isReady = dataset.status === "ready";
  return (
    <li class="data-set">
      <h3>
        {isReady ? <Link to={{ page: "dataset", name: dataset.name }}><bdi>{dataset.title}</bdi></Link> : <bdi>{dataset.title}</bdi>}
        <code>{dataset.name}</code>
      </h3>
      <Tools dataset={dataset} rename={rename} />
      {dataset.description && <p class="data-about"><bdi>{dataset.description}</bdi></p>}
      {!isReady && <Notice title="Cannot be used" sentence={dataset.problem ?? "The reason is not known."} />}
      <p class="data-facts">
        {[originWords(dataset, new Date()), ...sizeWords(dataset)].map((words) => <span key={words}>{words}</span>)}
        {dataset.problems.length > 0 && <span>{plural(dataset.problems.length, "thing")} mended</span>}
      </p>
    </li>
  );
}

export function DataPage({ state }: PageProps<"data">) {
  const [renaming, setRenaming] = useState<DatasetSummary | null>(null);
  useEffect(() => void loadDatasets(), []);
  const { datasets } = state;
  return (
    <div class="page">
      <div class="page-column">
        <div class="data-head">
          <div>
            <h2>Data</h2>
            <p class="page-lead">What can be asked about. Drop files anywhere on the page to add your own; they are read in a sandbox and stay on this server.</p>
          </div>
          <button class="data-add" aria-haspopup="dialog" onClick={() => bring()}><Plus />Add data</button>
        </div>
        {datasets === null ? <Waiting what="the data sets" /> : datasets.length === 0 ? (
          <p class="data-list data-empty">There is nothing here yet.</p>
        ) : (
          <ul class="data-list">{datasets.map((one) => <Row key={one.name} dataset={one} rename={() => setRenaming(one)} />)}</ul>
        )}
      </div>
      {renaming && <Rename dataset={renaming} close={() => setRenaming(null)} />}
    </div>
  );
}
