// SPDX-License-Identifier: Apache-2.0
// How a column of a result is shown: its heading, its side, and the text of each cell. The decimals are decided
// once for a whole column, so that the digits stand under each other. What is shown may be rounded; `exact` is
// the value as it came, and the downloads always carry that.
import { heading, unitOf } from "./format.js";
import type { Cell, Chart, Column, Result, Units } from "../core/wire.js";

export interface ShownCell {
  text: string;
  /** The value in full where the text is shorter than it. */
  exact?: string;
  missing: boolean;
}

export interface ShownColumn {
  heading: string;
  numeric: boolean;
  show(cell: Cell): ShownCell;
}

/** Years and keys are names made of digits: no thousands separators, and at the left like any name. */
const NAMES_A_YEAR_OR_KEY = /(^|[_ ])(year([_ ]of[_ ]\w+)?|id|key|zip|code)$/i;

export function asNumber(cell: Cell): number | null {
  if (typeof cell === "number") return cell;
  if (typeof cell === "string" && /^-?\d+(\.\d+)?$/.test(cell)) return Number(cell);
  return null;
}

function decimalsOf(value: number): number {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const places = (mantissa.split(".")[1] ?? "").length - Number(exponent);
  return Math.max(0, places);
}

function decimalsFor(values: number[], money: boolean): number {
  const needed = values.reduce((most, value) => Math.max(most, decimalsOf(value)), 0);
  if (needed === 0) return 0;
  if (money) return 2;
  const smallest = values.reduce((least, value) => (value === 0 ? least : Math.min(least, Math.abs(value))), Infinity);
  return Math.min(needed, smallest < 0.1 ? 4 : 2);
}

/** Whether a column's numbers are names: years and keys. */
export function isName(column: Column, values: number[]): boolean {
  return NAMES_A_YEAR_OR_KEY.test(column.name) && values.every(Number.isInteger);
}

function showOther(cell: Cell, column: Column): ShownCell {
  if (cell === null) return { text: "—", missing: true };
  if (typeof cell === "object") {
    const size = Math.floor((cell.base64.replace(/=+$/, "").length * 3) / 4);
    return { text: `${size} bytes`, exact: cell.base64, missing: false };
  }
  if (column.type === "boolean" && (cell === 0 || cell === 1 || typeof cell === "boolean")) return { text: cell ? "yes" : "no", missing: false };
  if (cell === "") return { text: "(empty)", missing: true };
  return { text: String(cell), missing: false };
}

/** `chart` names the measured column and its unit, `units` those of all columns, where the server knows them. */
export function shownColumns(result: Pick<Result, "columns" | "rows">, chart?: Chart | null, units?: Units | null): ShownColumn[] {
  return result.columns.map((column, index) => {
    const numeric = column.type === "integer" || column.type === "real";
    const measured = chart?.y === index;
    const unit = unitOf((measured ? chart?.unit : undefined) ?? units?.[column.name]);
    const title = heading(column.name) + (unit.label ? ` (${unit.label})` : "");
    if (!numeric) return { heading: title, numeric, show: (cell) => showOther(cell, column) };

    const values = result.rows.map((row) => asNumber(row[index] ?? null)).filter((value) => value !== null);
    if (!measured && isName(column, values)) return { heading: title, numeric: false, show: (cell) => showOther(cell, column) };
    const decimals = decimalsFor(values, unit.prefix !== "");
    const digits = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    const show = (cell: Cell): ShownCell => {
      const value = asNumber(cell);
      if (value === null) return showOther(cell, column);
      const big = typeof cell === "string" && /^-?\d+$/.test(cell);
      const text = digits.format(big ? BigInt(cell) : Math.abs(value)).replace("-", "");
      const sign = value < 0 && /[1-9]/.test(text) ? "−" : "";
      const exact = String(cell);
      return { text: `${sign}${unit.prefix}${text}${unit.suffix}`, missing: false, ...(decimalsOf(value) > decimals ? { exact } : {}) };
    };
    return { heading: title, numeric, show };
  });
}
