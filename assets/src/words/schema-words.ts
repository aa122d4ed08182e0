// SPDX-License-Identifier: Apache-2.0
// What can be completed in a statement: the tables and columns of a data set, each with what it is called and what
// it holds. No more than names and texts; the editor makes its own of them.
import { count } from "./format.js";
import type { ColumnProfile, TableProfile } from "../core/wire.js";

export interface Completable {
  name: string;
  /** Written into the statement: the name, in quotes where it needs some. */
  apply: string;
  /** Beside the name. */
  detail: string;
  /** Below the list, where there is more to say. */
  info?: string;
}

export interface CompletableTable extends Completable {
  columns: Completable[];
}

const BARE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words that SQLite reads as its own where a name is meant. */
const RESERVED = new Set("all and as between by case check collate column commit create default delete desc distinct drop else end escape except exists from group having in index insert intersect into is isnull join limit natural not notnull null offset on or order primary references select set table then to union unique update using values when where".split(" "));

export function quoted(name: string): string {
  return BARE.test(name) && !RESERVED.has(name.toLowerCase()) ? name : `"${name.replace(/"/g, '""')}"`;
}

type Column = Pick<ColumnProfile, "name" | "title" | "type" | "unit" | "references">;
type Table = Pick<TableProfile, "name" | "title" | "row_count"> & { columns: Column[] };

function columnWords(column: Column): Completable {
  const plain = column.name.replace(/_/g, " ").toLowerCase();
  const title = column.title && column.title.toLowerCase() !== plain ? column.title : "";
  const more = [column.unit && `in ${column.unit}`, column.references && `refers to ${column.references}`].filter(Boolean).join(", ");
  return { name: column.name, apply: quoted(column.name), detail: [column.type, title].filter(Boolean).join(" · "), ...(more ? { info: more } : {}) };
}

export function completable(dataset: { tables: Table[] }): CompletableTable[] {
  return dataset.tables.map((table) => ({
    name: table.name,
    apply: quoted(table.name),
    detail: `${count(table.row_count)} rows`,
    ...(table.title && table.title !== table.name ? { info: table.title } : {}),
    columns: table.columns.map(columnWords),
  }));
}
