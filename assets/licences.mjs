// SPDX-License-Identifier: Apache-2.0
// The licences of what the page is built on: a file for each package of which something is in the output, with its
// own text, or with the licence's name where the package comes without one.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PACKAGE = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** METAFILE is the bundler's, its paths from HERE; the files are written into the folder OUT, which is made anew. */
export async function keepLicences(metafile, here, out) {
  const used = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs).filter(([, input]) => input.bytesInOutput > 0));
  const folders = new Map(used.map(([path]) => PACKAGE.exec(path)).filter(Boolean).map(([, folder, name]) => [name, join(here, folder)]));
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for (const [name, folder] of folders) {
    const file = (await readdir(folder)).find((one) => /^(licen[cs]e|copying)/i.test(one));
    const text = file ? await readFile(join(folder, file), "utf8") : `${JSON.parse(await readFile(join(folder, "package.json"), "utf8")).license}\n`;
    await writeFile(join(out, name.replace("@", "").replace("/", "-")), text);
  }
}
