/** /proc/PID/mounts and /proc/PID/mountinfo (man 5 proc_pid_mounts, proc_pid_mountinfo). */
import { type Mount, majorOf, minorOf } from "../fs/mount.ts";
import { optionsOf } from "../fs/mounts.ts";
import { isReachable, nameWithin, type Path, pathName } from "../fs/path.ts";
import type { Member } from "./subjects.ts";

/** Blanks and backslashes as octal, as getmntent(3) reads them. */
function escaped(text: string): string {
  return text.replace(/[ \t\n\\#]/g, (c) => `\\0${c.charCodeAt(0).toString(8).padStart(2, "0")}`);
}

/** The mounts that a process can see, with the names it sees them by. */
function visible(member: Member): { mount: Mount; point: string }[] {
  const { vfs } = member.kernel;
  const root = member.task?.fs.root ?? vfs.root;
  const found: { mount: Mount; point: string }[] = [];
  for (const mount of vfs.mounts) {
    const top: Path = { mount, dentry: mount.root };
    if (mount === root.mount) found.push({ mount, point: "/" });
    else if (isReachable(top, root)) found.push({ mount, point: pathName(top, root) });
  }
  return found;
}

export function mounts(member: Member): string {
  return visible(member)
    .map(({ mount, point }) => {
      const options = optionsOf(mount) + mount.sb.options;
      return `${escaped(mount.source)} ${escaped(point)} ${mount.sb.type} ${options} 0 0\n`;
    })
    .join("");
}

export function mountInfo(member: Member): string {
  return visible(member)
    .map(({ mount, point }) => {
      const { sb } = mount;
      const device = `${majorOf(sb.dev)}:${minorOf(sb.dev)}`;
      const from = escaped(nameWithin(mount.root));
      const own = `${mount.id} ${mount.parent?.id ?? 1} ${device} ${from} ${escaped(point)} ${optionsOf(mount)}`;
      return `${own} - ${sb.type} ${escaped(mount.source)} ${sb.readOnly ? "ro" : "rw"}${sb.options}\n`;
    })
    .join("");
}
