// SPDX-License-Identifier: Apache-2.0
// A run that waits for the person's word: what it is for, its SQL, and three ways to go on. Editing changes the SQL
// and what is bound to it in place.
import "./approval.css";
import { useState } from "preact/hooks";
import { decide } from "../core/actions.js";
import type { Decision } from "../core/api.js";
import type { TurnView } from "../core/progress.js";
import { Sql } from "../answer/sql.js";
import { LazySqlForm } from "../editor/lazy-form.js";
import type { Approval, Param } from "../core/wire.js";

/** What is sent of a change: nothing where all is as it was proposed. */
export function editOf(sql: string, params: Param[], approval: Approval): { sql?: string; params?: Param[] } {
  const isSame = sql === approval.sql && JSON.stringify(params) === JSON.stringify(approval.params);
  return isSame ? {} : { sql, params };
}

export function ApprovalCard({ view, approval }: { view: TurnView; approval: Approval }) {
  const [editing, setEditing] = useState(false);
  const [sent, setSent] = useState(false);
  const say = async (decision: Decision["decision"], edit: { sql?: string; params?: Param[] } = {}) => {
    setSent(true);
    await decide(view, { run_id: approval.run_id, decision, ...edit });
    setSent(false);
  };
  const refuse = <button class="plain" disabled={sent} onClick={() => void say("refuse")}>Refuse</button>;
  return (
    <section class="card approval" aria-label="A run waits for your approval">
      <h3>Run this?</h3>
      {approval.understanding && <p class="approval-purpose"><bdi>{approval.understanding}</bdi></p>}
      {editing ? (
        <LazySqlForm dataset={view.turn.dataset} sql={approval.sql} params={approval.params} label="SQL to run" runLabel="Run the edited SQL" busy={sent} onRun={(sql, params) => void say("approve", editOf(sql, params, approval))} cancel={{ label: "Undo the changes", run: () => setEditing(false) }} focus>
          {refuse}
        </LazySqlForm>
      ) : (
        <>
          <Sql sql={approval.sql} params={approval.params} />
          <div class="approval-actions">
            <button class="plain approval-run" disabled={sent} onClick={() => void say("approve")}>Run</button>
            <button class="plain" disabled={sent} onClick={() => setEditing(true)}>Edit</button>
            {refuse}
          </div>
        </>
      )}
    </section>
  );
}
