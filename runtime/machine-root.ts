/** The tree of a machine as it boots: the root image or a host folder, /dev, /proc and the folders that the owner mounts. */

import { errnoName, strerror } from "../kernel/abi/errno-names.ts";
import { AT_FDCWD } from "../kernel/abi/fcntl.ts";
import { FileApi, FsError } from "../kernel/fs/api.ts";
import { DevFs } from "../kernel/fs/devfs.ts";
import { Filename } from "../kernel/fs/filename.ts";
import { HostFs } from "../kernel/fs/hostfs.ts";
import { populate } from "../kernel/fs/imagefs.ts";
import { MNT_NODEV, MNT_NOSUID, MNT_READONLY, MNT_RELATIME, Mount } from "../kernel/fs/mount.ts";
import { mountNew } from "../kernel/fs/mounts.ts";
import { LOOKUP_FOLLOW } from "../kernel/fs/namei.ts";
import type { Path } from "../kernel/fs/path.ts";
import type { Vfs } from "../kernel/fs/vfs.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Ring3Error } from "./api/errors.ts";
import type { MachineHost } from "./host/host.ts";
import type { BootRequest } from "./worker/protocol.ts";

/** Mounts everything; gives /dev, to which consoles are added. Rejects with ERR_MOUNT, ERR_NOT_BUILT. */
export async function mountAll(kernel: Kernel, host: MachineHost, request: BootRequest): Promise<DevFs> {
  const { vfs } = kernel;
  if (request.root === null) populate(vfs, await host.rootImage());
  else {
    const mount = openFolder(vfs, host, request.root, false);
    mount.detached = false;
    vfs.root = { mount, dentry: mount.root };
    // What belongs to this machine's run should not end up in the folder.
    mountOn(vfs, "/run", (on) => mountNew(vfs, "tmpfs", "tmpfs", on, 0, "mode=755"));
  }
  const attach = (mount: Mount) => (on: Path) => {
    vfs.attachMount(mount, on);
    return 0;
  };
  const dev = new DevFs(vfs);
  kernel.ttys.register(vfs);
  mountOn(vfs, "/dev", attach(new Mount(dev, "devtmpfs", MNT_NOSUID | MNT_RELATIME)));
  mountOn(vfs, "/dev/pts", attach(new Mount(kernel.ttys.devpts, "devpts", MNT_NOSUID | MNT_RELATIME)));
  mountOn(vfs, "/dev/shm", (on) => mountNew(vfs, "tmpfs", "tmpfs", on, MNT_NOSUID | MNT_NODEV, "mode=1777"));
  if (vfs.fileSystems.has("proc"))
    mountOn(vfs, "/proc", (on) => mountNew(vfs, "proc", "proc", on, MNT_NOSUID | MNT_NODEV, ""));
  if (request.root === null) {
    for (const { host: folder, guest } of host.rootFolders()) {
      mountOn(vfs, guest, attach(openFolder(vfs, host, folder, true)));
    }
  }
  for (const { host: folder, guest, readOnly } of request.mounts) {
    mountOn(vfs, guest, attach(openFolder(vfs, host, folder, readOnly)));
  }
  return dev;
}

function openFolder(vfs: Vfs, host: MachineHost, folder: string, readOnly: boolean): Mount {
  const fs = new HostFs(vfs, host.openFolder(folder), readOnly);
  return new Mount(fs, folder, MNT_NOSUID | MNT_NODEV | MNT_RELATIME | (readOnly ? MNT_READONLY : 0));
}

/** Mounts on a directory, made where it is missing; `mount` gives 0 or -errno. Throws ERR_MOUNT. */
function mountOn(vfs: Vfs, path: string, mount: (on: Path) => number): void {
  const error = mount(makeDirectory(vfs, path));
  if (error) failMount(path, -error);
}

function failMount(path: string, errno: number): never {
  throw new Ring3Error("ERR_MOUNT", `cannot mount on ${path}: ${strerror(errno)} (${errnoName(errno)})`, { path });
}

/** The directory of an absolute path, made with those above it where it is missing. Throws ERR_MOUNT. */
function makeDirectory(vfs: Vfs, path: string): Path {
  try {
    new FileApi(vfs).mkdir(path, 0o755, true);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    failMount(path, error.errno);
  }
  const error = vfs.walk.lookup(null, AT_FDCWD, new Filename(path), LOOKUP_FOLLOW);
  if (error) failMount(path, -error);
  return vfs.walk.path();
}
