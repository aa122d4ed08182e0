// SPDX-License-Identifier: Apache-2.0
// Where the focus of a grid stands, and where the keys lead from there. The place of a cell or of a heading's button
// is written on its element (data-at), so that it can be found from either side.

/** Row -1 is the headings'. */
export interface Active {
  row: number;
  column: number;
  part: "sort" | "menu";
}

export const clamp = (value: number, most: number) => Math.max(0, Math.min(value, most));
export const atOf = (active: Active) => (active.row < 0 ? `${active.part}:${active.column}` : `${active.row}:${active.column}`);

export function parseAt(element: Element | null): Active | null {
  const at = element?.closest<HTMLElement>("[data-at]")?.dataset.at;
  if (!at) return null;
  const [row, column] = at.split(":") as [string, string];
  return row === "sort" || row === "menu" ? { row: -1, column: Number(column), part: row } : { row: Number(row), column: Number(column), part: "sort" };
}

/** Where a key leads; null where it is none of the grid's. */
export function moved(key: string, ctrl: boolean, from: Active, rows: number, columns: number, page: number): Active | null {
  const { row, column, part } = from;
  const cell = (nextRow: number, nextColumn: number): Active => ({ row: Math.max(-1, Math.min(nextRow, rows - 1)), column: clamp(nextColumn, columns - 1), part: "sort" });
  switch (key) {
    case "ArrowDown":
      return cell(row + 1, column);
    case "ArrowUp":
      return cell(row - 1, column);
    case "ArrowRight":
      return row < 0 && part === "sort" ? { ...from, part: "menu" } : row < 0 && column === columns - 1 ? from : cell(row, column + 1);
    case "ArrowLeft":
      if (row >= 0) return cell(row, column - 1);
      return part === "menu" ? { ...from, part: "sort" } : column === 0 ? from : { row, column: column - 1, part: "menu" };
    case "PageDown":
      return cell(Math.max(0, row) + page, column);
    case "PageUp":
      return cell(row < 0 ? row : Math.max(0, row - page), column);
    case "Home":
      return cell(ctrl ? 0 : row, 0);
    case "End":
      return cell(ctrl ? rows - 1 : row, columns - 1);
    default:
      return null;
  }
}
