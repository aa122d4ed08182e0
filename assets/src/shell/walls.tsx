// SPDX-License-Identifier: Apache-2.0
// The sandbox in the left column: one line, and behind it the page that says what holds a sandbox here.
import "./walls.css";
import { duration } from "../words/format.js";
import { Link } from "../parts/link.js";
import type { Health } from "../core/wire.js";

export function Walls({ health, current }: { health: Health; current: boolean }) {
  const { sandbox } = health;
  const tone = !sandbox.healthy ? "bad" : sandbox.hint ? "warn" : "ok";
  const speed = sandbox.healthy && sandbox.last_start_us ? ` · ${duration(sandbox.last_start_us)}` : "";
  // "Local sandbox ready: 7 namespaces, …": the line has room for the first part.
  const [short = ""] = sandbox.summary.split(":");
  return (
    <Link class="walls-line" to={{ page: "status" }} aria-current={current ? "page" : undefined} title="Status">
      <i class={`walls-dot ${tone}`} aria-hidden="true" />
      <span>{short}{speed}</span>
    </Link>
  );
}
