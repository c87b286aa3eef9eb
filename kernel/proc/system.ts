/** The files of /proc that are about the machine as a whole (man 5 proc). All figures are real; what the kernel does not count is left out. */

import { USER_HZ } from "../abi/time.ts";
import { lockLines } from "../fs/locks.ts";
import { PAGE_SIZE, PAGES_USED, STATE_RUNNING, STATE_VFORK } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import { RELEASE, VERSION } from "../misc.ts";
import type { Machine } from "./subjects.ts";

/** CPU time of all processes since boot, in ms. What a process used goes to its parent when it is waited for, so nothing is lost. */
function cpuTimes(kernel: Kernel): { user: number; system: number; idle: number } {
  kernel.accountTime();
  let user = 0;
  let system = 0;
  for (const process of kernel.processes.values()) {
    user += process.times.user + process.childTimes.user;
    system += process.times.system + process.childTimes.system;
    for (const task of process.tasks) {
      user += task.userTime;
      system += task.systemTime;
    }
  }
  return { user, system, idle: Math.max(0, kernel.clock.monotonic() - user - system) };
}

function countTasks(kernel: Kernel, state: number): number {
  return kernel.tasks.filter((task) => task !== null && task.state === state).length;
}

export function uptime({ kernel }: Machine): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(2);
  return `${seconds(kernel.clock.monotonic())} ${seconds(cpuTimes(kernel).idle)}\n`;
}

export function loadavg({ kernel }: Machine): string {
  const loads = kernel.loadAverages().map((load) => load.toFixed(2));
  const tasks = kernel.tasks.filter((task) => task !== null).length;
  const last = Math.max(0, ...kernel.tasksByTid.keys());
  return `${loads.join(" ")} ${countTasks(kernel, STATE_RUNNING)}/${tasks} ${last}\n`;
}

export function stat({ kernel }: Machine): string {
  const { user, system, idle } = cpuTimes(kernel);
  const ticks = (ms: number) => Math.floor((ms * USER_HZ) / 1000);
  const line = `${ticks(user)} 0 ${ticks(system)} ${ticks(idle)} 0 0 0 0 0 0`;
  const bootTime = Math.floor((kernel.clock.realtime() - kernel.clock.monotonic()) / 1000);
  const lines = [
    `cpu  ${line}`,
    `cpu0 ${line}`,
    `btime ${bootTime}`,
    `processes ${kernel.forks}`,
    `procs_running ${Math.max(1, countTasks(kernel, STATE_RUNNING))}`,
    `procs_blocked ${countTasks(kernel, STATE_VFORK)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Memory: guests' up to the machine's limit, as in sysinfo(2). Cached is the kernel's own, which holds files and pipes. */
export function meminfo({ kernel }: Machine): string {
  const kernelUsed = kernel.kmem.u32[PAGES_USED >> 2] * PAGE_SIZE;
  const guests = kernel.memoryMapped();
  const total = kernel.options.memoryLimit;
  const free = Math.max(0, total - guests);
  const rows: readonly (readonly [name: string, bytes: number])[] = [
    ["MemTotal", total],
    ["MemFree", free],
    ["MemAvailable", free],
    ["Buffers", 0],
    ["Cached", kernelUsed],
    ["SwapCached", 0],
    ["Active", guests],
    ["Inactive", kernelUsed],
    ["SwapTotal", 0],
    ["SwapFree", 0],
    ["Dirty", 0],
    ["Writeback", 0],
    ["AnonPages", guests],
    ["Mapped", 0],
    ["Shmem", kernelUsed],
    ["SReclaimable", 0],
  ];
  return rows
    .map(([name, bytes]) => `${`${name}:`.padEnd(16)}${`${Math.floor(bytes / 1024)}`.padStart(8)} kB\n`)
    .join("");
}

export function cpuinfo(): string {
  const rows = [
    ["processor", "0"],
    ["vendor_id", "ring3"],
    ["model name", "WebAssembly"],
    ["cpu cores", "1"],
    ["flags", "wasm32 atomics bulk-memory"],
  ];
  return `${rows.map(([name, value]) => `${name.padEnd(Math.max(name.length, 8))}\t: ${value}\n`).join("")}\n`;
}

export function version(): string {
  return `Linux version ${RELEASE} (ring3) ${VERSION}\n`;
}

export function filesystems({ kernel }: Machine): string {
  const names = new Set([...kernel.vfs.fileSystems.keys(), "proc", "devtmpfs", "devpts", "pipefs", "9p"]);
  return [...names].map((name) => `nodev\t${name}\n`).join("");
}

const CHARACTER_DEVICES: readonly (readonly [major: number, name: string])[] = [
  [1, "mem"],
  [5, "/dev/tty"],
  [5, "/dev/console"],
  [5, "/dev/ptmx"],
  [136, "pts"],
  [229, "hvc"],
];

export function devices(): string {
  const lines = CHARACTER_DEVICES.map(([major, name]) => `${`${major}`.padStart(3)} ${name}\n`);
  return `Character devices:\n${lines.join("")}\nBlock devices:\n`;
}

export function swaps(): string {
  return "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
}

export function locks({ kernel }: Machine): string {
  const inodes = new Set([...kernel.vfs.files].flatMap((file) => (file.inode.locks ? [file.inode] : [])));
  const lines = [...inodes].flatMap((inode) => lockLines(inode));
  return lines.map((line, i) => `${i + 1}: ${line}\n`).join("");
}
