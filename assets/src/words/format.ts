// SPDX-License-Identifier: Apache-2.0
// Numbers, times and names as people read them. One locale on purpose: the page speaks English, and the same
// answer has to look the same on every machine. Figures and their units are kept on one line by a no-break space.

const NBSP = "\u00a0";
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)}${NBSP}${value === 1 ? one : many}`;
}

export function duration(us: number): string {
  if (us < 100) return `<${NBSP}0.1${NBSP}ms`;
  if (us < 9_950) return `${(us / 1000).toFixed(1)}${NBSP}ms`;
  if (us < 999_500) return `${Math.round(us / 1000)}${NBSP}ms`;
  if (us < 59_950_000) return `${(us / 1e6).toFixed(1)}${NBSP}s`;
  const seconds = Math.round(us / 1e6);
  return `${Math.floor(seconds / 60)}${NBSP}min ${seconds % 60}${NBSP}s`;
}

export function kibibytes(kib: number): string {
  return kib < 1024 ? `${count(kib)}${NBSP}KiB` : `${(kib / 1024).toFixed(1)}${NBSP}MiB`;
}

/** The size of a file: a MB has 1024 KB, as the limits of the server have. */
export function bytes(value: number): string {
  if (value < 1024) return `${count(value)}${NBSP}bytes`;
  const [divisor, word] = value < 1024 ** 2 ? [1024, "KB"] : value < 1024 ** 3 ? [1024 ** 2, "MB"] : [1024 ** 3, "GB"];
  const scaled = value / divisor;
  return `${scaled < 9.95 ? scaled.toFixed(1) : count(Math.round(scaled))}${NBSP}${word}`;
}

export function percent(share: number): string {
  if (share > 0 && share < 0.01) return `<${NBSP}1${NBSP}%`;
  if (share < 1 && share > 0.99) return `>${NBSP}99${NBSP}%`;
  return `${Math.round(share * 100)}${NBSP}%`;
}

/** "3 hours ago", or the day where that is longer ago than a week. */
export function ago(iso: string, now: Date): string {
  const then = new Date(iso);
  const minutes = Math.round((now.getTime() - then.getTime()) / 60_000);
  if (Number.isNaN(minutes)) return iso;
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${plural(minutes, "minute")} ago`;
  if (minutes < 24 * 60) return `${plural(Math.round(minutes / 60), "hour")} ago`;
  if (minutes < 7 * 24 * 60) return `${plural(Math.round(minutes / 60 / 24), "day")} ago`;
  return then.toLocaleDateString("en-GB", { dateStyle: "medium" });
}

export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

export function shortHash(hash: string): string {
  return hash.length > 6 ? `${hash.slice(0, 6)}…` : hash;
}

/** A column's name as a heading: `total_cost` is "Total cost". Names that were written for people stay as they are. */
export function heading(name: string): string {
  const words = name.replace(/_+/g, " ").trim();
  if (words === "") return "(no name)";
  return words === words.toUpperCase() ? words : words[0]!.toUpperCase() + words.slice(1);
}

/** A heading inside a sentence: the first letter goes down unless the word is an abbreviation. */
export function midSentence(text: string): string {
  const second = text[1] ?? "";
  return second !== second.toLowerCase() ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

export type Day = "Today" | "Yesterday" | "Earlier";

export function dayOf(iso: string, now: Date): Day {
  const then = new Date(iso);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (Number.isNaN(then.getTime())) return "Earlier";
  if (then >= midnight) return "Today";
  const before = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  return then >= before ? "Yesterday" : "Earlier";
}

export function moment(iso: string): string {
  const then = new Date(iso);
  if (Number.isNaN(then.getTime())) return iso;
  return then.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** The beginning of a long text, for where it only has to be recognised. */
export function beginning(text: string, most = 120): string {
  return text.length <= most ? text : `${[...text.slice(0, most)].slice(0, -1).join("")}…`;
}

export interface Unit {
  /** Written right before the number: "$". */
  prefix: string;
  /** Written after the number: "%". */
  suffix: string;
  /** Said once in the heading: "mm". */
  label: string;
}

const SYMBOLS: Record<string, string> = { USD: "$", EUR: "€", GBP: "£", JPY: "¥", INR: "₹" };

export function unitOf(unit: string | undefined): Unit {
  const text = (unit ?? "").trim();
  const symbol = SYMBOLS[text.toUpperCase()] ?? (/^\p{Sc}$/u.test(text) ? text : "");
  if (symbol) return { prefix: symbol, suffix: "", label: "" };
  if (text === "%" || text === "percent") return { prefix: "", suffix: `${NBSP}%`, label: "" };
  return { prefix: "", suffix: "", label: text };
}

/** Large axes are told in thousands, millions or billions, so that labels stay three digits long. */
export function scaleOf(largest: number): { divisor: number; word: string } {
  if (largest >= 1e9) return { divisor: 1e9, word: "billion" };
  if (largest >= 1e6) return { divisor: 1e6, word: "million" };
  if (largest >= 1e5) return { divisor: 1e3, word: "thousand" };
  return { divisor: 1, word: "" };
}

/** How to write the values of one axis: three digits for the largest, and as many decimals for all of them. */
export function axisLabel(values: number[], divisor: number): (value: number) => string {
  const largest = Math.max(...values.map(Math.abs));
  const decimals = values.every((value) => Number.isInteger(value / divisor)) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(largest / divisor || 1)));
  const digits = new Intl.NumberFormat("en-US", { minimumFractionDigits: Math.min(decimals, 6), maximumFractionDigits: Math.min(decimals, 6) });
  return (value) => (value < 0 ? "−" : "") + digits.format(Math.abs(value) / divisor);
}
