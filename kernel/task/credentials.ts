/** User and group ids (man 7 credentials). They are the process's: the C library makes its threads agree anyway. */
import { EINVAL, EPERM } from "../abi/errno.ts";
import {
  PROC_EGID,
  PROC_EUID,
  PROC_FSGID,
  PROC_FSUID,
  PROC_GID,
  PROC_SGID,
  PROC_SUID,
  PROC_UID,
} from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "./task.ts";

/** "Leave as it is". */
const KEEP = 0xffffffff;
const MAX_GROUPS = 65536;

interface Fields {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
  readonly fs: number;
}

const UIDS: Fields = { real: PROC_UID, effective: PROC_EUID, saved: PROC_SUID, fs: PROC_FSUID };
const GIDS: Fields = { real: PROC_GID, effective: PROC_EGID, saved: PROC_SGID, fs: PROC_FSGID };

const get = (t: Task, field: number): number => t.kernel.kmem.u32[(t.process.ptr + field) >> 2];
const put = (t: Task, field: number, id: number): void => {
  t.kernel.kmem.u32[(t.process.ptr + field) >> 2] = id;
};
const privileged = (t: Task): boolean => t.euid === 0;

/** setuid, setgid. */
function setId(t: Task, fields: Fields, id: number): number {
  if (id === KEEP) return -EINVAL;
  if (privileged(t)) {
    put(t, fields.real, id);
    put(t, fields.saved, id);
  } else if (id !== get(t, fields.real) && id !== get(t, fields.saved)) return -EPERM;
  put(t, fields.effective, id);
  put(t, fields.fs, id);
  return 0;
}

/** setreuid, setregid. */
function setRealEffective(t: Task, fields: Fields, real: number, effective: number): number {
  const [r, e, s] = [get(t, fields.real), get(t, fields.effective), get(t, fields.saved)];
  if (!privileged(t)) {
    if (real !== KEEP && real !== r && real !== e) return -EPERM;
    if (effective !== KEEP && effective !== r && effective !== e && effective !== s) return -EPERM;
  }
  if (real !== KEEP) put(t, fields.real, real);
  if (effective !== KEEP) put(t, fields.effective, effective);
  if (real !== KEEP || (effective !== KEEP && effective !== r)) put(t, fields.saved, get(t, fields.effective));
  put(t, fields.fs, get(t, fields.effective));
  return 0;
}

/** setresuid, setresgid. */
function setAll(t: Task, fields: Fields, ids: readonly number[]): number {
  const old = [get(t, fields.real), get(t, fields.effective), get(t, fields.saved)];
  if (!privileged(t) && ids.some((id) => id !== KEEP && !old.includes(id))) return -EPERM;
  [fields.real, fields.effective, fields.saved].forEach((field, i) => {
    if (ids[i] !== KEEP) put(t, field, ids[i]);
  });
  put(t, fields.fs, get(t, fields.effective));
  return 0;
}

/** setfsuid, setfsgid: give the old id, and never an error. */
function setFs(t: Task, fields: Fields, id: number): number {
  const old = get(t, fields.fs);
  const allowed = [fields.real, fields.effective, fields.saved, fields.fs].some((field) => get(t, field) === id);
  if (id !== KEEP && (privileged(t) || allowed)) put(t, fields.fs, id);
  return old;
}

function writeAll(t: Task, fields: Fields, ...at: number[]): number {
  [fields.real, fields.effective, fields.saved].forEach((field, i) => {
    t.mm.setU32(at[i], get(t, field));
  });
  return 0;
}

export const credentialCalls: Handlers = {
  setuid: (t, id) => setId(t, UIDS, id),
  setgid: (t, id) => setId(t, GIDS, id),
  setreuid: (t, real, effective) => setRealEffective(t, UIDS, real, effective),
  setregid: (t, real, effective) => setRealEffective(t, GIDS, real, effective),
  setresuid: (t, real, effective, saved) => setAll(t, UIDS, [real, effective, saved]),
  setresgid: (t, real, effective, saved) => setAll(t, GIDS, [real, effective, saved]),
  getresuid: (t, real, effective, saved) => writeAll(t, UIDS, real, effective, saved),
  getresgid: (t, real, effective, saved) => writeAll(t, GIDS, real, effective, saved),
  setfsuid: (t, id) => setFs(t, UIDS, id),
  setfsgid: (t, id) => setFs(t, GIDS, id),
  getgroups(t, size, at) {
    const { groups } = t.process;
    if (size === 0) return groups.length;
    if (size > 0x7fffffff || size < groups.length) return -EINVAL;
    groups.forEach((group, i) => {
      t.mm.setU32(at + 4 * i, group);
    });
    return groups.length;
  },
  setgroups(t, size, at) {
    if (!privileged(t)) return -EPERM;
    if (size > MAX_GROUPS) return -EINVAL;
    const groups: number[] = [];
    for (let i = 0; i < size; i++) groups.push(t.mm.u32(at + 4 * i));
    t.process.groups = groups.sort((a, b) => a - b);
    return 0;
  },
};
