// SPDX-License-Identifier: Apache-2.0
// Runs the rules over the tree. A rule is
//   { sentence, check(tree), breaks, alone }
// check() gives its findings, "path:line: what is wrong"; it throws a Skip where it cannot look.
// `breaks` are violations, each a map from a path to what would stand there (or a function of what
// stands there now): the rule must find something at that path. With `alone` the made-up tree has
// only those files, for rules that ask slow tools.
import { rules as cRules } from "./c-rules.mjs";
import { rules as houseRules } from "./house-rules.mjs";
import { rules as toolRules } from "./tool-rules.mjs";
import { readTree, Skip } from "./tree.mjs";

const SHOWN = 40;

function blindSpots(rule, tree) {
  return rule.breaks.flatMap((changes) => {
    const broken = rule.alone ? tree.only(changes) : tree.with(changes);
    const before = new Set(rule.alone ? [] : rule.check(tree));
    const found = rule.check(broken).filter((finding) => !before.has(finding));
    return Object.keys(changes)
      .filter((path) => !found.some((finding) => finding.startsWith(`${path}:`)))
      .map((path) => `${path}: the rule does not find the violation made up for it: ${JSON.stringify(changes[path])}`);
  });
}

function examine(rule, tree) {
  try {
    return { findings: [...rule.check(tree), ...blindSpots(rule, tree)] };
  } catch (error) {
    if (error instanceof Skip) return { findings: [], skipped: error.message };
    return { findings: String(error.stack).split("\n") };
  }
}

const words = process.argv.slice(2);
const rules = [...cRules, ...houseRules, ...toolRules].filter((rule) => words.length === 0 || words.some((word) => rule.sentence.includes(word)));
const tree = readTree();
const counts = { pass: 0, fail: 0, skip: 0 };
for (const rule of rules) {
  const { findings, skipped } = examine(rule, tree);
  counts[findings.length ? "fail" : skipped ? "skip" : "pass"] += 1;
  console.log(`${findings.length ? "not ok" : "ok"} - ${rule.sentence}${skipped ? ` # SKIP ${skipped}` : ""}`);
  for (const finding of findings.slice(0, SHOWN)) console.log(`# ${finding}`);
  if (findings.length > SHOWN) console.log(`# … and ${findings.length - SHOWN} more`);
}
for (const [what, count] of Object.entries(counts)) console.log(`# ${what} ${count}`);
process.exitCode = counts.fail > 0 || counts.pass === 0 ? 1 : 0;
