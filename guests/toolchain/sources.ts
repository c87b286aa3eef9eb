/** Unpacks a Debian source package the way dpkg-source does: upstream's archive, then the patches of debian/patches. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { BuildError, run, which } from "../run.ts";

/** The tools that unpacking and building take, and the package that has each on Debian's kin. */
const TOOLS: Record<string, string> = {
  tar: "tar",
  patch: "patch",
  xz: "xz-utils",
  bzip2: "bzip2",
  gzip: "gzip",
  make: "make",
  cc: "build-essential",
};

/**
 * Unpacks a source package into `folder`, which is replaced as a whole.
 * @param archives what `Apt.source` returned: upstream's archive and Debian's own (format 3.0 (quilt), dpkg-source(1)).
 */
export async function unpackSource(archives: string[], folder: string): Promise<void> {
  needTools(["tar", "patch", "xz", "bzip2", "gzip"]);
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const upstream = archives.find((path) => /\.orig\.tar\.[^.]+$/.test(path));
  const debian = archives.find((path) => /\.debian\.tar\.[^.]+$/.test(path));
  if (!upstream) throw new BuildError(`no upstream archive among ${archives.map((path) => basename(path)).join(", ")}`);
  await run("tar", ["-xf", upstream, "-C", fresh, "--strip-components=1", "--no-same-owner"]);
  if (debian) {
    await run("tar", ["-xf", debian, "-C", fresh, "--no-same-owner"]);
    await applySeries(join(fresh, "debian", "patches"), fresh);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

/** Applies the patches that a quilt series names, in order, to a source tree; no series is no patches. */
async function applySeries(patches: string, tree: string): Promise<void> {
  const series = join(patches, "series");
  if (!existsSync(series)) return;
  const names = readFileSync(series, "utf8")
    .split("\n")
    .map(
      (line) =>
        line
          .replace(/(^|\s)#.*/, "")
          .trim()
          .split(/\s+/)[0],
    )
    .filter(Boolean);
  for (const name of names) await applyPatch(join(patches, name), tree);
}

/** Applies one patch (in -p1 form) to a source tree. */
export async function applyPatch(patch: string, tree: string): Promise<void> {
  await run("patch", ["--batch", "--quiet", "--no-backup-if-mismatch", "-p1", "-i", patch], { cwd: tree });
}

/** Applies every *.patch of a folder in the order of their names; a folder that does not exist has none. */
export async function applyFolder(folder: string, tree: string): Promise<void> {
  if (!existsSync(folder)) return;
  const names = readdirSync(folder).filter((name) => name.endsWith(".patch"));
  for (const name of names.sort()) await applyPatch(join(folder, name), tree);
}

/** @throws {BuildError} that names every one of the programs that the machine lacks, and how to get them. */
export function needTools(names: string[]): void {
  const missing = names.filter((name) => !which(name));
  if (missing.length === 0) return;
  const packages = missing.map((name) => TOOLS[name] ?? name);
  throw new BuildError(`missing: ${missing.join(", ")}; install them (Debian: apt-get install ${packages.join(" ")})`);
}
