/** The directories that a component is given. */
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY } from "../../../../kernel/abi/fcntl.ts";
import { HostFs } from "../../../../kernel/fs/hostfs.ts";
import { pathName } from "../../../../kernel/fs/path.ts";
import type { Calls } from "../calls.ts";
import { Fd } from "../descriptor.ts";
import { Node } from "./filesystem.ts";

const opened = (calls: Calls, path: string): Node | null => {
  const number = calls.now("openat", AT_FDCWD, calls.path(path), O_DIRECTORY | O_CLOEXEC, 0);
  return number < 0 ? null : new Node(calls, new Fd(calls, number), { read: true, mutateDirectory: true }, true);
};

/**
 * Opens them: first the folders of the host that are mounted (`-v`), then each other directory of the root, last the working directory.
 * Programs find a file by the longest of these names that its path begins with; C libraries take "/" and "." for the empty name, so
 * there is no "/", and what no other name fits is relative to ".".
 */
export async function openPreopens(calls: Calls): Promise<[Node, string][]> {
  const { kernel, fs } = calls.task;
  const paths = [...kernel.vfs.mounts]
    .filter(({ sb, parent }) => sb instanceof HostFs && parent !== null)
    .map((mount) => pathName({ mount, dentry: mount.root }, fs.root));
  const root = opened(calls, "/");
  if (root) {
    const entries = await root.entries();
    root.fd.release();
    // Symbolic links, as of /bin to /usr/bin, are directories too if they lead to one.
    const names = entries.filter(({ type }) => type === "directory" || type === "symbolic-link");
    paths.push(...names.map(({ name }) => `/${name}`).filter((path) => !paths.includes(path)));
  }
  return [...paths, "."].flatMap((path): [Node, string][] => {
    const node = opened(calls, path);
    return node ? [[node, path]] : [];
  });
}
