// SPDX-License-Identifier: Apache-2.0
// A few rows of a result, drawn as an answer's table is.
import { Table } from "../answer/table.js";
import type { Result } from "../core/wire.js";
import { shownColumns } from "../words/cells.js";

export function Rows({ result }: { result: Result }) {
  return <Table columns={shownColumns(result)} result={result} />;
}
