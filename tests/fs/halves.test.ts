/**
 * The two halves agree: the same random calls on two machines, one of which is asked as guests ask it (the hot half, and the cold half where that
 * passes a call on), the other by the cold half's handlers alone. Results and what they write must be the same, call by call.
 */
import { expect, test } from "vitest";
import { AT_EMPTY_PATH, AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW } from "../../kernel/abi/fcntl.ts";
import { MNT_RELATIME } from "../../kernel/fs/mount.ts";
import { type Result, TestMachine, type TestTask } from "./machine.ts";

const CALLS = Number(process.env.RING3_FUZZ ?? 20000);
const MS_BIND = 0x1000;
const MS_REMOUNT = 0x20;
const MNT_DETACH = 2;
/** Where calls write to, and how much of it is compared. */
const OUT = 65536;
const OUT_BYTES = 1024;

/** Marsaglia's xorshift32. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const DIRECTORIES: readonly (readonly [name: string, mode: number])[] = [
  ["/tmp", 0o1777],
  ["/tmp/a", 0o777],
  ["/tmp/a/b", 0o777],
  ["/tmp/c", 0o750],
];
const FILES = ["/tmp/b", "/tmp/a/a", "/tmp/a/b/d", "/tmp/c/a"];
const LINKS: readonly (readonly [name: string, text: string])[] = [
  ["/tmp/link", "a/b"],
  ["/tmp/loop", "loop"],
  ["/tmp/a/link", "../b"],
];
const KNOWN = [...DIRECTORIES.map(([name]) => name), ...FILES, ...LINKS.map(([name]) => name)].flatMap((name) => [
  name,
  name.replace("/tmp/", ""),
]);

type Args = (number | string | Uint8Array)[];

/** Those that come often stand here often. */
const NAMES = [..."aaabbbccd", "link", "link", "ä", "n".repeat(100), "..", ".", "", "loop"];
const LONG_NAMES = ["x".repeat(255), "y".repeat(256)];
/** The links of /proc lead back into the tree; /proc itself has numbers of its own in each machine. */
const PLACES = [
  "",
  "",
  "/",
  "/tmp/",
  "/tmp/a/",
  "/tmp/a/b/",
  "a/",
  "/mnt/",
  "/dev/",
  "link/",
  "../",
  "/proc/self/cwd/./",
];
/** Flags of open: access modes first, then any of the others. */
const OPEN_FLAGS = [0o100, 0o200, 0o1000, 0o2000, 0o200000, 0o400000, 0o1000000, 0o2000000, 0o10000000, 0o20000000];

test.each([3, 20261123, 77])("seed %i", { timeout: 120_000 }, (seed) => {
  const random = generator(seed);
  const machines = [new TestMachine(), new TestMachine()];
  const tasks = machines.map((machine) => {
    machine.files.mkdir("/mnt");
    const list = [machine.spawn(), machine.spawn(), machine.spawn(), machine.spawn()];
    list[1].setIds(1000);
    list[2].setIds(1001, 1000);
    list[2].task.process.groups = [5, 7];
    return list;
  });
  const ownMounts = machines.map(({ kernel }) => new Set(kernel.vfs.mounts));
  /** So that calls find something: a tree, and tasks that stand in it. The last task is confined to a part of it. */
  const tidy = () => {
    for (const [i, machine] of machines.entries()) {
      const { files, kernel } = machine;
      for (const t of tasks[i]) {
        t.call("close_range", 0, 0x7fffffff, 0);
        t.task.fs.root = t.task.fs.cwd = kernel.vfs.root;
      }
      for (const mount of kernel.vfs.mounts) {
        if (!ownMounts[i].has(mount) && !mount.detached) kernel.vfs.detachMount(mount);
        else mount.flags = MNT_RELATIME;
      }
      files.chmod("/", 0o755);
      files.rm("/tmp", true, true);
      for (const [name, mode] of DIRECTORIES) {
        files.mkdir(name);
        files.chmod(name, mode);
      }
      for (const name of FILES) files.writeFile(name, new Uint8Array(700).fill(65), 0o666);
      for (const [name, text] of LINKS) files.symlink(text, name);
      for (const t of tasks[i]) t.task.fs.cwd = machine.path("/tmp");
      tasks[i][3].task.fs.root = machine.path("/tmp");
    }
  };
  tidy();

  /** The task whose turn it is. */
  let which = 0;
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const path = (): string => {
    if (random(3) === 0) return pick(KNOWN);
    let text = pick(PLACES);
    for (let i = pick([0, 0, 0, 1, 1, 2]); i >= 0; i--)
      text += pick(random(40) ? NAMES : LONG_NAMES) + (random(5) ? "/" : "//");
    return random(4) ? text.replace(/\/+$/, "") : text;
  };
  /** Mostly one that is open. */
  const fd = (): number => {
    const { kernel, files } = tasks[0][which].task;
    const open = [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => kernel.hot.fd_get(files, n) !== 0);
    return open.length > 0 && random(6) ? pick(open) : random(12);
  };
  const dirfd = () => (random(3) ? AT_FDCWD : random(5) ? fd() : -1);
  const mode = () => pick([0o777, 0o777, 0o755, 0o700, 0o666, 0o600, 0o711, 0o070, 0o000, 0o4777, 0o2775, 0o1777]);
  const id = () => pick([0, 1000, 1001, 5, 0xffffffff]);
  const out = () => (random(40) ? OUT : pick([0, (1 << 20) - 8, 1 << 20, 0xfffffff0]));
  const openFlags = () => {
    let flags = pick([0, 0, 0, 1, 2, 2, 3]) | pick([0, 0o100]);
    for (let i = pick([0, 0, 1, 2]); i > 0; i--) flags |= pick(OPEN_FLAGS);
    return flags;
  };
  const atFlags = () =>
    random(3) ? 0 : pick([AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, 8]);
  const name = () =>
    random(60) ? path() : pick<string | number>([0, 1 << 20, 0xfffffff0, "", "z".repeat(4095), "/".repeat(4096)]);
  const place = () => (random(3) ? pick(DIRECTORIES)[0] : name());
  const known = () => (random(3) ? pick(KNOWN) : name());
  const long = (...numbers: number[]) => new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer);

  /** Calls by how often they are made. */
  const calls: readonly (readonly [weight: number, name: string, args: () => Args])[] = [
    [10, "stat", () => [name(), out()]],
    [6, "lstat", () => [name(), out()]],
    [6, "fstat", () => [fd(), out()]],
    [6, "newfstatat", () => [dirfd(), name(), out(), atFlags()]],
    [4, "statx", () => [dirfd(), name(), atFlags(), pick([0xfff, 0x7ff, 0]), out()]],
    [4, "access", () => [name(), random(8)]],
    [3, "faccessat2", () => [dirfd(), name(), random(8), pick([0, 0x200, 0x300, 0x1000])]],
    [4, "readlink", () => [name(), out(), pick([0, 1, 100, 4096])]],
    [2, "readlinkat", () => [dirfd(), name(), out(), 200]],
    [10, "open", () => [name(), openFlags(), mode()]],
    [6, "openat", () => [dirfd(), name(), openFlags(), mode()]],
    [3, "close", () => [fd()]],
    [5, "getdents64", () => [fd(), out(), pick([0, 20, 24, 60, 200, 1000])]],
    [1, "getdents", () => [fd(), out(), pick([20, 60, 200, 1000])]],
    [3, "lseek", () => [fd(), pick([0, 0, 2, 3, 100, -1]), random(3)]],
    [4, "read", () => [fd(), out(), random(600)]],
    [3, "pread64", () => [fd(), out(), random(600), random(5000)]],
    [8, "write", () => [fd(), OUT, random(600)]],
    [2, "pwrite64", () => [fd(), OUT, random(600), random(9000)]],
    [2, "ftruncate", () => [fd(), random(6000)]],
    [1, "truncate", () => [name(), random(6000)]],
    [6, "mkdir", () => [name(), mode()]],
    [2, "rmdir", () => [place()]],
    [4, "unlink", () => [known()]],
    [2, "unlinkat", () => [dirfd(), name(), pick([0, AT_REMOVEDIR])]],
    [4, "rename", () => [known(), name()]],
    [2, "renameat2", () => [dirfd(), known(), dirfd(), known(), random(4)]],
    [3, "link", () => [known(), name()]],
    [1, "linkat", () => [dirfd(), known(), dirfd(), name(), pick([0, 0x400, AT_EMPTY_PATH])]],
    [4, "symlink", () => [path() || "x", name()]],
    [3, "chmod", () => [name(), mode()]],
    [1, "fchmod", () => [fd(), mode()]],
    [2, "chown", () => [name(), id(), id()]],
    [1, "lchown", () => [name(), id(), id()]],
    [2, "utimensat", () => [dirfd(), name(), long(random(1 << 30), 5, random(1 << 30), 7), 0]],
    [3, "chdir", () => [name()]],
    [2, "fchdir", () => [fd()]],
    [1, "chroot", () => [pick(["/", "/tmp", "/tmp/a", "/tmp/a/b", "."])]],
    [1, "umask", () => [pick([0, 0o22, 0o77])]],
    [2, "fcntl", () => [fd(), 0, random(8)]],
    [1, "getcwd", () => [out(), 600]],
    [1, "mount", () => ["tmpfs", place(), "tmpfs", pick([0, 0, 1, 0x400]), ""]],
    [1, "mount", () => [pick(KNOWN), place(), "none", MS_BIND, 0]],
    [1, "mount", () => ["none", place(), "none", MS_REMOUNT | pick([0, 1, 8, 0x400]), 0]],
    [1, "umount2", () => [place(), pick([0, MNT_DETACH])]],
    [1, "setfsuid", () => [pick([0, 1000, 1001])]],
    [1, "fcntl", () => [fd(), pick([3, 4, 6]), 0]],
  ];
  const total = calls.reduce((sum, [weight]) => sum + weight, 0);
  const pickCall = () => {
    let at = random(total);
    return calls.find(([weight]) => (at -= weight) < 0)!;
  };

  const output = (t: TestTask) => t.task.mm.u8.subarray(OUT, OUT + OUT_BYTES);
  /** Where two outputs differ, "" if nowhere. */
  const difference = (hot: TestTask, cold: TestTask): string => {
    const [a, b] = [output(hot), output(cold)];
    const at = a.findIndex((byte, i) => byte !== b[i]);
    return at < 0 ? "" : `, and byte ${at} of the output is ${a[at]} where it writes ${b[at]}`;
  };
  const history: string[] = [];
  for (let i = 0; i < CALLS; i++) {
    which = pick([0, 0, 1, 2, 3]);
    const [, syscall, make] = pickCall();
    const args = make();
    if (syscall === "setfsuid" && which !== 0) continue;
    const [hot, cold] = tasks.map((list) => list[which]);
    output(hot).fill(random(256));
    output(cold).set(output(hot));
    const got: Result = hot.enter(syscall, ...args);
    const wanted: Result = cold.call(syscall, ...args);
    history.push(`${which}: ${syscall}(${args.map((arg) => JSON.stringify(arg)).join(", ")}) = ${got}`);
    if (history.length > 30) history.shift();
    const differs = difference(hot, cold);
    if (got !== wanted || differs) {
      expect.fail(`call ${i} of seed ${seed}: the cold half gives ${wanted}${differs}\n${history.join("\n")}`);
    }
    if (random(50) === 0) {
      const ms = pick([1, 3, 1000, 90_000_000]);
      for (const machine of machines) machine.sleep(ms);
    }
    if (random(150) === 0) tidy();
  }
  for (const [i, machine] of machines.entries()) {
    for (const t of tasks[i]) machine.end(t);
    expect(machine.usage.files).toBe(0);
    expect(machine.kernel.log.lines.filter((line) => line.includes("BUG"))).toEqual([]);
  }
  expect(machines[0].usage).toEqual(machines[1].usage);
});
