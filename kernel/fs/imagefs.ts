/** The root image: a memory file system filled from an index, whose files are fetched when they are first used. */
import { S_IFREG } from "../abi/stat.ts";
import type { Dentry } from "./dentry.ts";
import { Filename } from "./filename.ts";
import { Cred } from "./permission.ts";
import { RamRegular } from "./ram-regular.ts";
import { RamDirectory, RamSymlink } from "./ramfs.ts";
import type { Vfs } from "./vfs.ts";

/** One line of an image's index. Directories come before what is in them; missing ones are made with mode 0755. */
export interface ImageEntry {
  /** Absolute. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  /** Permission bits; not needed for symlinks. */
  readonly mode: number;
  /** Bytes; for files. */
  readonly size?: number;
  /** For symlinks. */
  readonly target?: string;
  /** SHA-256 of a program's content in hex: the host may know what to make of it without reading it. */
  readonly digest?: string;
  /** A file's content; called at most a few times. It throws a SysError where the content is gone. */
  load?(): Uint8Array;
}

/** Puts the entries below a directory of a memory file system (by default the machine's root). Everything belongs to root. */
export function populate(vfs: Vfs, entries: Iterable<ImageEntry>, root: Dentry = vfs.root.dentry): void {
  const cred = new Cred();
  // Entries of a directory follow one another: it is looked up for the first.
  let folder = "";
  let dir = root;
  for (const entry of entries) {
    const end = entry.path.lastIndexOf("/");
    if (!entry.path.startsWith(folder) || end !== folder.length) {
      folder = entry.path.slice(0, end);
      dir = root;
      for (const part of new Filename(folder).parts) dir = dir.find(part) ?? addDirectory(vfs, dir, part, 0o755, cred);
    }
    const name = entry.path.slice(end + 1);
    if (name === "") {
      root.inode.mode = (root.inode.mode & ~0o7777) | entry.mode;
      continue;
    }
    const known = dir.find(name);
    if (entry.type === "directory") {
      if (known === undefined) addDirectory(vfs, dir, name, entry.mode, cred);
      else known.inode.mode = (known.inode.mode & ~0o7777) | entry.mode;
      continue;
    }
    if (known !== undefined) throw new Error(`root image: ${entry.path} is there twice`);
    const parent = dir.inode as RamDirectory;
    const { size = 0, digest, load, target = "" } = entry;
    parent.addEntry();
    const inode =
      entry.type === "symlink"
        ? new RamSymlink(parent.sb, target, 0, 0)
        : new RamRegular(parent.sb, S_IFREG | entry.mode, 0, 0, load === undefined ? null : { size, digest, load });
    vfs.newDentry(dir, name, inode);
  }
}

function addDirectory(vfs: Vfs, dir: Dentry, name: string, mode: number, cred: Cred): Dentry {
  if (!(dir.inode instanceof RamDirectory)) throw new Error(`root image: ${dir.name} is no directory`);
  const inode = dir.inode.mkdir(dir, name, mode, cred);
  if (typeof inode === "number") throw new Error("root image: it has too many files");
  return vfs.newDentry(dir, name, inode);
}
