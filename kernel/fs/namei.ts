/**
 * Path resolution (man 7 path_resolution; Linux's fs/namei.c): from a name to a mount and a dentry.
 *
 * One Walk object serves the whole machine: a walk never waits, so two never overlap. Failures are return codes, since programs look for
 * files that do not exist all the time.
 */
import { EACCES, EBADF, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EXDEV } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { MAXSYMLINKS } from "../abi/limits.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_ISVTX } from "../abi/stat.ts";
import { PF_BENEATH, PROC_FLAGS } from "../hot/layout.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import { mountedOn } from "./dentry.ts";
import { type Filename, isTooLong } from "./filename.ts";
import { Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";
import type { Path } from "./path.ts";
import { Cred, MAY_EXEC, permission } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/** A symbolic link at the end is followed. */
export const LOOKUP_FOLLOW = 1;
/** The result has to be a directory. */
export const LOOKUP_DIRECTORY = 2;
/** An empty name means the directory descriptor itself (AT_EMPTY_PATH). */
export const LOOKUP_EMPTY = 4;
/** The walk is for access(2): real ids. */
export const LOOKUP_REAL_IDS = 8;
// openat2(2)'s RESOLVE_* flags, shifted to stay clear of the others.
export const LOOKUP_NO_XDEV = 0x100;
export const LOOKUP_NO_MAGICLINKS = 0x200;
export const LOOKUP_NO_SYMLINKS = 0x400;
export const LOOKUP_BENEATH = 0x800;
export const LOOKUP_IN_ROOT = 0x1000;

/** What the last component of a path is. */
export const LAST_NORM = 0;
/** There is none: "/" */
export const LAST_ROOT = 1;
/** "." */
export const LAST_DOT = 2;
/** ".." */
export const LAST_DOTDOT = 3;

export class Walk implements Path {
  readonly #vfs: Vfs;
  /** Where the walk stands; after a successful lookup, the result. */
  mount!: Mount;
  dentry!: Dentry;
  /** After parent(): the last component, which kind it is, and whether a slash follows it. */
  last = "";
  lastType = LAST_ROOT;
  trailingSlash = false;
  /** Whose permissions count; valid until the next walk begins. */
  readonly cred = new Cred();
  #task: Task | null = null;
  #flags = 0;
  #root!: Path;
  #parts: readonly string[] = [];
  #at = 0;
  #links = 0;
  #hasLongPart = false;

  constructor(vfs: Vfs) {
    this.#vfs = vfs;
  }

  /** Resolves a name to what it names. 0, with mount and dentry set, or -errno. */
  lookup(t: Task | null, dirfd: number, name: Filename, flags: number): number {
    const error = this.parent(t, dirfd, name, flags);
    if (error) return error;
    return this.finish(flags);
  }

  /** Resolves a name below a given directory (null: the task's own), for the kernel's own use. */
  lookupAt(t: Task | null, dir: Path | null, name: Filename, flags: number): number {
    const error = this.parentAt(t, dir, name, flags);
    return error || this.finish(flags);
  }

  /** As parent(), below a given directory (null: the working directory). */
  parentAt(t: Task | null, dir: Path | null, name: Filename, flags: number): number {
    this.#begin(t, name, flags);
    if (name.text === "") return -ENOENT;
    this.#set(name.absolute ? this.#root : (dir ?? this.#cwd()));
    return this.#toLast();
  }

  /** Resolves all but the last component: mount and dentry are then the directory that holds (or would hold) `last`. */
  parent(t: Task | null, dirfd: number, name: Filename, flags: number): number {
    if (t !== null && t.kernel.kmem.u32[(t.process.ptr + PROC_FLAGS) >> 2] & PF_BENEATH) flags |= LOOKUP_BENEATH;
    this.#begin(t, name, flags);
    if (name.text === "" && (flags & LOOKUP_EMPTY) === 0) return -ENOENT;
    if (name.absolute && (flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)) === 0) this.#set(this.#root);
    else {
      if (name.absolute && flags & LOOKUP_BENEATH) return -EXDEV;
      if (dirfd === AT_FDCWD) this.#set(this.#cwd());
      else {
        const file = this.#vfs.fileOfFd(t, dirfd);
        if (file === null) return -EBADF;
        if (!file.inode.isDirectory && name.text !== "") return -ENOTDIR;
        this.#set(file);
      }
      if (flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)) this.#root = { mount: this.mount, dentry: this.dentry };
    }
    return this.#toLast();
  }

  /**
   * After parent(): the entry named `last`, seen through what is mounted on it; links are not followed. Null with `error` set,
   * -ENOENT where there is none. Leaves the walk in the directory.
   */
  lastEntry(): Dentry | null {
    return this.#child(this.dentry, this.last);
  }
  error = 0;

  /** After parent(): goes to the last component. 0 or -errno. */
  finish(flags: number): number {
    for (;;) {
      const follow = (flags & LOOKUP_FOLLOW) !== 0 || this.trailingSlash;
      if (this.lastType !== LAST_NORM) {
        if (this.lastType === LAST_DOTDOT) {
          const error = this.#up();
          if (error) return error;
        }
        break;
      }
      const result = this.#step(this.last, follow);
      if (result < 0) return result;
      if (result === STEPPED) break;
      const error = this.#toLast();
      if (error) return error;
    }
    if ((flags & LOOKUP_DIRECTORY) !== 0 || this.trailingSlash) {
      if (!this.dentry.inode.isDirectory) return -ENOTDIR;
    }
    return 0;
  }

  /**
   * After parent(), where the last component is a symbolic link to follow (open with O_CREAT): goes on to the parent of what the link
   * names. 0 (look at `last` again, or the walk has jumped there: lastType is LAST_ROOT), or -errno.
   */
  followLast(link: Dentry): number {
    const error = this.#follow(link);
    return error < 0 ? error : this.#toLast();
  }

  /** Goes from a dentry just found in the walk's directory onto it, and what is mounted there. 0 or -errno. */
  enter(child: Dentry): number {
    this.dentry = child;
    return this.#down();
  }

  /** The result as an object of its own. */
  path(): Path {
    return { mount: this.mount, dentry: this.dentry };
  }

  #begin(t: Task | null, name: Filename, flags: number): void {
    this.#task = t;
    this.#flags = flags;
    this.#root = t === null ? this.#vfs.root : t.fs.root;
    this.#parts = name.parts;
    this.#hasLongPart = name.hasLongPart;
    this.#at = 0;
    this.#links = 0;
    this.trailingSlash = name.trailingSlash;
    if (flags & LOOKUP_REAL_IDS && t !== null) this.cred.realOf(t);
    else this.cred.of(t);
  }

  #cwd(): Path {
    return this.#task === null ? this.#vfs.root : this.#task.fs.cwd;
  }

  #set(path: Path): void {
    this.mount = path.mount;
    this.dentry = path.dentry;
  }

  /** Walks to the directory of the last component. */
  #toLast(): number {
    for (;;) {
      const name = this.#parts[this.#at];
      if (name === undefined) {
        // Nothing left: "/", an empty name, or a link of /proc that jumped.
        this.lastType = LAST_ROOT;
        this.last = "/";
        return 0;
      }
      const inode = this.dentry.inode;
      const { mode } = inode;
      if ((mode & S_IFMT) !== S_IFDIR) return -ENOTDIR;
      // Where everyone may search, nobody needs to be asked who.
      if ((mode & 0o111) !== 0o111 || inode.sb.revalidates) {
        const error = permission(inode, MAY_EXEC, this.cred);
        if (error) return error;
      }
      if (this.#at === this.#parts.length - 1) {
        this.#at++;
        this.last = name;
        this.lastType = name === "." ? LAST_DOT : name === ".." ? LAST_DOTDOT : LAST_NORM;
        return 0;
      }
      this.#at++;
      if (name === ".") continue;
      if (name === "..") {
        const error = this.#up();
        if (error) return error;
        continue;
      }
      const result = this.#step(name, true);
      if (result < 0) return result;
    }
  }

  /** Goes to an entry of the directory. STEPPED, FOLLOWED where it was a link whose parts are now next, or -errno. */
  #step(name: string, follow: boolean): number {
    const child = this.#child(this.dentry, name);
    if (child === null) return this.error;
    if ((child.inode.mode & S_IFMT) === S_IFLNK && follow) return this.#follow(child);
    this.dentry = child;
    return child.mounts === 0 ? STEPPED : this.#down() || STEPPED;
  }

  #child(dir: Dentry, name: string): Dentry | null {
    const known = dir.find(name);
    if (known !== undefined) {
      if (!dir.inode.sb.revalidates || dir.inode.revalidate(known)) return known;
      known.drop();
    }
    if (this.#hasLongPart && isTooLong(name)) {
      this.error = -ENAMETOOLONG;
      return null;
    }
    if (dir.inode.complete) {
      this.error = -ENOENT;
      return null;
    }
    const found = dir.inode.lookup(name, dir);
    if (!(found instanceof Inode)) {
      this.error = found;
      return null;
    }
    return this.#vfs.newDentry(dir, name, found);
  }

  /** Onto what is mounted here. */
  #down(): number {
    for (;;) {
      const mount = mountedOn(this.mount, this.dentry);
      if (mount === null) return 0;
      if (this.#flags & LOOKUP_NO_XDEV) return -EXDEV;
      this.mount = mount;
      this.dentry = mount.root;
    }
  }

  /** "..": to the parent directory, across mount points, but never above the root. */
  #up(): number {
    for (;;) {
      if (this.dentry === this.#root.dentry && this.mount === this.#root.mount) {
        if (this.#flags & LOOKUP_BENEATH) return -EXDEV;
        return 0;
      }
      if (this.dentry !== this.mount.root) {
        this.dentry = this.dentry.parent;
        return this.#down();
      }
      if (this.mount.parent === null) return 0;
      if (this.#flags & LOOKUP_NO_XDEV) return -EXDEV;
      this.dentry = this.mount.mountpoint!;
      this.mount = this.mount.parent;
    }
  }

  /** Puts the text of a link in front of what is left to walk. FOLLOWED or -errno. */
  #follow(link: Dentry): number {
    const inode = link.inode;
    if (++this.#links > MAXSYMLINKS || this.#flags & LOOKUP_NO_SYMLINKS) return -ELOOP;
    const isLast = this.#at === this.#parts.length;
    if (isLast && this.#vfs.sysctl.protectedSymlinks) {
      const refused = this.#protectedLink(inode);
      if (refused) return refused;
    }
    const jump = inode.magicLink(this.#task);
    if (jump !== null) {
      if (typeof jump === "number") return jump;
      if (this.#flags & LOOKUP_NO_MAGICLINKS) return -ELOOP;
      if (this.#flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)) return -EXDEV;
      if (this.#flags & LOOKUP_NO_XDEV && jump.mount !== this.mount) return -EXDEV;
      this.mount = jump.mount;
      this.dentry = jump.dentry;
      return FOLLOWED;
    }
    const text = inode.readlink(this.#task);
    if (typeof text === "number") return text;
    if (text.text === "") return -ENOENT;
    inode.accessed(this.mount);
    if (isLast) {
      this.#parts = text.parts;
      if (text.trailingSlash) this.trailingSlash = true;
    } else this.#parts = text.parts.concat(this.#parts.slice(this.#at));
    this.#at = 0;
    if (text.hasLongPart) this.#hasLongPart = true;
    if (text.absolute) {
      if (this.#flags & LOOKUP_BENEATH) return -EXDEV;
      if (this.#flags & LOOKUP_NO_XDEV && this.mount !== this.#root.mount) return -EXDEV;
      this.#set(this.#root);
    }
    return FOLLOWED;
  }

  /** /proc/sys/fs/protected_symlinks: in a sticky world-writable directory a link is followed only for its owner or the directory's. */
  #protectedLink(link: Inode): number {
    const dir = this.dentry.inode;
    const shared = (dir.mode & (S_ISVTX | 0o002)) === (S_ISVTX | 0o002);
    return shared && link.uid !== this.cred.uid && link.uid !== dir.uid ? -EACCES : 0;
  }
}

const STEPPED = 1;
const FOLLOWED = 2;
