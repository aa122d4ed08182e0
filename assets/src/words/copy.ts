// SPDX-License-Identifier: Apache-2.0
// Rows as text for other programs: values as they came, never as they are rounded or shortened for the eye. What
// is missing is nothing (JSON: null), bytes are base64.
import type { Cell, Column } from "../core/wire.js";

export type CopyKind = "tsv" | "markdown" | "csv" | "json";

export const COPY_NAMES: Record<CopyKind, string> = { tsv: "TSV, for spreadsheets", markdown: "Markdown", csv: "CSV", json: "JSON" };

export function exactText(cell: Cell): string {
  if (cell === null) return "";
  return typeof cell === "object" ? cell.base64 : String(cell);
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** Spreadsheets take a quoted field with tabs and line breaks inside as one cell. */
const tsvField = (text: string) => (/[\t\r\n]|^"/.test(text) ? quoted(text) : text);

/** RFC 4180. */
const csvField = (text: string) => (/[",\r\n]/.test(text) ? quoted(text) : text);

/** Markdown would read these as its own marks; a line break cannot be in a cell of a table. */
function markdownField(text: string): string {
  return text.replace(/[\\`*_[\]<>|~&]/g, "\\$&").replace(/\r\n|\r|\n/g, " ↵ ").trim();
}

/** Keys of an object have to differ: the second "n" is "n_2". */
function keysOf(columns: Column[]): string[] {
  const taken = new Set<string>();
  return columns.map(({ name }) => {
    let key = name;
    for (let nth = 2; taken.has(key); nth++) key = `${name}_${nth}`;
    taken.add(key);
    return key;
  });
}

function lines(columns: Column[], rows: Cell[][], field: (text: string) => string, between: string, end: string): string {
  const all = [columns.map((column) => column.name), ...rows.map((row) => row.map(exactText))];
  return all.map((row) => row.map(field).join(between) + end).join("");
}

function markdown(columns: Column[], rows: Cell[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
  const isNumber = (column: Column) => column.type === "integer" || column.type === "real";
  const head = line(columns.map((column) => markdownField(column.name)));
  const rule = line(columns.map((column) => (isNumber(column) ? "---:" : "---")));
  return head + rule + rows.map((row) => line(row.map((cell) => markdownField(exactText(cell))))).join("");
}

function json(columns: Column[], rows: Cell[][]): string {
  const keys = keysOf(columns);
  // Made of text, since an object would put keys like "2024" first, and lose one called "__proto__".
  const objects = rows.map((row) => `  {${keys.map((key, index) => `${JSON.stringify(key)}: ${JSON.stringify(row[index] ?? null)}`).join(", ")}}`);
  return rows.length === 0 ? "[]\n" : `[\n${objects.join(",\n")}\n]\n`;
}

export function copyText(kind: CopyKind, columns: Column[], rows: Cell[][]): string {
  switch (kind) {
    case "tsv":
      return lines(columns, rows, tsvField, "\t", "\n");
    case "csv":
      return lines(columns, rows, csvField, ",", "\r\n");
    case "markdown":
      return markdown(columns, rows);
    case "json":
      return json(columns, rows);
  }
}

/** One row without the headings, as a spreadsheet takes it. */
export function rowText(cells: Cell[]): string {
  return cells.map((cell) => tsvField(exactText(cell))).join("\t");
}
