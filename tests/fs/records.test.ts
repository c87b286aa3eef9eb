/** What the hot half keeps of files in kernel memory: how long records live, who shares them, that they have an end. */
import { expect, test } from "vitest";
import { O_CREAT, O_DIRECTORY, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { FILE_COLD, PAGES_USED } from "../../kernel/hot/layout.ts";
import { TestMachine, type TestTask } from "./machine.ts";

const MNT_DETACH = 2;
const SETLK = 6;
const OUT = 65536;

/** Bytes of kernel memory in use, as far as pages tell. */
function pages(machine: TestMachine): number {
  return machine.kernel.kmem.u32[PAGES_USED >> 2];
}

function nlink(t: TestTask): number {
  return t.task.mm.u32(OUT + 16);
}

/** Makes a tree of some 600 entries of all kinds, through a working directory. */
function fill(t: TestTask, at: string): void {
  t.enter("mkdir", at, 0o755);
  for (let i = 0; i < 200; i++) {
    const fd = t.enter("open", `${at}/file${i}`, O_RDWR | O_CREAT, 0o644) as number;
    t.enter("write", fd, OUT, 5000);
    t.enter("close", fd);
    t.enter("link", `${at}/file${i}`, `${at}/another name of file ${i}, and a long one at that`);
    t.enter("symlink", `file${i}`, `${at}/link${i}`);
  }
  t.enter("mkdir", `${at}/a`, 0o755);
  t.enter("mkdir", `${at}/a/b`, 0o755);
}

test("a file system that is unmounted gives its memory back", () => {
  const machine = new TestMachine();
  const t = machine.spawn();
  t.enter("mkdir", "/m", 0o755);
  const round = () => {
    expect(t.enter("mount", "x", "/m", "tmpfs", 0, "")).toBe(0);
    fill(t, "/m/tree");
    expect(t.enter("umount2", "/m", 0)).toBe(0);
  };
  round();
  const before = { pages: pages(machine), inodes: machine.kernel.vfs.memoryInodes };
  for (let i = 0; i < 3; i++) round();
  expect({ pages: pages(machine), inodes: machine.kernel.vfs.memoryInodes }).toEqual(before);
});

test("one that is unmounted while it is used lives until the last user is gone", () => {
  const machine = new TestMachine();
  const t = machine.spawn();
  const other = machine.spawn();
  t.enter("mkdir", "/m", 0o755);
  const round = () => {
    t.enter("mount", "x", "/m", "tmpfs", 0, "");
    fill(t, "/m/tree");
    const fd = t.enter("open", "/m/tree/file7", O_RDWR, 0) as number;
    other.enter("chdir", "/m/tree");
    expect(t.enter("umount2", "/m", 0)).toBe("EBUSY");
    expect(t.enter("umount2", "/m", MNT_DETACH)).toBe(0);
    expect(t.enter("stat", "/m/tree", OUT)).toBe("ENOENT");
    expect(other.enter("stat", "file7", OUT)).toBe(0);
    expect(nlink(other)).toBe(2);
    expect(other.enter("stat", "../tree/a/b", OUT)).toBe(0);
    expect(other.enter("stat", "../../tree/a", OUT)).toBe(0);
    expect(other.enter("chdir", "/")).toBe(0);
    expect(t.enter("pread64", fd, OUT, 10, 4990)).toBe(10);
    expect(t.enter("close", fd)).toBe(0);
  };
  round();
  const before = { pages: pages(machine), inodes: machine.kernel.vfs.memoryInodes };
  for (let i = 0; i < 3; i++) round();
  expect({ pages: pages(machine), inodes: machine.kernel.vfs.memoryInodes }).toEqual(before);
});

test("a removed working directory, and those above it", () => {
  const machine = new TestMachine();
  const t = machine.spawn();
  const before = machine.kernel.vfs.memoryInodes;
  t.enter("mkdir", "/tmp/a", 0o755);
  t.enter("mkdir", "/tmp/a/b", 0o755);
  t.enter("chdir", "/tmp/a/b");
  t.enter("rmdir", "/tmp/a/b");
  t.enter("rmdir", "/tmp/a");
  expect(t.enter("stat", ".", OUT)).toBe(0);
  expect(nlink(t)).toBe(0);
  expect(t.enter("stat", "..", OUT)).toBe(0);
  expect(nlink(t)).toBe(0);
  expect(t.enter("stat", "../../tmp", OUT)).toBe("ENOENT");
  expect(t.enter("stat", "../..", OUT)).toBe(0);
  expect(t.enter("stat", "x", OUT)).toBe("ENOENT");
  expect(t.enter("open", "x", O_RDWR | O_CREAT, 0o644)).toBe("ENOENT");
  expect(t.enter("getcwd", OUT, 100)).toBe("ENOENT");
  expect(t.enter("chdir", "/")).toBe(0);
  expect(machine.kernel.vfs.memoryInodes).toBe(before);
});

test("ten thousand removed directories, one in the other, go without a deep recursion", () => {
  const machine = new TestMachine();
  const t = machine.spawn();
  const before = machine.kernel.vfs.memoryInodes;
  const holders: number[] = [];
  t.enter("chdir", "/tmp");
  for (let i = 0; i < 10000; i++) {
    t.enter("mkdir", "d", 0o755);
    t.enter("chdir", "d");
  }
  // From the inside to the outside, each kept by what is below it.
  const inner = t.enter("open", ".", O_RDONLY | O_DIRECTORY, 0) as number;
  holders.push(inner);
  for (let i = 0; i < 10000; i++) {
    t.enter("chdir", "..");
    expect(t.enter("rmdir", "d")).toBe(0);
  }
  expect(t.enter("fstat", inner, OUT)).toBe(0);
  expect(t.enter("close", inner)).toBe(0);
  expect(machine.kernel.vfs.memoryInodes).toBe(before);
});

test("descriptions that the hot half made are found by locks, and by the cold half when it needs them", () => {
  const machine = new TestMachine();
  const [t, other] = [machine.spawn(), machine.spawn()];
  const { kmem, hot } = machine.kernel;
  t.enter("close", t.enter("open", "/tmp/file", O_RDWR | O_CREAT, 0o644) as number);
  const first = t.enter("open", "/tmp/file", O_RDWR, 0) as number;
  const second = t.enter("open", "/tmp/file", O_RDWR, 0) as number;
  expect(kmem.i32[(hot.fd_get(t.task.files, first) + FILE_COLD) >> 2]).toBe(-1);
  const lock = new Uint8Array(32);
  lock[0] = 1; // F_WRLCK of all bytes
  expect(t.enter("fcntl", first, SETLK, lock)).toBe(0);
  const others = other.enter("open", "/tmp/file", O_RDWR, 0) as number;
  expect(other.enter("fcntl", others, SETLK, lock)).toBe("EAGAIN");
  // The first close of any descriptor of the file ends the process's locks.
  expect(t.enter("close", second)).toBe(0);
  expect(other.enter("fcntl", others, SETLK, lock)).toBe(0);
  expect(t.enter("readlink", "/proc/self/fd/0", OUT, 100)).toBe("/tmp/file".length);
  machine.end(t);
  machine.end(other);
  expect(machine.usage.files).toBe(0);
});

test("a description keeps a file that has no name any more, its pages and all", () => {
  const machine = new TestMachine();
  const t = machine.spawn();
  const round = () => {
    t.enter("close", t.enter("open", "/tmp/file", O_RDWR | O_CREAT, 0o644) as number);
    const fd = t.enter("open", "/tmp/file", O_RDWR, 0) as number;
    t.enter("unlink", "/tmp/file");
    expect(t.enter("write", fd, OUT, 50000)).toBe(50000);
    expect(t.enter("fstat", fd, OUT)).toBe(0);
    expect(nlink(t)).toBe(0);
    expect(t.enter("ftruncate", fd, 40000)).toBe(0);
    expect(t.enter("close", fd)).toBe(0);
  };
  round();
  const before = { pages: pages(machine), inodes: machine.kernel.vfs.memoryInodes };
  for (let i = 0; i < 20; i++) round();
  expect({ pages: pages(machine), inodes: machine.kernel.vfs.memoryInodes }).toEqual(before);
});

test("names that are asked for and not there take no memory", () => {
  const machine = new TestMachine();
  const t = machine.spawn();
  t.enter("stat", "/tmp/absent", OUT);
  const before = pages(machine);
  for (let i = 0; i < 100000; i++) t.enter("stat", `/tmp/absent${i}`, OUT);
  expect(pages(machine)).toBe(before);
});

test("files without number end with ENOSPC, and leave room for everything else", () => {
  const machine = new TestMachine(8 << 20);
  const t = machine.spawn();
  t.enter("chdir", "/tmp");
  let made = 0;
  for (let result = 0; result === 0; made++) {
    result =
      t.enter("mknod", `a name that is long enough to need memory of its own ${made}`, 0o100644, 0) === 0 ? 0 : 1;
  }
  expect(t.enter("mkdir", "d", 0o755)).toBe("ENOSPC");
  expect(t.enter("symlink", "x", "l")).toBe("ENOSPC");
  expect(t.enter("open", "new", O_WRONLY | O_CREAT, 0o644)).toBe("ENOSPC");
  const long = (i: number) => `a name that is long enough to need memory of its own ${i}`;
  expect(t.enter("rename", long(0), `${long(0)} and more`)).toBe("ENOSPC");
  expect(t.enter("rename", long(0), "short")).toBe(0);
  expect(t.enter("open", long(5), O_RDONLY, 0)).toBe(0);
  const other = machine.spawn();
  expect(other.enter("stat", `/tmp/${long(9)}`, OUT)).toBe(0);
  for (let i = 1; i < 100; i++) expect(t.enter("unlink", long(i))).toBe(0);
  expect(t.enter("mkdir", "d", 0o755)).toBe(0);
  for (let i = 100; i < made - 1; i++) expect(t.enter("unlink", long(i))).toBe(0);
  // All that is free can be had for files again: half of it in one.
  const fd = t.enter("open", "large", O_RDWR | O_CREAT, 0o644) as number;
  for (let i = 0; i < 64; i++) expect(t.enter("pwrite64", fd, 0, 65536, i * 65536)).toBe(65536);
  expect(machine.kernel.log.lines.filter((line) => line.includes("BUG"))).toEqual([]);
});

test("a directory that is read in pieces while entries come and go", () => {
  const machine = new TestMachine();
  const t = machine.spawn();
  t.enter("mkdir", "/tmp/d", 0o755);
  for (let i = 0; i < 100; i++) t.enter("mknod", `/tmp/d/${i}`, 0o100644, 0);
  const fd = t.enter("open", "/tmp/d", O_RDONLY | O_DIRECTORY, 0) as number;
  const seen: string[] = [];
  for (let round = 0; ; round++) {
    const got = t.enter("getdents64", fd, OUT, 200) as number;
    if (got === 0) break;
    for (let at = OUT; at < OUT + got; at += t.task.mm.u8[at + 16]) {
      seen.push(t.get(at + 19, 20).replace(/\0.*$/s, ""));
    }
    // One that was seen, one that was not; the last entry of all, and the next one.
    t.enter("unlink", `/tmp/d/${round}`);
    t.enter("unlink", `/tmp/d/${99 - round}`);
    if (round < 5) t.enter("mknod", `/tmp/d/new${round}`, 0o100644, 0);
  }
  const numbers = seen.filter((name) => /^\d+$/.test(name)).map(Number);
  expect(seen.slice(0, 2)).toEqual([".", ".."]);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(numbers.length).toBeGreaterThan(70);
  expect(seen.filter((name) => name.startsWith("new"))).toEqual(["new0", "new1", "new2", "new3", "new4"]);
});
