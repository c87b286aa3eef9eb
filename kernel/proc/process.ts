/** /proc/PID and /proc/PID/task/TID (man 5 proc_pid). */
import { EACCES, EINVAL, ENOENT } from "../abi/errno.ts";
import { MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { USER_HZ } from "../abi/time.ts";
import { majorOf, minorOf } from "../fs/mount.ts";
import { type Path, pathName } from "../fs/path.ts";
import {
  ACTION_SIZE,
  FILES_CAP,
  PAGE_SIZE,
  PROC_GID,
  PROC_PENDING,
  PROC_SIGQUEUE_LEN,
  PROC_UID,
  SIGHAND_ACTIONS,
  STATE_DEAD,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_STOPPED,
  STATE_VFORK,
  STATE_ZOMBIE,
  TASK_BLOCKED,
  TASK_INVOLUNTARY,
  TASK_PENDING,
  TASK_VOLUNTARY,
} from "../hot/layout.ts";
import { encodeString } from "../mm/address-space.ts";
import type { Mapping } from "../mm/mappings.ts";
import type { Task } from "../task/task.ts";
import { processTimes } from "../task/usage.ts";
import { descriptorLinks, descriptorTexts } from "./descriptors.ts";
import { mountInfo, mounts } from "./mounts.ts";
import { netDirectory } from "./net.ts";
import { type Child, directory, file, type LinkSpec, link, makeInode, type Spec } from "./node.ts";
import { Member } from "./subjects.ts";

// ---------------------------------------------------------------- states, times, sizes

const STATES: ReadonlyMap<number, string> = new Map([
  [STATE_RUNNING, "R (running)"],
  [STATE_SLEEPING, "S (sleeping)"],
  [STATE_STOPPED, "T (stopped)"],
  [STATE_ZOMBIE, "Z (zombie)"],
  [STATE_DEAD, "X (dead)"],
  [STATE_VFORK, "D (disk sleep)"],
]);

function stateOf(member: Member): string {
  if (member.process.zombie) return "Z (zombie)";
  const { task } = member;
  return task === null ? "S (sleeping)" : (STATES.get(task.state) ?? "R (running)");
}

function ticks(ms: number): number {
  return Math.floor((ms * USER_HZ) / 1000);
}

interface Sizes {
  /** Bytes. */
  total: number;
  /** Of files that were mapped. */
  files: number;
  shared: number;
  /** The program itself: code and static data are one region of linear memory. */
  image: number;
  heap: number;
}

function sizesOf(task: Task | null): Sizes {
  const sizes = { total: 0, files: 0, shared: 0, image: 0, heap: 0 };
  for (const mapping of task?.mm.mappings.list ?? []) {
    const bytes = mapping.end - mapping.start;
    sizes.total += bytes;
    if (mapping.start === 0) sizes.image += bytes;
    else if (mapping.file !== null) sizes.files += bytes;
    if (mapping.flags & MAP_SHARED) sizes.shared += bytes;
    if (mapping.name === "[heap]") sizes.heap += bytes;
  }
  sizes.total += task?.mm.mappings.held ?? 0;
  return sizes;
}

// ---------------------------------------------------------------- status, stat, statm

/** A 64-bit mask in kernel memory as 16 hexadecimal digits. */
function mask(member: Member, address: number): string {
  const { u32 } = member.kernel.kmem;
  const hex = (word: number) => word.toString(16).padStart(8, "0");
  return hex(u32[(address + 4) >> 2]) + hex(u32[address >> 2]);
}

/** The signals that are ignored (1) or have a handler, as a mask. */
function actions(member: Member, ignored: boolean): string {
  const { task, kernel } = member;
  let bits = 0n;
  for (let i = 0; task !== null && i < 64; i++) {
    const handler = kernel.kmem.u32[(task.sighand + SIGHAND_ACTIONS + i * ACTION_SIZE) >> 2];
    if (ignored ? handler === 1 : handler > 1) bits |= 1n << BigInt(i);
  }
  return bits.toString(16).padStart(16, "0");
}

const ALL_CAPABILITIES = "000001ffffffffff";
const NO_CAPABILITIES = "0".repeat(16);

function status(member: Member): string {
  const { process, task, kernel } = member;
  const { u32 } = kernel.kmem;
  const ids = (at: number) =>
    Array.from(u32.subarray((process.ptr + at) >> 2, (process.ptr + at + 16) >> 2)).join("\t");
  const kb = (bytes: number) => `${Math.ceil(bytes / 1024)}`.padStart(8);
  const sizes = sizesOf(task);
  const zeros = "0".repeat(16);
  const capabilities = member.uid === 0 ? ALL_CAPABILITIES : NO_CAPABILITIES;
  const lines = [
    `Name:\t${escaped(member.comm)}`,
    ...(task === null ? [] : [`Umask:\t${task.fs.umask.toString(8).padStart(4, "0")}`]),
    `State:\t${stateOf(member)}`,
    `Tgid:\t${process.pid}`,
    "Ngid:\t0",
    `Pid:\t${member.id}`,
    `PPid:\t${process.parent?.pid ?? 0}`,
    "TracerPid:\t0",
    `Uid:\t${ids(PROC_UID)}`,
    `Gid:\t${ids(PROC_GID)}`,
    `FDSize:\t${task === null ? 0 : u32[(task.files + FILES_CAP) >> 2]}`,
    `Groups:\t${process.groups.map((group) => `${group} `).join("")}`,
    `NStgid:\t${process.pid}`,
    `NSpid:\t${member.id}`,
    `NSpgid:\t${process.pgid}`,
    `NSsid:\t${process.session.sid}`,
    "Kthread:\t0",
  ];
  if (task !== null) {
    lines.push(
      `VmPeak:\t${kb(Math.max(process.maxRss * 1024, sizes.total))} kB`,
      `VmSize:\t${kb(sizes.total)} kB`,
      `VmLck:\t${kb(0)} kB`,
      `VmPin:\t${kb(0)} kB`,
      `VmHWM:\t${kb(Math.max(process.maxRss * 1024, sizes.total))} kB`,
      `VmRSS:\t${kb(sizes.total)} kB`,
      `RssAnon:\t${kb(sizes.total - sizes.files - sizes.shared)} kB`,
      `RssFile:\t${kb(sizes.files)} kB`,
      `RssShmem:\t${kb(sizes.shared)} kB`,
      `VmData:\t${kb(sizes.total - sizes.image)} kB`,
      `VmStk:\t${kb(0)} kB`,
      `VmExe:\t${kb(sizes.image)} kB`,
      `VmLib:\t${kb(0)} kB`,
      `VmPTE:\t${kb(0)} kB`,
      `VmSwap:\t${kb(0)} kB`,
    );
  }
  lines.push(
    `Threads:\t${Math.max(1, process.tasks.length)}`,
    `SigQ:\t${u32[(process.ptr + PROC_SIGQUEUE_LEN) >> 2]}/${process.rlimits[RLIMIT_SIGPENDING]?.soft ?? 0}`,
    `SigPnd:\t${task === null ? zeros : mask(member, task.ptr + TASK_PENDING)}`,
    `ShdPnd:\t${mask(member, process.ptr + PROC_PENDING)}`,
    `SigBlk:\t${task === null ? zeros : mask(member, task.ptr + TASK_BLOCKED)}`,
    `SigIgn:\t${actions(member, true)}`,
    `SigCgt:\t${actions(member, false)}`,
    `CapInh:\t${NO_CAPABILITIES}`,
    `CapPrm:\t${capabilities}`,
    `CapEff:\t${capabilities}`,
    `CapBnd:\t${ALL_CAPABILITIES}`,
    `CapAmb:\t${NO_CAPABILITIES}`,
    `NoNewPrivs:\t${process.noNewPrivileges ? 1 : 0}`,
    "Seccomp:\t0",
    "Cpus_allowed:\t1",
    "Cpus_allowed_list:\t0",
    `voluntary_ctxt_switches:\t${task === null ? 0 : u32[(task.ptr + TASK_VOLUNTARY) >> 2]}`,
    `nonvoluntary_ctxt_switches:\t${task === null ? 0 : u32[(task.ptr + TASK_INVOLUNTARY) >> 2]}`,
  );
  return `${lines.join("\n")}\n`;
}

/** A name that can not break the lines it stands in. */
function escaped(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
}

/** PF_FORKNOEXEC: no exec since fork. */
const PF_FORKNOEXEC = 0x40;
const NO_LIMIT = "18446744073709551615";
/** Linux's normal priority, to which nice is added. */
const PRIORITY = 20;

/** The 52 fields of proc_pid_stat(5), addresses as 0. */
function stat(member: Member): string {
  const { process, task, kernel } = member;
  kernel.accountTime();
  const times =
    member.only === null ? processTimes(process) : { user: member.only.userTime, system: member.only.systemTime };
  const { tty } = process.session;
  const nice = task?.nice ?? 0;
  const { total } = sizesOf(task);
  const low = (address: number) => kernel.kmem.u32[address >> 2] & 0x7fffffff;
  const fields: (number | string)[] = [
    member.id,
    `(${member.comm})`,
    stateOf(member)[0],
    process.parent?.pid ?? 0,
    process.pgid,
    process.session.sid,
    tty?.dev ?? 0,
    tty?.pgrp ?? -1,
    process.execed ? 0 : PF_FORKNOEXEC,
    0, // minflt
    0, // cminflt
    0, // majflt
    0, // cmajflt
    ticks(times.user),
    ticks(times.system),
    ticks(process.childTimes.user),
    ticks(process.childTimes.system),
    PRIORITY + nice,
    nice,
    Math.max(1, process.tasks.length),
    0, // itrealvalue
    ticks(process.startTime),
    total,
    Math.ceil(total / PAGE_SIZE),
    process.rlimits[RLIMIT_RSS]?.soft === Infinity ? NO_LIMIT : (process.rlimits[RLIMIT_RSS]?.soft ?? NO_LIMIT),
    0, // startcode
    0, // endcode
    0, // startstack
    0, // kstkesp
    0, // kstkeip
    task === null ? 0 : low(task.ptr + TASK_PENDING),
    task === null ? 0 : low(task.ptr + TASK_BLOCKED),
    Number.parseInt(actions(member, true).slice(8), 16) & 0x7fffffff,
    Number.parseInt(actions(member, false).slice(8), 16) & 0x7fffffff,
    task?.state === STATE_SLEEPING ? 1 : 0, // wchan
    0, // nswap
    0, // cnswap
    process.exitSignal,
    0, // processor
    0, // rt_priority
    0, // policy
    0, // delayacct_blkio_ticks
    0, // guest_time
    0, // cguest_time
    0, // start_data
    0, // end_data
    task?.mm.mappings.brkStart ?? 0,
    0, // arg_start
    0, // arg_end
    0, // env_start
    0, // env_end
    process.zombie ? process.status : 0,
  ];
  return `${fields.join(" ")}\n`;
}

function statm(member: Member): string {
  const sizes = sizesOf(member.task);
  const pages = (bytes: number) => Math.ceil(bytes / PAGE_SIZE);
  const data = pages(sizes.total - sizes.image);
  return `${pages(sizes.total)} ${pages(sizes.total)} ${pages(sizes.files + sizes.shared)} ${pages(sizes.image)} 0 ${data} 0\n`;
}

// ---------------------------------------------------------------- limits, maps, strings

const RLIMIT_RSS = 5;
const RLIMIT_SIGPENDING = 11;

const LIMITS: readonly (readonly [name: string, unit: string])[] = [
  ["Max cpu time", "seconds"],
  ["Max file size", "bytes"],
  ["Max data size", "bytes"],
  ["Max stack size", "bytes"],
  ["Max core file size", "bytes"],
  ["Max resident set", "bytes"],
  ["Max processes", "processes"],
  ["Max open files", "files"],
  ["Max locked memory", "bytes"],
  ["Max address space", "bytes"],
  ["Max file locks", "locks"],
  ["Max pending signals", "signals"],
  ["Max msgqueue size", "bytes"],
  ["Max nice priority", ""],
  ["Max realtime priority", ""],
  ["Max realtime timeout", "us"],
];

function limits(member: Member): string {
  const row = (name: string, soft: string, hard: string, unit: string) =>
    `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} ${unit.padEnd(10)}\n`;
  const text = (value: number | undefined) => (value === undefined || value === Infinity ? "unlimited" : `${value}`);
  let table = row("Limit", "Soft Limit", "Hard Limit", "Units");
  LIMITS.forEach(([name, unit], i) => {
    const limit = member.process.rlimits[i];
    table += row(name, text(limit?.soft), text(limit?.hard), unit);
  });
  return table;
}

function mapLine(mapping: Mapping): string {
  const { start, end, prot, flags, offset, name } = mapping;
  const hex = (address: number) => address.toString(16).padStart(8, "0");
  const access =
    (prot & PROT_READ ? "r" : "-") +
    (prot & PROT_WRITE ? "w" : "-") +
    (prot & PROT_EXEC ? "x" : "-") +
    (flags & MAP_SHARED ? "s" : "p");
  const { file } = mapping;
  const head = `${hex(start)}-${hex(end)} ${access} ${hex(offset)} ${deviceText(file?.device ?? 0)} ${file?.inode ?? 0} `;
  const label = file?.name ?? name;
  return label === "" ? `${head}\n` : `${head.padEnd(73)}${label.replace(/\n/g, "\\012")}\n`;
}

function maps(member: Member, t: Task | null): string | number {
  if (!member.mayBeReadBy(t)) return -EACCES;
  return (member.task?.mm.mappings.list ?? []).map(mapLine).join("");
}

/** Strings, each with a NUL after it. */
function nulEnded(strings: readonly string[]): Uint8Array {
  return encodeString(strings.map((text) => `${text}\0`).join(""));
}

function cmdline(member: Member): Uint8Array {
  return nulEnded(member.process.zombie ? [] : member.process.argv);
}

function environ(member: Member, t: Task | null): Uint8Array | number {
  return member.mayBeReadBy(t) ? nulEnded(member.process.zombie ? [] : member.process.environ) : -EACCES;
}

/** A variable a line: what WALI's C start-up maps and reads (shared/abi). One that holds a newline would be read as two: it is left out. */
function environLines(member: Member): Uint8Array {
  const lines = member.process.environ.filter((variable) => !variable.includes("\n"));
  return encodeString(lines.map((variable) => `${variable}\n`).join(""));
}

/** Not in the listing, as Linux has no such file, and only for the process itself. */
const environLinesFile = file<Member>((member, t) => (t?.process === member.process ? environLines(member) : -EACCES), {
  mode: 0o400,
  size: (member) => environLines(member).length,
});

/** A process names its own tasks (man 5 proc_pid_comm). */
function setComm(member: Member, text: string, t: Task | null): number {
  if (member.task === null || (t !== null && t.process !== member.process)) return -EINVAL;
  member.task.comm = text.replace(/\n$/, "").slice(0, 15);
  return 0;
}

/** Share of the machine's memory, in thousandths. */
function oomScore(member: Member): string {
  return `${Math.round((sizesOf(member.task).total / member.kernel.options.memoryLimit) * 1000)}\n`;
}

// ---------------------------------------------------------------- links

/** A link to a path that the process has. */
function pathLink(find: (member: Member) => Path | null | undefined): LinkSpec<Member> {
  const jump = (member: Member, t: Task | null): Path | number => {
    if (!member.mayBeReadBy(t)) return -EACCES;
    return find(member) ?? -ENOENT;
  };
  return link((member, t) => {
    const path = jump(member, t);
    return typeof path === "number" ? path : pathName(path, t?.fs.root ?? member.kernel.vfs.root);
  }, jump);
}

// ---------------------------------------------------------------- directories

/** What a process and each of its tasks have. */
function common(): Record<string, Spec<Member>> {
  return {
    cmdline: file(cmdline),
    comm: file((member) => `${escaped(member.comm)}\n`, { write: setComm }),
    cwd: pathLink((member) => member.task?.fs.cwd),
    environ: file(environ, { mode: 0o400 }),
    exe: pathLink((member) => member.process.exe),
    fd: descriptorLinks(),
    fdinfo: descriptorTexts(),
    limits: file(limits),
    maps: file(maps),
    mountinfo: file(mountInfo),
    mounts: file(mounts),
    net: netDirectory,
    oom_score: file(oomScore),
    root: pathLink((member) => member.task?.fs.root),
    stat: file(stat),
    statm: file(statm),
    status: file(status),
    wchan: file(() => "0"),
  };
}

const taskDirectory = directory<Member>(common());

function taskChild(member: Member, task: Task): Child {
  const { process } = member;
  return {
    name: `${task.tid}`,
    offset: 2 + task.tid,
    inode: (fs) => makeInode(fs, new Member(process, task), taskDirectory),
  };
}

export const processDirectory = directory<Member>(
  {
    ...common(),
    task: directory<Member>(
      {},
      {
        find(member, name) {
          const task = member.process.tasks.find(({ tid }) => `${tid}` === name);
          return task === undefined ? null : taskChild(member, task);
        },
        list: (member) =>
          member.process.tasks.map((task) => taskChild(member, task)).sort((a, b) => a.offset - b.offset),
      },
    ),
  },
  {
    find: (member, name) =>
      name === "environ_lines" ? { name, offset: 2, inode: (fs) => makeInode(fs, member, environLinesFile) } : null,
  },
);

/** dev_t as /proc writes it: major:minor in hexadecimal. */
function deviceText(dev: number): string {
  const hex = (part: number) => part.toString(16).padStart(2, "0");
  return `${hex(majorOf(dev))}:${hex(minorOf(dev))}`;
}
