// SPDX-License-Identifier: Apache-2.0
// The limits of a run: how much there was of each, how much was used, and who held the run to it. What the kernel
// reported is told as that; what the program itself saw to is told as that.
import { count, duration, kibibytes, plural } from "./format.js";
import type { KernelLimit, Run } from "../core/wire.js";

export interface Limit {
  label: string;
  most: string;
  used: string | null;
  /** Used, of the most: 0 to 1; null where it was not measured. */
  share: number | null;
  by: string;
}

interface Use {
  used: string;
  share: number;
}

const use = (value: number | undefined, most: number, words: (value: number) => string): Use | null =>
  value === undefined ? null : { used: words(value), share: most > 0 ? Math.min(1, value / most) : 0 };

function limit(label: string, most: string, by: string, used: Use | null = null): Limit {
  return { label, most, by, used: used?.used ?? null, share: used?.share ?? null };
}

function kernelLimit(run: Run, { what, value, by }: KernelLimit): Limit[] {
  const stats = run.result?.stats ?? {};
  const bytes = (number: number) => kibibytes(number / 1024);
  const peak = stats.peak_kib === undefined ? undefined : stats.peak_kib * 1024;
  switch (what) {
    case "memory_bytes":
      return [limit("Memory", bytes(value), by, use(peak, value, bytes))];
    case "address_space_bytes":
      return [limit("Address space", bytes(value), by)];
    case "cpu_millis":
      return [limit("Processor", value === 1000 ? "1 processor" : `${value / 1000} of a processor`, by)];
    case "cpu_time_s":
      return [limit("Processor time", duration(value * 1e6), by, use(stats.cpu_us, value * 1e6, duration))];
    case "processes":
      return [limit("Processes", count(value), by)];
    case "more_processes":
      return [limit("More processes", value === 0 ? "none" : count(value), by)];
    default:
      return [];
  }
}

export function limitsOf(run: Run): Limit[] {
  const { timeout_ms, memory_mb, max_rows, max_result_bytes } = run.limits ?? {};
  const kernel = run.result?.confinement?.limits ?? [];
  const lasted = (run.starting_us ?? 0) + (run.elapsed_us ?? 0);
  const limits: Limit[] = [];
  if (timeout_ms !== undefined) limits.push(limit("Time", duration(timeout_ms * 1000), "the server, which kills it", use(lasted || undefined, timeout_ms * 1000, duration)));
  limits.push(...kernel.flatMap((one) => kernelLimit(run, one)));
  // Asked for, and nothing is known of what the kernel made of it.
  if (memory_mb !== undefined && !kernel.some(({ what }) => what === "memory_bytes" || what === "address_space_bytes")) limits.push(limit("Memory", `${count(memory_mb)}\u00a0MB`, "what was asked for"));
  if (max_rows !== undefined) limits.push(limit("Rows returned", count(max_rows), "the runner", use(run.result && run.outcome === "completed" ? run.result.row_count : undefined, max_rows, (rows) => plural(rows, "row"))));
  if (max_result_bytes !== undefined) limits.push(limit("Result", kibibytes(max_result_bytes / 1024), "the runner"));
  return limits;
}
