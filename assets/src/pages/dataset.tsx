// SPDX-License-Identifier: Apache-2.0
// One data set to look around in: its tables and how they are linked, and what is known of each column. An address
// with ?table=TABLE.COLUMN leads to that column. Wide tables show their beginning; the search finds the rest.
import "./dataset.css";
import { useEffect, useState } from "preact/hooks";
import { go } from "../core/actions.js";
import { askIt, bring, deleteDataset } from "../core/actions-data.js";
import { api } from "../core/session.js";
import type { Dataset, TableProfile } from "../core/wire.js";
import { Column } from "../data/column.js";
import { FirstRows } from "../data/first-rows.js";
import { Problems } from "../data/problems.js";
import { Rename } from "../data/rename.js";
import { originWords, sizeWords } from "../data/words.js";
import { Dots } from "../parts/icons.js";
import { Waiting } from "../parts/lazy.js";
import { Link } from "../parts/link.js";
import { Rich } from "../parts/rich.js";
import { useLoaded } from "../parts/loaded.js";
import { Menu } from "../parts/menu.js";
import { Notice } from "../parts/notice.js";
import type { PageProps } from "../shell/pages.js";
import { count, plural } from "../words/format.js";
import { found, referencesOf } from "../words/profile.js";

const COLUMNS_AT_FIRST = 60;
const SEARCH_FROM = 9;

function Head({ dataset, rename }: { dataset: Dataset; rename(): void }) {
  const remove = async () => (await deleteDataset(dataset)) && go({ page: "data" });
  const { source } = dataset;
  const isLink = source?.url && /^https?:\/\//.test(source.url);
  return (
    <div class="dataset-head">
      <div>
        <h2><bdi>{dataset.title}</bdi></h2>
        {dataset.description && <div class="dataset-about"><Rich text={dataset.description} /></div>}
        <p class="data-facts">
          {[originWords(dataset, new Date()), ...sizeWords(dataset)].map((words) => <span key={words}>{words}</span>)}
          {source && <span>{isLink ? <a href={source.url} rel="noreferrer noopener" target="_blank"><bdi>{source.name ?? source.url}</bdi></a> : <bdi>{source.name}</bdi>}</span>}
          {dataset.license && <span><bdi>{dataset.license}</bdi></span>}
        </p>
      </div>
      <div class="dataset-tools">
        <button class="bring-main" onClick={() => askIt(dataset.name)}>Ask it</button>
        {dataset.origin === "upload" && (
          <Menu label={`More about ${dataset.title}`} items={[{ label: "Rename…", run: rename }, { label: "Add a table…", run: () => bring([], { into: dataset.name }) }, { label: "Delete", bad: true, run: () => void remove() }]}><Dots /></Menu>
        )}
      </div>
    </div>
  );
}

function Links({ dataset, table }: { dataset: Dataset; table: TableProfile }) {
  const { to, from } = referencesOf(dataset.tables, table);
  const link = (id: string) => <Link key={id} to={{ page: "dataset", name: dataset.name, table: id }}>{id}</Link>;
  if (to.length + from.length === 0) return null;
  return (
    <ul class="dataset-links" aria-label="Links between tables">
      {to.map((one) => <li key={one.from}>{one.from.split(".")[1]} refers to {link(one.to)}</li>)}
      {from.map((one) => <li key={one.from}>{link(one.from)} refers to {one.to.split(".")[1]}</li>)}
    </ul>
  );
}

function TableView({ dataset, table, search, target }: { dataset: Dataset; table: TableProfile; search: string; target: string | undefined }) {
  const [all, setAll] = useState(false);
  const columns = found(table.columns, search);
  const at = columns.findIndex((column) => `${table.name}.${column.name}` === target);
  const shown = all || at >= COLUMNS_AT_FIRST ? columns : columns.slice(0, COLUMNS_AT_FIRST);
  if (search && columns.length === 0) return null;
  return (
    <section class="dataset-table" id={`table-${table.name}`} aria-label={table.title}>
      <header>
        <h3><bdi>{table.title}</bdi><small>{plural(table.row_count, "row")}, {plural(table.columns.length, "column")}</small></h3>
        {table.description && <div class="dataset-meaning"><Rich text={table.description} /></div>}
        <Links dataset={dataset} table={table} />
      </header>
      {!search && <FirstRows key={dataset.data_sha256} dataset={dataset.name} table={table} />}
      <ul class="dataset-columns">
        {shown.map((column) => <Column key={column.name} dataset={dataset.name} table={table} column={column} target={`${table.name}.${column.name}` === target} ask={(words) => askIt(dataset.name, words)} />)}
      </ul>
      {shown.length < columns.length && (
        <p class="dataset-more"><span>{count(shown.length)} of {plural(columns.length, "column")}</span><button class="tool" onClick={() => setAll(true)}>Show all</button></p>
      )}
    </section>
  );
}

function Find({ dataset, search, set }: { dataset: Dataset; search: string; set(search: string): void }) {
  const columns = dataset.tables.reduce((sum, table) => sum + table.columns.length, 0);
  if (columns < SEARCH_FROM && dataset.tables.length < 2) return null;
  const hits = dataset.tables.reduce((sum, table) => sum + found(table.columns, search).length, 0);
  return (
    <div class="dataset-find">
      {columns >= SEARCH_FROM && <input type="search" value={search} placeholder={`Find one of ${count(columns)} columns`} aria-label="Find a column" onInput={(event) => set(event.currentTarget.value)} />}
      {dataset.tables.length > 1 && <nav aria-label="Tables">{dataset.tables.map((table) => <Link key={table.name} class="tool" to={{ page: "dataset", name: dataset.name, table: table.name }}><bdi>{table.title}</bdi></Link>)}</nav>}
      <span class="hidden-text" role="status">{search && plural(hits, "column")}</span>
      {search && hits === 0 && <p>No column is called so.</p>}
    </div>
  );
}

/** Scrolls to the table or column that the address names, once it is there. */
function useTarget(target: string | undefined, isThere: boolean): void {
  useEffect(() => {
    if (!target || !isThere) return;
    const element = document.getElementById(`column-${target}`) ?? document.getElementById(`table-${target}`);
    element?.scrollIntoView({ block: element.matches(".column") ? "center" : "start" });
    if (element?.matches(".column")) element.focus({ preventScroll: true });
  }, [target, isThere]);
}

export function DatasetPage({ route, state }: PageProps<"dataset">) {
  const [search, setSearch] = useState("");
  const [renaming, setRenaming] = useState(false);
  // What is known of it in the list tells when it has changed: a table was added, or another title given.
  const listed = state.datasets?.find((one) => one.name === route.name);
  const { data, problem, reload, set } = useLoaded(`${route.name} ${listed?.data_sha256 ?? ""} ${listed?.title ?? ""}`, () => api.dataset(route.name));
  useTarget(route.table, data !== null);
  useEffect(() => setSearch(""), [route.name, route.table]);
  if (problem) {
    return (
      <div class="page"><div class="page-column">
        <Notice title="This data set cannot be shown" sentence={problem.message} hint={problem.hint}>
          <button class="plain" onClick={reload}>Retry</button>
          <Link class="plain" to={{ page: "data" }}>All data sets</Link>
        </Notice>
      </div></div>
    );
  }
  if (!data) return <div class="page"><div class="page-column"><Waiting what="the data set" /></div></div>;
  return (
    <div class="page dataset">
      <div class="page-column">
        <Head dataset={data} rename={() => setRenaming(true)} />
        {data.status === "failed" && <Notice title="Cannot be used" sentence={data.problem ?? "The reason is not known."} />}
        <Problems problems={data.problems} />
        <Find dataset={data} search={search} set={setSearch} />
        {data.tables.map((table) => <TableView key={table.name} dataset={data} table={table} search={search} target={route.table} />)}
      </div>
      {renaming && <Rename dataset={data} close={() => setRenaming(false)} renamed={set} />}
    </div>
  );
}
