// SPDX-License-Identifier: Apache-2.0
// The files of the tree: what git tracks or would track; without git, all but what is built.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const BUILT = new Set(["build", "node_modules", ".git", "result"]);
const LARGE_BYTES = 1024 * 1024; // data, not text that somebody wrote

/** What a rule throws where something that it needs is missing. */
export class Skip extends Error {}

function walk(root, folder = "") {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (BUILT.has(entry.name)) return [];
    return entry.isDirectory() ? walk(root, path) : entry.isFile() ? [path] : [];
  });
}

function list(root) {
  try {
    const options = { cwd: root, encoding: "utf8", maxBuffer: 64 * LARGE_BYTES, stdio: ["ignore", "pipe", "ignore"] };
    const top = execFileSync("git", ["rev-parse", "--show-toplevel"], options).trim();
    if (resolve(top) !== resolve(root)) return walk(root);
    return execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], options).split("\0").filter((path) => path && existsSync(join(root, path)));
  } catch {
    return walk(root);
  }
}

export class Tree {
  constructor(root, paths, changes = {}) {
    this.root = root;
    this.paths = paths;
    this.changes = changes;
  }

  has(path) {
    return this.paths.includes(path);
  }

  /** The text of a file, "" for one that is too large to have been written by hand. */
  text(path) {
    if (path in this.changes) return this.changes[path];
    const place = join(this.root, path);
    return statSync(place).size > LARGE_BYTES ? "" : readFileSync(place, "utf8");
  }

  lines(path) {
    return this.text(path).split("\n");
  }

  /** Paths that match, in order. */
  matching(pattern) {
    return this.paths.filter((path) => pattern.test(path)).sort();
  }

  with(changes) {
    const texts = Object.fromEntries(Object.entries(changes).map(([path, text]) => [path, typeof text === "function" ? text(this.text(path)) : text]));
    return new Tree(this.root, [...new Set([...this.paths, ...Object.keys(texts)])], { ...this.changes, ...texts });
  }

  only(changes) {
    return new Tree(this.root, Object.keys(changes), changes);
  }

  /** Calls USE with a folder that has PATHS in it, as this tree has them. */
  onDisk(paths, use) {
    if (!paths.some((path) => path in this.changes)) return use(this.root);
    const folder = mkdtempSync(join(tmpdir(), "sandglass-lint-"));
    try {
      for (const path of paths) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), this.text(path));
      }
      return use(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

export function readTree() {
  const root = process.env.ROOT ? resolve(process.env.ROOT) : resolve(dirname(fileURLToPath(import.meta.url)), "../..");
  return new Tree(root, list(root));
}
