/**
 * The root image: the files a machine starts with, in `.build/root`, and an index of them in `.build/root.json`, so that
 * a machine can be populated without reading the files.
 */

import {
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join, posix } from "node:path";
import { EXAMPLES, exampleName, exampleSources } from "../examples/build.ts";
import { putCompiler } from "../llvm/build.ts";
import { built, guest } from "../paths.ts";
import { programs } from "../ports/port.ts";
import { sha256 } from "../toolchain/apt.ts";
import { putProgram } from "./put.ts";

export const ROOT_TREE = built("root");
export const ROOT_INDEX = built("root.json");

/** One line of the index. Everything belongs to root but for what `uid` and `gid` say. */
export interface RootEntry {
  /** Absolute path in the machine; a folder comes before what is in it. */
  path: string;
  type: "file" | "directory" | "symlink";
  /** Permission bits. */
  mode: number;
  /** Length of a file in bytes. */
  size?: number;
  /** SHA-256 of a program, in hex. */
  digest?: string;
  /** Where a symlink points. */
  target?: string;
  /** The host's file with the contents, an absolute path. */
  file?: string;
  uid?: number;
  gid?: number;
}

/** Folders that are there whether or not something is in them, and their permissions. */
const FOLDERS: Record<string, number> = {
  "/bin": 0o755,
  "/dev": 0o755,
  "/etc": 0o755,
  "/home": 0o755,
  "/home/user": 0o755,
  "/lib": 0o755,
  "/media": 0o755,
  "/mnt": 0o755,
  "/opt": 0o755,
  "/proc": 0o555,
  "/root": 0o700,
  "/run": 0o755,
  "/sbin": 0o755,
  "/srv": 0o755,
  "/sys": 0o555,
  "/tmp": 0o1777,
  "/usr": 0o755,
  "/usr/bin": 0o755,
  "/usr/lib": 0o755,
  "/usr/local": 0o755,
  "/usr/local/bin": 0o755,
  "/usr/local/sbin": 0o755,
  "/usr/sbin": 0o755,
  "/usr/share": 0o755,
  "/usr/share/examples": 0o755,
  "/var": 0o755,
  "/var/cache": 0o755,
  "/var/lib": 0o755,
  "/var/log": 0o755,
  "/var/mail": 0o755,
  "/var/spool": 0o755,
  "/var/spool/cron": 0o755,
  "/var/spool/cron/crontabs": 0o700,
  "/var/tmp": 0o1777,
};

/** Links beside busybox's. */
const LINKS: Record<string, string> = {
  "/etc/mtab": "../proc/self/mounts",
  "/var/run": "../run",
  "/var/lock": "../run",
};

/** Files that not everybody may read, and their permissions. */
const PRIVATE: Record<string, number> = { "/etc/shadow": 0o600 };

/** Path -> user and group, where that is not root. */
const OWNERS: Record<string, { uid: number; gid: number }> = { "/home/user": { uid: 1000, gid: 1000 } };

/** Programs of the ports -> their folder. */
const PORTS: Record<string, string> = { busybox: "/bin", lua: "/usr/bin", luac: "/usr/bin", sqlite3: "/usr/bin" };

/** Builds the tree and its index. */
export function buildRoot(): void {
  const tree = `${ROOT_TREE}.new`;
  rmSync(tree, { recursive: true, force: true });
  for (const folder of Object.keys(FOLDERS)) mkdirSync(join(tree, folder), { recursive: true });
  cpSync(guest("root", "tree"), tree, { recursive: true });
  for (const [program, folder] of Object.entries(PORTS)) {
    putProgram(join(programs("ring3"), program), join(tree, folder, program));
  }
  for (const source of exampleSources()) {
    putProgram(join(EXAMPLES, exampleName(source)), join(tree, "usr/local/bin", exampleName(source)));
    copyFileSync(source, join(tree, "usr/share/examples", basename(source)));
  }
  for (const [path, target] of [...applets(), ...Object.entries(LINKS)]) symlinkSync(target, join(tree, path));

  putCompiler(tree);

  // The index goes first and comes back last: as long as it is there, so is what it names.
  rmSync(ROOT_INDEX, { force: true });
  rmSync(ROOT_TREE, { recursive: true, force: true });
  renameSync(tree, ROOT_TREE);
  writeFileSync(
    `${ROOT_INDEX}.new`,
    `[\n${index()
      .map((line) => JSON.stringify(line))
      .join(",\n")}\n]\n`,
  );
  renameSync(`${ROOT_INDEX}.new`, ROOT_INDEX);
}

/** busybox's links: path -> target. Programs of our own go before applets of the same name. */
function applets(): [string, string][] {
  const paths = readFileSync(join(programs("ring3"), "busybox.links"), "utf8")
    .trim()
    .split("\n");
  return paths.map((path) => [path, posix.relative(posix.dirname(path), "/bin/busybox")]);
}

/** Object files are modules too: a program may be executed. */
function isProgram(file: string, mode: number): boolean {
  return (mode & 0o111) !== 0 && readFileSync(file).subarray(0, 4).equals(Buffer.from("\0asm"));
}

/** Everything in the tree, in the order in which it can be made. */
function index(): RootEntry[] {
  const entries: RootEntry[] = [];
  const walk = (folder: string) => {
    for (const name of readdirSync(join(ROOT_TREE, folder)).sort()) {
      const path = posix.join(folder, name);
      entries.push(entry(path));
      if (entries.at(-1)!.type === "directory") walk(path);
    }
  };
  walk("/");
  return entries;
}

function entry(path: string): RootEntry {
  const file = join(ROOT_TREE, path);
  const info = lstatSync(file);
  if (info.isDirectory()) return { path, type: "directory", mode: FOLDERS[path] ?? 0o755, ...OWNERS[path] };
  if (info.isSymbolicLink()) return { path, type: "symlink", mode: 0o777, target: readlinkSync(file) };
  const mode = PRIVATE[path] ?? (info.mode & 0o111 ? 0o755 : 0o644);
  return {
    path,
    type: "file",
    mode,
    size: info.size,
    ...(isProgram(file, mode) ? { digest: sha256(file) } : {}),
    file,
  };
}
