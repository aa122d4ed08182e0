// SPDX-License-Identifier: Apache-2.0
// Rules that other programs check. Where one is missing the rule is skipped, and says so.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Skip } from "./tree.mjs";

const CLANG_FORMAT = 14; // others format some constructs otherwise

function versionOf(program, pattern) {
  const { stdout, error } = spawnSync(program, ["--version"], { encoding: "utf8" });
  if (error) throw new Skip(`${program} is not installed`);
  return pattern.exec(stdout)?.[1] ?? "unknown";
}

// What PROGRAM prints about the files, a line each, where it is not content.
function complaints(tree, paths, program, words, take) {
  if (paths.length === 0) return [];
  return tree.onDisk(paths, (folder) => {
    const { status, stdout, stderr, error } = spawnSync(program, [...words, ...paths], { cwd: folder, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    if (error) return [`${program}: ${error.message}`];
    const found = `${stdout}\n${stderr}`.split("\n").filter((line) => take.test(line));
    return found.length || status === 0 ? found : [`${program}: ended with status ${status}: ${stderr.slice(0, 200)}`];
  });
}

function checkFormat(tree) {
  const version = versionOf("clang-format", /version (\d+)/);
  if (Number(version) !== CLANG_FORMAT) throw new Skip(`clang-format is version ${version}; .clang-format is for ${CLANG_FORMAT}`);
  const style = `--style=file:${join(tree.root, ".clang-format")}`;
  const lines = complaints(tree, tree.matching(/\.[ch]$/), "clang-format", ["--dry-run", "-Werror", style], /: error: /);
  // One line a file is enough: `make format` mends them all.
  return [...new Map(lines.map((line) => [line.split(":")[0], `${line} (make format)`])).values()];
}

function checkScripts(tree) {
  versionOf("shellcheck", /version: (\S+)/);
  const scripts = tree.matching(/\.sh$|(^|\/)[^./]+$/).filter((path) => /^#!.*\b(ba)?sh\b/.test(tree.lines(path)[0]));
  return complaints(tree, scripts, "shellcheck", ["--format=gcc", "--external-sources", "--source-path=SCRIPTDIR"], /^\S+:\d+:\d+: /);
}

export const rules = [
  { sentence: "every C file is formatted as .clang-format has it", check: checkFormat, alone: true, breaks: [{ "src/base/ugly.c": "int  ugly( void ){return 0 ;}\n" }] },
  { sentence: "shellcheck finds nothing in the scripts", check: checkScripts, alone: true, breaks: [{ "tests/ugly.sh": '#!/usr/bin/env bash\nfor x in $(ls $1); do echo $x; done\n' }] },
];
