/** The file system on /dev/pts: a node for each pty's slave while its master is open (man 4 pts). */
import { DEVPTS_SUPER_MAGIC, S_IFCHR } from "../abi/stat.ts";
import type { Dentry } from "../fs/dentry.ts";
import { MNT_RELATIME, Mount, makedev } from "../fs/mount.ts";
import type { Path } from "../fs/path.ts";
import { Cred } from "../fs/permission.ts";
import { RamFs } from "../fs/ramfs.ts";
import type { Vfs } from "../fs/vfs.ts";
import { PTMX_MAJOR, PTMX_MINOR, type Pty } from "./pty.ts";

/** Slaves belong to the group "tty", which may write (for wall and mesg): what distributions mount devpts with. */
const TTY_GROUP = 5;
const SLAVE_MODE = 0o620;

export class DevPts extends RamFs {
  override readonly magic: number = DEVPTS_SUPER_MAGIC;
  override options = `,gid=${TTY_GROUP},mode=${SLAVE_MODE.toString(8)},ptmxmode=000`;
  /** Stands in where nobody has mounted it. */
  readonly #unmounted: Mount;
  readonly #ptys: (Pty | undefined)[] = [];
  readonly #nodes = new Map<Pty, Dentry>();

  constructor(vfs: Vfs) {
    super(vfs, "devpts", 0o755);
    this.#unmounted = new Mount(this, "devpts", MNT_RELATIME);
    this.#mknod("ptmx", S_IFCHR, makedev(PTMX_MAJOR, PTMX_MINOR), 0, 0);
  }

  #mknod(name: string, mode: number, rdev: number, uid: number, gid: number): Dentry {
    const inode = this.root.inode.mknod(this.root, name, mode, rdev, new Cred()) as Exclude<
      ReturnType<typeof this.root.inode.mknod>,
      number
    >;
    inode.uid = uid;
    inode.gid = gid;
    return this.vfs.newDentry(this.root, name, inode);
  }

  /** The lowest number that no pty has. */
  get freeIndex(): number {
    const index = this.#ptys.indexOf(undefined);
    return index < 0 ? this.#ptys.length : index;
  }

  pty(index: number): Pty | undefined {
    return this.#ptys[index];
  }

  /** Ptys in use. */
  get count(): number {
    return this.#ptys.filter(Boolean).length;
  }

  /** Makes the slave's node; its number is taken until free(). */
  add(pty: Pty, uid: number): void {
    this.#ptys[pty.index] = pty;
    this.#nodes.set(pty, this.#mknod(`${pty.index}`, S_IFCHR | SLAVE_MODE, pty.slave.dev, uid, TTY_GROUP));
  }

  /** Where a slave's node is seen. */
  pathOf(pty: Pty): Path {
    const mount = [...this.vfs.mounts].find(({ sb }) => sb === this) ?? this.#unmounted;
    return { mount, dentry: this.#nodes.get(pty)! };
  }

  /** Takes the node away. */
  remove(pty: Pty): void {
    const entry = this.#nodes.get(pty);
    if (entry === undefined) return;
    this.#nodes.delete(pty);
    this.root.inode.unlink(entry);
    entry.drop();
  }

  free(pty: Pty): void {
    this.#ptys[pty.index] = undefined;
  }
}
