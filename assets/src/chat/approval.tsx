// SPDX-License-Identifier: Apache-2.0
// A run that waits for the person's word: what it is for, its SQL, and three ways to go on. Editing changes the SQL in
// place; what is bound to it stays as it was proposed.
import "./approval.css";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { decide } from "../core/actions.js";
import type { TurnView } from "../core/progress.js";
import { Params, Sql } from "../answer/sql.js";
import type { Approval, Param } from "../core/wire.js";

/** What is sent of a change: values are left out where the new SQL has no place for any. */
export function editOf(sql: string, approval: Approval): { sql?: string; params?: Param[] } {
  if (sql === approval.sql) return {};
  return sql.includes("?") ? { sql } : { sql, params: [] };
}

export function ApprovalCard({ view, approval }: { view: TurnView; approval: Approval }) {
  const [sql, setSql] = useState<string | null>(null);
  const [sent, setSent] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const isEditing = sql !== null;
  useLayoutEffect(() => {
    if (isEditing) box.current?.focus();
  }, [isEditing]);
  const say = async (decision: "approve" | "refuse") => {
    setSent(true);
    await decide(view, { run_id: approval.run_id, decision, ...(decision === "approve" && isEditing ? editOf(sql, approval) : {}) });
    setSent(false);
  };
  return (
    <section class="card approval" aria-label="A run waits for your approval">
      <h3>Run this?</h3>
      {approval.understanding && <p class="approval-purpose"><bdi>{approval.understanding}</bdi></p>}
      {isEditing ? (
        <div class="sql">
          <textarea ref={box} class="approval-sql" aria-label="SQL to run" rows={Math.min(16, sql.split("\n").length + 2)} spellcheck={false} value={sql} onInput={(event) => setSql(event.currentTarget.value)} />
          <Params params={approval.params} />
        </div>
      ) : (
        <Sql sql={approval.sql} params={approval.params} />
      )}
      <div class="approval-actions">
        <button class="plain approval-run" disabled={sent || (isEditing && sql.trim() === "")} onClick={() => void say("approve")}>{isEditing ? "Run the edited SQL" : "Run"}</button>
        {isEditing ? <button class="plain" disabled={sent} onClick={() => setSql(null)}>Undo the changes</button> : <button class="plain" disabled={sent} onClick={() => setSql(approval.sql)}>Edit</button>}
        <button class="plain" disabled={sent} onClick={() => void say("refuse")}>Refuse</button>
      </div>
    </section>
  );
}
