// SPDX-License-Identifier: Apache-2.0
// Builds the page into the folder named by OUT: index.html and content-hashed files below assets/, which the
// server may therefore cache for ever. The output depends on the sources alone: no time, no path, no version of
// the machine. A first load above the ceiling fails the build, so that it is noticed on the day it happens.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { keepLicences } from "./licences.mjs";
import { FIRST_LOAD_CEILING_BYTES, sizes } from "./sizes.mjs";

const HASHED_NAME = /-[A-Z0-9]{8}\.(js|css|svg)$/;

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.env.OUT ?? join(here, "../build/assets"));

/** The one style sheet: the shared styles first, so that a component's own come after and win. */
async function styleSheet() {
  const all = (await readdir(join(here, "src"), { recursive: true })).filter((name) => name.endsWith(".css"));
  const rank = (name) => ["parts/tokens.css", "parts/base.css"].indexOf(name) + 1 || (name.startsWith("parts/") ? 3 : 4);
  all.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return all.map((name) => `@import "./${name}";`).join("\n");
}

// All styles are in one sheet that comes with the page: a chunk that is fetched later would otherwise be drawn
// before its own are there. So what a component imports is only a note that it has some.
const styles = {
  name: "styles",
  setup(build) {
    build.onResolve({ filter: /\.css$/ }, ({ importer, path }) => (/\.tsx?$/.test(importer) ? { path, namespace: "noted", sideEffects: false } : undefined));
    build.onLoad({ filter: /.*/, namespace: "noted" }, () => ({ contents: "" }));
    build.onResolve({ filter: /^styles:all$/ }, ({ path }) => ({ path, namespace: "sheet" }));
    build.onLoad({ filter: /.*/, namespace: "sheet" }, async () => ({ contents: await styleSheet(), loader: "css", resolveDir: join(here, "src") }));
  },
};

// The bundler makes a file of each set of modules that the same parts share, which would be dozens, each packed by
// itself. A part that is fetched later stands on the page as it is by then, so each says that it needs all of it:
// then what the first load has in common with any of them is one file.
const MAIN = join(here, "src/main.tsx");
const later = {
  name: "later",
  setup(build) {
    build.onResolve({ filter: /^\./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== "dynamic-import" || pluginData === "resolved") return undefined;
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: "resolved" });
      return { path: found.path, pluginData: "later" };
    });
    build.onLoad({ filter: /\.tsx?$/ }, async ({ path, pluginData }) => {
      if (pluginData !== "later") return undefined;
      return { contents: `${await readFile(path, "utf8")}\nimport ${JSON.stringify(MAIN)};\n`, loader: path.endsWith("x") ? "tsx" : "ts" };
    });
  },
};

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", style: "styles:all", favicon: "src/favicon.svg" },
  entryNames: "assets/[name]-[hash]",
  chunkNames: "assets/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  plugins: [styles, later],
  loader: { ".svg": "copy" },
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const written = Object.keys(result.metafile.outputs).map((path) => relative(out, resolve(here, path)));
const one = (pattern) => {
  const found = written.filter((path) => pattern.test(path));
  if (found.length !== 1) throw new Error(`expected one output like ${pattern}, found: ${found.join(", ") || "none"}`);
  return found[0];
};
const script = one(/\/app-\w+\.js$/);
/** SCRIPT and what it imports, directly or not, but not what it fetches later. */
function loadedWith(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  const output = result.metafile.outputs[relative(here, join(out, path))];
  for (const imported of output.imports) if (imported.kind === "import-statement") loadedWith(relative(out, resolve(here, imported.path)), found);
  return found;
}
const first = [...loadedWith(script)];
const preloads = first.slice(1).map((path) => `<link rel="modulepreload" href="/${path}">\n`);
const page = (await readFile(join(here, "src/index.html"), "utf8"))
  .replace("{{preloads}}\n", preloads.join(""))
  .replace("{{script}}", `/${script}`)
  .replace("{{style}}", `/${one(/\/style-\w+\.css$/)}`)
  .replace("{{icon}}", `/${one(/\/favicon-\w+\.svg$/)}`);
await mkdir(out, { recursive: true });
await writeFile(join(out, "index.html"), page);

// Files of earlier builds go, or the binary would embed them all.
const kept = new Set(written.map((path) => basename(path)));
for (const name of await readdir(join(out, "assets"))) {
  if (HASHED_NAME.test(name) && !kept.has(name)) await rm(join(out, "assets", name));
}

if (process.env.LICENCES) await keepLicences(result.metafile, here, process.env.LICENCES);

const { first: firstLoad, styleBytes, later: parts } = sizes(out);
console.log(`the first load: ${firstLoad.bytes} bytes of gzipped script, ${styleBytes} of style`);
for (const { name, bytes } of parts) console.log(`${name}, when it is wanted: ${bytes} bytes more`);
if (firstLoad.bytes > FIRST_LOAD_CEILING_BYTES) {
  console.error(`the first load is ${firstLoad.bytes} bytes of gzipped JavaScript; the ceiling is ${FIRST_LOAD_CEILING_BYTES}`);
  process.exitCode = 1;
}
