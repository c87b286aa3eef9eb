/**
 * What /proc is made of: files whose text is made when they are read, links, and directories, each described by a spec. A spec is
 * about a subject: the machine, a process, a task.
 */
import { EACCES, EINVAL, EIO, EISDIR, ENOENT, EPERM, ESRCH } from "../abi/errno.ts";
import { SEEK_CUR, SEEK_SET } from "../abi/fcntl.ts";
import { DT_DIR, DT_LNK, DT_REG, PROC_SUPER_MAGIC, S_IFDIR, S_IFLNK, S_IFREG } from "../abi/stat.ts";
import type { Dentry } from "../fs/dentry.ts";
import { type EmitEntry, File } from "../fs/file.ts";
import { Filename } from "../fs/filename.ts";
import { type Attributes, type Inode, PlainInode } from "../fs/inode.ts";
import { type FsSizes, SuperBlock } from "../fs/mount.ts";
import type { Path } from "../fs/path.ts";
import type { Kernel } from "../kernel.ts";
import { decodeBytes, encodeString } from "../mm/address-space.ts";
import type { Task } from "../task/task.ts";

export interface Subject {
  readonly kernel: Kernel;
  /** Part of inode numbers: 0 the machine, else a pid or tid. */
  readonly id: number;
  /** Whom its files belong to. */
  readonly uid: number;
  readonly gid: number;
  /** False once a process is gone: everything about it is then ESRCH. */
  readonly alive: boolean;
}

export type Text = string | Uint8Array;

interface Node {
  /** Part of inode numbers. */
  readonly number: number;
  /** Permission bits. */
  readonly mode: number;
}

export interface FileSpec<S extends Subject> extends Node {
  readonly kind: "file";
  /** The content, or -errno. `t` reads it. */
  show(subject: S, t: Task | null): Text | number;
  /** Takes what was written: 0 or -errno. */
  write?(subject: S, text: string, t: Task | null): number;
  /** Bytes it has now, for a file that programs map: others say 0, as Linux's do, and can not be mapped. */
  size?(subject: S): number;
}

export interface LinkSpec<S extends Subject> extends Node {
  readonly kind: "link";
  text(subject: S, t: Task | null): string | number;
  /** Where it leads without a name being looked up. */
  jump?(subject: S, t: Task | null): Path | number;
}

/** A child that is found or listed at the time. `offset`: its place among its siblings, from 2 on, growing. */
export interface Child {
  readonly name: string;
  readonly offset: number;
  /** To make its inode. */
  inode(fs: ProcFs): ProcInode;
}

export interface DirectorySpec<S extends Subject> extends Node {
  readonly kind: "directory";
  readonly entries: Readonly<Record<string, Spec<S>>>;
  /** Children that come and go. */
  find?(subject: S, name: string): Child | null;
  list?(subject: S): Child[];
  /** Says whether the task may look inside; 0 or -errno. */
  guard?(subject: S, t: Task | null): number;
}

export type Spec<S extends Subject> = FileSpec<S> | LinkSpec<S> | DirectorySpec<S>;

let nextNumber = 1;

export function file<S extends Subject>(
  show: FileSpec<S>["show"],
  options: { mode?: number; write?: FileSpec<S>["write"]; size?: FileSpec<S>["size"] } = {},
): FileSpec<S> {
  const { mode = options.write === undefined ? 0o444 : 0o644, write, size } = options;
  return { kind: "file", number: nextNumber++, mode, show, ...(write && { write }), ...(size && { size }) };
}

export function link<S extends Subject>(
  text: LinkSpec<S>["text"],
  jump?: LinkSpec<S>["jump"],
  mode = 0o777,
): LinkSpec<S> {
  return { kind: "link", number: nextNumber++, mode, text, ...(jump && { jump }) };
}

export function directory<S extends Subject>(
  entries: DirectorySpec<S>["entries"],
  options: Partial<Pick<DirectorySpec<S>, "find" | "list" | "mode" | "guard">> = {},
): DirectorySpec<S> {
  return { kind: "directory", number: nextNumber++, mode: 0o555, entries, ...options };
}

// ---------------------------------------------------------------- inodes

/** Room for spec numbers, and then for descriptor numbers, in an inode number. */
const SPECS = 512;
const DESCRIPTORS = 2 ** 21;

function inoOf(subject: Subject, spec: Node, sub: number): number {
  return (subject.id * DESCRIPTORS + sub) * SPECS + spec.number;
}

export abstract class ProcInode extends PlainInode {
  declare readonly sb: ProcFs;
  protected readonly subject: Subject;

  constructor(fs: ProcFs, subject: Subject, spec: Node, type: number, sub: number) {
    super(fs, inoOf(subject, spec, sub), type | spec.mode, subject.uid, subject.gid);
    this.subject = subject;
  }

  override refresh(): number {
    if (!this.subject.alive) return -ESRCH;
    this.uid = this.subject.uid;
    this.gid = this.subject.gid;
    return 0;
  }

  // Names that it does not know can not be made: Linux's proc says so at the lookup.
  override create(): number {
    return -ENOENT;
  }
  override mkdir(): number {
    return -ENOENT;
  }
  override symlink(): number {
    return -ENOENT;
  }
  override mknod(): number {
    return -ENOENT;
  }

  /** /proc takes new modes and owners for what lives as long as the inode: nothing. */
  override setAttributes(attributes: Attributes): number {
    return attributes.size === undefined ? -EPERM : 0;
  }
}

class ProcFileInode<S extends Subject> extends ProcInode {
  readonly #spec: FileSpec<S>;

  constructor(fs: ProcFs, subject: S, spec: FileSpec<S>, sub: number) {
    super(fs, subject, spec, S_IFREG, sub);
    this.#spec = spec;
  }

  override get size(): number {
    return this.#spec.size?.(this.subject as S) ?? 0;
  }

  get mappable(): boolean {
    return this.#spec.size !== undefined;
  }

  show(t: Task | null): Text | number {
    return this.subject.alive ? this.#spec.show(this.subject as S, t) : -ESRCH;
  }

  write(t: Task | null, text: string): number {
    if (!this.subject.alive) return -ESRCH;
    return this.#spec.write === undefined ? -EIO : this.#spec.write(this.subject as S, text, t);
  }

  override open(t: Task | null, path: Path, flags: number): File | number {
    const opened = new ProcFile(this.sb.vfs.kernel, path, t);
    return this.sb.vfs.attach(opened, flags) || opened;
  }

  override readAll(): Uint8Array | number {
    return -EACCES;
  }
}

/** An open file of /proc: its text is made when it is read from the beginning, and then stays the same. */
class ProcFile extends File {
  declare readonly inode: ProcFileInode<Subject>;
  #text: Uint8Array | null = null;
  readonly #opener: Task | null;
  override readonly mappable: boolean;

  constructor(kernel: Kernel, path: Path, opener: Task | null) {
    super(kernel, path);
    this.mappable = this.inode.mappable;
    this.#opener = opener;
  }

  override read(t: Task | null, into: Uint8Array, pos: number): number {
    if (pos === 0 || this.#text === null) {
      const text = this.inode.show(t ?? this.#opener);
      if (typeof text === "number") return text;
      this.#text = typeof text === "string" ? encodeString(text) : text;
    }
    const part = this.#text.subarray(pos, pos + into.length);
    into.set(part);
    return part.length;
  }

  override write(t: Task | null, from: Uint8Array): number {
    return this.inode.write(t, decodeBytes(from.slice())) || from.length;
  }

  override seek(offset: number, whence: number): number {
    return whence === SEEK_SET || whence === SEEK_CUR ? this.seekTo(offset, whence, 0) : -EINVAL;
  }

  override truncate(): number {
    return 0;
  }
}

class ProcLinkInode<S extends Subject> extends ProcInode {
  readonly #spec: LinkSpec<S>;

  constructor(fs: ProcFs, subject: S, spec: LinkSpec<S>, sub: number) {
    super(fs, subject, spec, S_IFLNK, sub);
    this.#spec = spec;
  }

  override readlink(t: Task | null): Filename | number {
    if (!this.subject.alive) return -ENOENT;
    const text = this.#spec.text(this.subject as S, t);
    return typeof text === "number" ? text : new Filename(text);
  }

  override magicLink(t: Task | null): Path | number | null {
    if (this.#spec.jump === undefined) return null;
    return this.subject.alive ? this.#spec.jump(this.subject as S, t) : -ENOENT;
  }
}

class ProcDirectoryInode<S extends Subject> extends ProcInode {
  readonly #spec: DirectorySpec<S>;

  constructor(fs: ProcFs, subject: S, spec: DirectorySpec<S>, sub: number) {
    super(fs, subject, spec, S_IFDIR, sub);
    this.#spec = spec;
    this.nlink = 2;
    for (const entry of Object.values(spec.entries)) if (entry.kind === "directory") this.nlink++;
  }

  override lookup(name: string): Inode | number {
    if (!this.subject.alive) return -ENOENT;
    const subject = this.subject as S;
    const spec = Object.hasOwn(this.#spec.entries, name) ? this.#spec.entries[name] : undefined;
    if (spec !== undefined) return makeInode(this.sb, subject, spec);
    const child = this.#spec.find?.(subject, name);
    return child ? child.inode(this.sb) : -ENOENT;
  }

  /** Entries from an offset on: the fixed ones first. */
  children(): Child[] {
    if (!this.subject.alive) return [];
    const subject = this.subject as S;
    const fixed = Object.entries(this.#spec.entries).map(
      ([name, spec], i): Child => ({ name, offset: i + 2, inode: (fs) => makeInode(fs, subject, spec) }),
    );
    const others = this.#spec.list?.(subject) ?? [];
    return [...fixed, ...others.map((child) => ({ ...child, offset: child.offset + fixed.length }))];
  }

  override open(t: Task | null, path: Path, flags: number): File | number {
    const refused = this.#spec.guard?.(this.subject as S, t) ?? 0;
    if (refused) return refused;
    const opened = new ProcDirectoryFile(this.sb.vfs.kernel, path);
    return this.sb.vfs.attach(opened, flags) || opened;
  }
}

class ProcDirectoryFile extends File {
  declare readonly inode: ProcDirectoryInode<Subject>;

  override read(): number {
    return -EISDIR;
  }

  override readdir(emit: EmitEntry): number {
    let { pos } = this;
    if (pos === 0 && emit(".", this.inode.ino, DT_DIR, 1)) pos = 1;
    if (pos === 1 && emit("..", this.dentry.parent.inode.ino, DT_DIR, 2)) pos = 2;
    if (pos >= 2) {
      for (const child of this.inode.children()) {
        if (child.offset < pos) continue;
        const inode = child.inode(this.inode.sb);
        const type = inode.isDirectory ? DT_DIR : inode.isSymlink ? DT_LNK : DT_REG;
        if (!emit(child.name, inode.ino, type, child.offset + 1)) break;
        pos = child.offset + 1;
      }
    }
    this.pos = pos;
    return 0;
  }

  override seek(offset: number, whence: number): number {
    return whence === SEEK_SET || whence === SEEK_CUR ? this.seekTo(offset, whence, 0) : -EINVAL;
  }

  override sync(): number {
    return 0;
  }
}

/** The inode of a spec; `sub` tells those of one spec apart (descriptors). */
export function makeInode<S extends Subject>(fs: ProcFs, subject: S, spec: Spec<S>, sub = 0): ProcInode {
  if (spec.kind === "file") return new ProcFileInode(fs, subject, spec, sub);
  if (spec.kind === "link") return new ProcLinkInode(fs, subject, spec, sub);
  return new ProcDirectoryInode(fs, subject, spec, sub);
}

/** The file system. Nothing of it is kept: every lookup makes inodes anew. */
export class ProcFs extends SuperBlock {
  override readonly caches = false;

  constructor(kernel: Kernel, makeRoot: (fs: ProcFs) => Dentry) {
    super(kernel.vfs, "proc", PROC_SUPER_MAGIC);
    this.root = makeRoot(this);
  }

  override sizes(): FsSizes {
    return { blockSize: 4096, blocks: 0, freeBlocks: 0, availableBlocks: 0, files: 0, freeFiles: 0 };
  }
}
