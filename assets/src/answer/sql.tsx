// SPDX-License-Identifier: Apache-2.0
// The statement as it was run, with the values that were bound to it, and a button that copies it.
import "./sql.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { copied } from "../parts/copied.js";
import { sqlTokens } from "../words/sql-tokens.js";
import type { Param } from "../core/wire.js";

const SAID_FOR_MS = 1_600;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const onClick = async () => {
    if (!(await copied(text, `the ${what}`))) return;
    setDone(true);
    timer.current = window.setTimeout(() => setDone(false), SAID_FOR_MS);
  };
  return <button class="tool" aria-label={`${done ? "Copied" : "Copy"} the ${what}`} onClick={() => void onClick()}>{done ? "Copied" : "Copy"}</button>;
}

function typeOf(param: Param): string {
  if (param === null) return "null";
  if (typeof param === "string") return "text";
  return typeof param;
}

/** The values that are bound to a statement. */
export function Params({ params }: { params: Param[] }) {
  if (params.length === 0) return <p>No values are bound to it.</p>;
  return (
    <dl class="sql-params" aria-label="Values bound to the statement">
      {params.map((param, i) => (
        <div key={i}><dt><code>?{i + 1}</code></dt><dd><code><bdi>{param === null ? "NULL" : String(param)}</bdi></code> <small>{typeOf(param)}</small></dd></div>
      ))}
    </dl>
  );
}

/** Its children are more tools beside Copy. */
export function Sql({ sql, params, children }: { sql: string; params: Param[]; children?: ComponentChildren }) {
  return (
    <div class="sql">
      <div class="sql-code">
        <pre tabIndex={0} role="region" aria-label="SQL statement"><code dir="ltr">{sqlTokens(sql).map((token, i) => <span key={i} class={token.kind === "plain" ? undefined : `sql-${token.kind}`}>{token.text}</span>)}</code></pre>
        <div class="sql-tools">{children}<CopyButton text={sql} what="statement" /></div>
      </div>
      <Params params={params} />
    </div>
  );
}
