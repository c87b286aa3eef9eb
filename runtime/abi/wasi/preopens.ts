/**
 * Which directories a WASI program begins with. Each is a descriptor with a name, from 3 on without a gap: that is how a program finds them.
 * The working directory comes first: what has no C library takes descriptor 3 for it.
 *
 * C libraries (wasi-libc: libc-bottom-half/sources/preopens.c) take a path's slashes at the front away, as they do those and "./" of the
 * names, and choose the longest name that is a prefix of whole components. A relative path is one from "/" to them. So the machine's
 * directories get a descriptor each, and ".", whose name becomes empty, gets all paths that begin with none of those names.
 */
import { AT_FDCWD, O_DIRECTORY, O_PATH, O_RDONLY } from "../../../kernel/abi/fcntl.ts";
import { S_IFDIR, S_IFLNK, S_IFMT } from "../../../kernel/abi/stat.ts";
import type { File } from "../../../kernel/fs/file.ts";
import { Filename } from "../../../kernel/fs/filename.ts";
import { openFile } from "../../../kernel/fs/open.ts";
import type { Task } from "../../../kernel/task/task.ts";

export interface Preopen {
  readonly name: string;
  /** Its description has one reference, the caller's. */
  readonly file: File;
}

/** A directory to read and to begin paths at; one that may not be read can still be the beginning of paths. */
function open(t: Task, path: string): File | null {
  for (const access of [O_RDONLY, O_PATH]) {
    const file = openFile(t.kernel.vfs, t, AT_FDCWD, new Filename(path), access | O_DIRECTORY, 0);
    if (typeof file !== "number") return file;
  }
  return null;
}

/** Names in the root directory that may be directories, sorted. */
function rootDirectories(t: Task): string[] {
  const root = open(t, "/");
  const names: string[] = [];
  root?.readdir((name, _ino, type) => {
    const kind = (type << 12) & S_IFMT;
    if (name !== "." && name !== ".." && (kind === S_IFDIR || kind === S_IFLNK)) names.push(`/${name}`);
    return true;
  });
  if (root) t.kernel.hot.file_put(root.ptr);
  return names.sort();
}

/**
 * Opens what a program begins with. `folders`: the machine's mounted folders, by their paths in it. `alone`: it is started from outside, on
 * a machine with such folders, and is to see nothing else.
 */
export function openPreopens(t: Task, folders: readonly string[], alone: boolean): Preopen[] {
  const { cwd, root } = t.fs;
  const preopens: Preopen[] = [];
  const add = (path: string): void => {
    const file = preopens.some(({ name }) => name === path) ? null : open(t, path);
    if (file) preopens.push({ name: path, file });
  };
  // From the root everything is found, and relative paths begin there too.
  const inRoot = cwd.dentry === root.dentry && cwd.mount === root.mount;
  if (!alone) add(inRoot ? "/" : ".");
  for (const folder of folders) add(folder);
  if (!alone && !inRoot) for (const path of rootDirectories(t)) add(path);
  if (alone && preopens.some(({ file }) => file.mount === cwd.mount)) {
    add(".");
    preopens.unshift(...preopens.splice(-1));
  }
  return preopens;
}
