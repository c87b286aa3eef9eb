/** /proc/PID/fd and /proc/PID/fdinfo (man 5 proc_pid_fd, proc_pid_fdinfo). */
import { EACCES, ENOENT } from "../abi/errno.ts";
import { O_CLOEXEC } from "../abi/fcntl.ts";
import type { File } from "../fs/file.ts";
import { lockLines } from "../fs/locks.ts";
import { pathName } from "../fs/path.ts";
import { FB_READ, FB_WRITE, FILES_CAP } from "../hot/layout.ts";
import { type Child, type DirectorySpec, directory, file, link, makeInode, type ProcFs, type Spec } from "./node.ts";
import { Member } from "./subjects.ts";

/** A descriptor of a process. */
class Descriptor extends Member {
  readonly fd: number;

  constructor(member: Member, fd: number) {
    super(member.process, member.only);
    this.fd = fd;
  }

  get file(): File | null {
    return this.task === null ? null : this.kernel.vfs.fileOfFd(this.task, this.fd);
  }

  override get alive(): boolean {
    return super.alive && this.file !== null;
  }
}

const descriptorLink = link<Descriptor>(
  (descriptor, t) => {
    if (!descriptor.mayBeReadBy(t)) return -EACCES;
    const { file } = descriptor;
    return file === null ? -ENOENT : pathName(file, t?.fs.root ?? descriptor.kernel.vfs.root);
  },
  (descriptor, t) => {
    if (!descriptor.mayBeReadBy(t)) return -EACCES;
    const { file } = descriptor;
    return file === null ? -ENOENT : { mount: file.mount, dentry: file.dentry };
  },
);

const descriptorText = file<Descriptor>((descriptor) => {
  const { file, kernel, task } = descriptor;
  if (file === null || task === null) return -ENOENT;
  const flags = file.flags | (kernel.hot.fd_cloexec(task.files, descriptor.fd) ? O_CLOEXEC : 0);
  const lines = [
    `pos:\t${file.pos}`,
    `flags:\t0${flags.toString(8)}`,
    `mnt_id:\t${file.mount.id}`,
    `ino:\t${file.inode.ino}`,
    ...lockLines(file.inode, file, task.files).map((line, i) => `lock:\t${i + 1}: ${line}`),
  ];
  return `${lines.join("\n")}\n`;
});

function descriptors(spec: Spec<Descriptor>, mode: number): DirectorySpec<Member> {
  const child = (member: Member, fd: number): Child => ({
    name: `${fd}`,
    offset: 2 + fd,
    inode(fs: ProcFs) {
      const descriptor = new Descriptor(member, fd);
      const inode = makeInode(fs, descriptor, spec, fd + 1);
      if (inode.isSymlink) {
        // The link's mode says what the descriptor was opened for.
        const bits = descriptor.file?.bits ?? 0;
        inode.mode = (inode.mode & ~0o777) | (bits & FB_READ ? 0o500 : 0) | (bits & FB_WRITE ? 0o300 : 0);
      }
      return inode;
    },
  });
  return directory<Member>(
    {},
    {
      mode,
      guard: (member, t) => (member.mayBeReadBy(t) ? 0 : -EACCES),
      find(member, name) {
        if (!/^(0|[1-9]\d{0,6})$/.test(name)) return null;
        const fd = Number(name);
        return new Descriptor(member, fd).alive ? child(member, fd) : null;
      },
      list(member) {
        const { task, kernel } = member;
        const found: Child[] = [];
        if (task === null) return found;
        const end = kernel.kmem.u32[(task.files + FILES_CAP) >> 2];
        for (let fd = 0; fd < end; fd++) if (kernel.hot.fd_get(task.files, fd) !== 0) found.push(child(member, fd));
        return found;
      },
    },
  );
}

export function descriptorLinks(): DirectorySpec<Member> {
  return descriptors(descriptorLink, 0o500);
}

export function descriptorTexts(): DirectorySpec<Member> {
  return descriptors(descriptorText, 0o555);
}
