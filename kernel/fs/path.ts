/** A place in the machine's tree: a dentry as seen through a mount (Linux's struct path). */
import { PATH_MAX } from "../abi/limits.ts";
import type { Dentry } from "./dentry.ts";
import type { Mount } from "./mount.ts";

export interface Path {
  readonly mount: Mount;
  readonly dentry: Dentry;
}

/** Longer names are not made out: the directories at their beginning are left away. */
const LONGEST = 2 * PATH_MAX;

/**
 * The absolute name of a path below `root`, as getcwd(2) and the links in /proc/pid/fd show it: " (deleted)" is added to what was
 * unlinked.
 */
export function pathName(path: Path, root: Path): string {
  const name = path.dentry.ownName;
  if (name !== null) return name;
  let { mount, dentry } = path;
  const deleted = dentry.unhashed ? " (deleted)" : "";
  let text = "";
  while (dentry !== root.dentry || mount !== root.mount) {
    if (dentry === mount.root) {
      if (mount.parent === null) break; // unmounted, or outside of root: as far up as there is
      dentry = mount.mountpoint!;
      mount = mount.parent;
      continue;
    }
    text = `/${dentry.name}${text}`;
    if (text.length > LONGEST) break;
    dentry = dentry.parent;
  }
  return (text || "/") + deleted;
}

/** The name of a dentry within its own file system. */
export function nameWithin(dentry: Dentry): string {
  let text = "";
  for (let d = dentry; d.parent !== d; d = d.parent) text = `/${d.name}${text}`;
  return text || "/";
}

/** Whether `path` lies below `root` (or is it), walking up through mounts. */
export function isReachable(path: Path, root: Path): boolean {
  let { mount, dentry } = path;
  while (dentry !== root.dentry || mount !== root.mount) {
    if (dentry === mount.root) {
      if (mount.parent === null) return false;
      dentry = mount.mountpoint!;
      mount = mount.parent;
    } else dentry = dentry.parent;
  }
  return true;
}
