// SPDX-License-Identifier: Apache-2.0
// A look at the machine's processes: whose child is whose, and which are left.
import { readdirSync, readFileSync } from "node:fs";

/** { state, parent } of a process; undefined where there is none. */
function look(pid) {
  try {
    // pid (name) state parent …: the name may hold anything, also brackets.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

const processes = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number);

/** The processes whose parent is PID; not those that have ended and wait to be waited for. */
export const childrenOf = (pid) => processes().filter((one) => look(one)?.parent === pid && look(one)?.state !== "Z");

export const zombiesOf = (pid) => processes().filter((one) => look(one)?.parent === pid && look(one)?.state === "Z");

export const descendantsOf = (pid) => childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

export const isAlive = (pid) => !["Z", undefined].includes(look(pid)?.state);
