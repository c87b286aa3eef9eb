/** Random calls with random arguments: none may throw, take long, or leave the tree in disorder. */
import { expect, test } from "vitest";
import type { ArgTypeName } from "../../kernel/abi/argtypes.ts";
import { S_IFDIR, S_IFMT } from "../../kernel/abi/stat.ts";
import { syscallByName } from "../../kernel/abi/syscalls.ts";
import { fsCalls } from "../../kernel/fs/calls.ts";
import type { Dentry } from "../../kernel/fs/dentry.ts";
import type { Inode } from "../../kernel/fs/inode.ts";
import { TestMachine } from "./machine.ts";

/** Calls on which a test can not wait, or which would cut off the branch it sits on. */
const LEFT_OUT = new Set(["chroot"]);
const NAMES = Object.keys(fsCalls).filter((name) => !LEFT_OUT.has(name));
const CALLS = Number(process.env.RING3_FUZZ ?? 30000);
const LONGEST_MS = 500;

/** A small generator of our own, so that a failure can be repeated (Marsaglia's xorshift32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const COMPONENTS = ["a", "b", "c", "d", "link", "loop", "fifo", "..", ".", "", "x".repeat(255), "y".repeat(256), "ä"];
const PLACES = ["", "/", "/tmp/", "/mnt/", "/proc/self/", "/proc/self/fd/", "/dev/", "/tmp/a/", "/tmp/a/b/"];

test.each([1, 20261122])("seed %i", { timeout: 60_000 }, (seed) => {
  const random = generator(seed);
  const machine = new TestMachine();
  machine.files.mkdir("/mnt");
  const tasks = [machine.spawn(), machine.spawn(), machine.spawn()];
  tasks[2].setIds(1000);
  machine.files.chmod("/tmp", 0o1777);
  for (const t of tasks) t.call("chdir", "/tmp");
  machine.files.symlink("loop", "/tmp/loop");

  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const path = () => {
    let text = pick(PLACES);
    for (let i = random(3); i >= 0; i--) text += pick(COMPONENTS) + (random(4) ? "/" : "");
    return random(3) ? text.replace(/\/$/, "") : text;
  };
  const number = () =>
    pick([
      0,
      1,
      2,
      3,
      random(12),
      random(12),
      random(5000),
      -1,
      -100,
      1 << random(31),
      random(0x10000),
      0x10000 + random(0xe0000),
      0xffffff00,
      2 ** 40 + random(1000),
      2 ** 63,
      -(2 ** 62),
      (1 << random(26)) | (1 << random(26)) | random(4),
    ]);
  /** Mostly what the call expects, so that it gets past its first check. */
  const argument = (type: ArgTypeName) => {
    const kind = random(10);
    if (kind === 0) return Uint8Array.from({ length: 64 }, () => (random(3) ? 0 : random(256)));
    if (type === "path" || type === "str") return kind < 9 ? path() : number();
    if (type === "fd" || type === "dirfd") return kind < 8 ? random(10) : kind === 8 ? -100 : number();
    return kind < 5 ? pick([0, 0, 1, 2, 4096, 65536]) : number();
  };

  const taken: string[] = [];
  for (let i = 0; i < CALLS; i++) {
    const t = pick(tasks);
    const name = pick(NAMES);
    const args = syscallByName(name)!.args.map(({ type }) => argument(type));
    const before = performance.now();
    try {
      if (t.call(name, ...args) === "waits") t.again(true);
    } catch (error) {
      throw new Error(`call ${i} of seed ${seed}: ${name}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`, {
        cause: error,
      });
    }
    const ms = performance.now() - before;
    if (ms > LONGEST_MS) taken.push(`${name}(${args.map((arg) => JSON.stringify(arg)).join(", ")}): ${ms} ms`);
    if (random(50) === 0) machine.sleep(random(100));
    // Descriptors are used up quickly, and standard input is handy.
    if (random(100) === 0) t.call("close_range", 3 + random(20), 0x7fffffff, 0);
  }
  expect(taken).toEqual([]);

  for (const mount of machine.kernel.vfs.mounts) {
    if (mount.sb.type !== "proc" && mount.root === mount.sb.root) checkTree(mount.root);
  }
  for (const t of tasks) machine.end(t);
  expect(machine.usage.files).toBe(0);
  expect(machine.kernel.vfs.opening.size).toBe(0);
  expect(machine.kernel.vfs.lockWaiters.size).toBe(0);
  expect(machine.kernel.log.lines.filter((line) => line.includes("BUG"))).toEqual([]);
});

/** Link counts are what the names say, and nobody uses what is gone. */
function checkTree(root: Dentry): void {
  const names = new Map<Inode, number>();
  const visit = (dir: Dentry) => {
    let directories = 0;
    let entries = 0;
    for (const entry of dir.entries()) {
      entries++;
      expect(dir.find(entry.name)).toBe(entry);
      expect(entry.parent).toBe(dir);
      expect(entry.unhashed).toBe(false);
      names.set(entry.inode, (names.get(entry.inode) ?? 0) + 1);
      if ((entry.inode.mode & S_IFMT) !== S_IFDIR) continue;
      directories++;
      visit(entry);
    }
    expect(dir.inode.nlink).toBe(2 + directories);
    expect(dir.inode.size).toBe(20 * (2 + entries));
  };
  visit(root);
  for (const [inode, count] of names) if (!inode.isDirectory) expect(inode.nlink).toBe(count);
}
