// SPDX-License-Identifier: Apache-2.0
// The SQL of a run, and the way to change it: here, in a conversation; anywhere else on the page of SQL.
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "../parts/link.js";
import { sqlRoute } from "../words/sql-address.js";
import type { Run, Turn } from "../core/wire.js";
import { EditSql } from "./edit.js";
import { Sql } from "./sql.js";

interface Props {
  turn: Turn;
  run: Run;
  /** There is a conversation here that the next turn can be a part of. */
  isHere: boolean;
}

export function SqlTab({ turn, run, isHere }: Props) {
  const [editing, setEditing] = useState(false);
  const wasEditing = useRef(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (wasEditing.current && !editing) button.current?.focus();
    wasEditing.current = editing;
  }, [editing]);
  if (editing) return <EditSql turn={turn} run={run} close={() => setEditing(false)} />;
  const edit = isHere ? <button ref={button} class="tool" data-command="edit-sql" onClick={() => setEditing(true)}>Edit</button> : <Link class="tool" to={sqlRoute(run.dataset, run.sql, run.params).route}>Edit</Link>;
  return <Sql sql={run.sql} params={run.params}>{edit}</Sql>;
}
