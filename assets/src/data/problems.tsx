// SPDX-License-Identifier: Apache-2.0
// What had to be mended to read a file, by file and line: told openly, folded away where it is much.
import { plural } from "../words/format.js";

const SHOWN_AT_ONCE = 3;

export function Problems({ problems }: { problems: string[] }) {
  if (problems.length === 0) return null;
  return (
    <details class="bring-problems" open={problems.length <= SHOWN_AT_ONCE}>
      <summary>{plural(problems.length, "thing")} {problems.length === 1 ? "was" : "were"} mended on the way</summary>
      <ul>{problems.map((one, at) => <li key={at}><bdi>{one}</bdi></li>)}</ul>
    </details>
  );
}
