/** File calls one by one, where the differential tests can not go: what they leave behind, waits that end, mounts, odd memory. */
import { describe, expect, test } from "vitest";
import { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { TestMachine } from "./machine.ts";

const O_NONBLOCK = 0o4000;
const O_TMPFILE = 0o20200000;
const SETLK = 6;
const SETLKW = 7;
const WRLCK = 1;
const UNLCK = 2;

function flock(type: number, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, type, true);
  view.setBigInt64(8, BigInt(start), true);
  view.setBigInt64(16, BigInt(length), true);
  return bytes;
}

describe("nothing is left behind", () => {
  test("files, their pages and descriptions go with name and descriptor", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    const fill = () => {
      const fd = t.call("open", "/tmp/file", O_RDWR | O_CREAT, 0o644) as number;
      for (let i = 0; i < 20; i++) t.call("pwrite64", fd, 8192, 4096, i * 4096);
      t.call("unlink", "/tmp/file");
      return fd;
    };
    fill();
    t.call("close", 0);
    const before = machine.usage;
    for (let i = 0; i < 50; i++) expect(t.call("close", fill())).toBe(0);
    expect(machine.usage).toEqual(before);
  });

  test("a file that replaces another, memfds, O_TMPFILE, pipes, FIFOs", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    const round = () => {
      const made = ["/tmp/a", "/tmp/b"].map((path) => t.call("open", path, O_RDWR | O_CREAT, 0o644) as number);
      for (const fd of made) t.call("write", fd, 8192, 5000);
      t.call("rename", "/tmp/a", "/tmp/b");
      t.call("unlink", "/tmp/b");
      made.push(t.call("memfd_create", "name", 0) as number);
      made.push(t.call("open", "/tmp", O_RDWR | O_TMPFILE, 0o600) as number);
      for (const fd of made.slice(2)) t.call("write", fd, 8192, 5000);
      t.call("pipe2", 512, 0);
      made.push(t.task.mm.u32(512), t.task.mm.u32(516));
      t.call("mkfifo", "/tmp/fifo");
      t.call("mknod", "/tmp/fifo", 0o10600, 0);
      made.push(t.call("open", "/tmp/fifo", O_RDWR, 0) as number);
      t.call("write", made.at(-1)!, 8192, 100);
      t.call("unlink", "/tmp/fifo");
      for (const fd of made) t.call("close", fd);
    };
    // calls without a handler are no calls
    const real = t.call.bind(t);
    t.call = (name, ...args) => (name === "mkfifo" ? 0 : real(name, ...args));
    round();
    const before = machine.usage;
    for (let i = 0; i < 20; i++) round();
    expect(machine.usage).toEqual(before);
  });

  test("a process that ends lets go of files and locks", () => {
    const machine = new TestMachine();
    const survivor = machine.spawn();
    const fd = survivor.call("open", "/tmp/file", O_RDWR | O_CREAT, 0o644);
    const before = machine.usage;
    const t = machine.spawn();
    for (let i = 0; i < 10; i++) t.call("open", "/tmp/file", O_RDWR, 0);
    expect(t.call("fcntl", 0, SETLK, flock(WRLCK, 0, 10))).toBe(0);
    expect(t.call("flock", 1, 2)).toBe(0);
    expect(survivor.call("fcntl", fd as number, SETLK, flock(WRLCK, 0, 1))).toBe("EAGAIN");
    machine.end(t);
    expect(survivor.call("fcntl", fd as number, SETLK, flock(WRLCK, 0, 1))).toBe(0);
    expect(survivor.call("flock", fd as number, 2 | 4)).toBe(0);
    expect(machine.usage.files).toBe(before.files);
  });
});

describe("waits", () => {
  test("a FIFO's reader that is interrupted, or whose process is killed, is no reader any more", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    machine.files.mknod("/tmp/fifo", 0o10666);
    const before = machine.usage;
    expect(t.call("open", "/tmp/fifo", O_RDONLY, 0)).toBe("waits");
    const writer = machine.spawn();
    expect(t.again()).toBe("waits");
    expect(t.again(true)).toBe("ERESTARTSYS");
    expect(writer.call("open", "/tmp/fifo", O_WRONLY | O_NONBLOCK, 0)).toBe("ENXIO");
    expect(t.call("open", "/tmp/fifo", O_RDONLY, 0)).toBe("waits");
    machine.end(t);
    expect(writer.call("open", "/tmp/fifo", O_WRONLY | O_NONBLOCK, 0)).toBe("ENXIO");
    expect(machine.usage.files).toBe(before.files);
  });

  test("a writer that came and went lets the reader in", () => {
    const machine = new TestMachine();
    const [reader, writer] = [machine.spawn(), machine.spawn()];
    machine.files.mknod("/tmp/fifo", 0o10666);
    expect(reader.call("open", "/tmp/fifo", O_RDONLY, 0)).toBe("waits");
    expect(writer.call("open", "/tmp/fifo", O_WRONLY | O_NONBLOCK, 0)).toBe(0);
    writer.call("close", 0);
    expect(reader.again()).toBe(0);
  });

  test("a record lock that is waited for, and a circle", () => {
    const machine = new TestMachine();
    const [a, b] = [machine.spawn(), machine.spawn()];
    for (const t of [a, b]) t.call("open", "/tmp/file", O_RDWR | O_CREAT, 0o644);
    a.call("fcntl", 0, SETLK, flock(WRLCK, 0, 1));
    b.call("fcntl", 0, SETLK, flock(WRLCK, 1, 1));
    expect(a.call("fcntl", 0, SETLKW, flock(WRLCK, 1, 1))).toBe("waits");
    expect(b.call("fcntl", 0, SETLKW, flock(WRLCK, 0, 1))).toBe("EDEADLK");
    b.call("fcntl", 0, SETLK, flock(UNLCK, 1, 1));
    expect(a.again()).toBe(0);
    expect(b.call("fcntl", 0, SETLKW, flock(WRLCK, 0, 1))).toBe("waits");
    expect(b.again(true)).toBe("ERESTARTSYS");
    // Who gave up waiting is in no circle.
    expect(a.call("fcntl", 0, SETLK, flock(UNLCK, 0, 2))).toBe(0);
    expect(machine.kernel.vfs.lockWaiters.size).toBe(0);
  });
});

describe("mounts", () => {
  test("tmpfs on a directory hides it; umount brings it back", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    machine.files.writeFile("/tmp/below", new Uint8Array(3));
    expect(t.call("mount", "some", "/tmp", "tmpfs", 0, "mode=700")).toBe(0);
    expect(t.call("access", "/tmp/below", 0)).toBe("ENOENT");
    expect(machine.files.stat("/tmp").mode).toBe(0o700);
    machine.files.writeFile("/tmp/above", new Uint8Array(3));
    expect(t.slurp("/proc/self/mounts")).toContain("some /tmp tmpfs rw,relatime 0 0\n");
    expect(t.call("rename", "/tmp/above", "/above")).toBe("EXDEV");
    expect(t.call("link", "/tmp/above", "/above")).toBe("EXDEV");
    expect(t.call("rmdir", "/tmp")).toBe("EBUSY");
    expect(t.call("chdir", "/tmp")).toBe(0);
    expect(t.call("umount2", "/tmp", 0)).toBe("EBUSY");
    expect(t.call("chdir", "..")).toBe(0);
    expect(t.call("getcwd", 512, 100)).toBe(2);
    expect(t.call("umount2", "/tmp", 0)).toBe(0);
    expect(t.call("umount2", "/tmp", 0)).toBe("EINVAL");
    expect(t.call("access", "/tmp/below", 0)).toBe(0);
  });

  test("bind shows a part of the tree twice; remount makes it read-only there alone", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    machine.files.mkdir("/data/deep", 0o755, true);
    machine.files.mkdir("/again");
    expect(t.call("mount", "/data", "/again", "", 0x1000, 0)).toBe(0);
    machine.files.writeFile("/again/deep/file", new Uint8Array(1));
    expect(machine.files.stat("/data/deep/file").ino).toBe(machine.files.stat("/again/deep/file").ino);
    expect(t.call("mount", "", "/again", "", 0x1000 | 0x20 | 1, 0)).toBe(0);
    const refused = ["EROFS", "EROFS", "EROFS", "EROFS", "EROFS", "EROFS", "EROFS"];
    expect([
      t.call("open", "/again/new", O_WRONLY | O_CREAT, 0o644),
      t.call("open", "/again/deep/file", O_WRONLY, 0),
      t.call("mkdir", "/again/d", 0o755),
      t.call("unlink", "/again/deep/file"),
      t.call("chmod", "/again/deep/file", 0o600),
      t.call("truncate", "/again/deep/file", 0),
      t.call("access", "/again/deep/file", 2),
    ]).toEqual(refused);
    expect(t.call("mkdir", "/again/deep", 0o755)).toBe("EEXIST");
    expect(t.call("open", "/data/deep/file", O_WRONLY, 0)).toBe(0);
    expect(t.slurp("/proc/self/mountinfo")).toMatch(/ \/data \/again ro,relatime - tmpfs root rw\n/);
  });

  test("only root mounts; unknown kinds and missing places", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    expect(t.call("mount", "x", "/tmp", "ext4", 0, "")).toBe("ENODEV");
    expect(t.call("mount", "x", "/absent", "tmpfs", 0, "")).toBe("ENOENT");
    t.setIds(1000);
    expect(t.call("mount", "x", "/tmp", "tmpfs", 0, "")).toBe("EPERM");
    expect(t.call("umount2", "/proc", 0)).toBe("EPERM");
  });
});

describe("bad memory", () => {
  test("every call that takes an address gives EFAULT", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    t.call("open", "/tmp/file", O_RDWR | O_CREAT, 0o644);
    t.call("write", 0, 8192, 100);
    const dir = t.call("open", "/tmp", O_RDONLY, 0) as number;
    const bad = 0xffffff00;
    const calls: [string, ...(number | string)[]][] = [
      ["open", bad, 0, 0],
      ["stat", "/tmp", bad],
      ["fstat", 0, bad],
      ["statx", -100, "/tmp", 0, 0x7ff, bad],
      ["statfs", "/tmp", bad],
      ["getdents64", dir, bad, 1000],
      ["getdents", dir, bad, 1000],
      ["pwrite64", 0, bad, 10, 0],
      ["readv", 0, bad, 2],
      ["getcwd", bad, 100],
      ["readlink", "/proc/self", bad, 10],
      ["utimensat", -100, "/tmp", bad, 0],
      ["fcntl", 0, SETLK, bad],
      ["pipe2", bad, 0],
      ["sendfile", 0, 0, bad, 10],
      ["copy_file_range", 0, bad, 0, 0, 10, 0],
      ["memfd_create", bad, 0],
      ["ioctl", 0, 0x541b, bad],
      ["symlink", bad, "/tmp/x"],
      ["rename", "/tmp/file", bad],
    ];
    expect(calls.map(([name, ...args]) => `${name}: ${t.call(name, ...args)}`)).toEqual(
      calls.map(([name]) => `${name}: EFAULT`),
    );
    expect(machine.usage.files).toBe(2);
  });
});

describe("access times", () => {
  test("follow relatime's rule", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    const fd = t.call("open", "/tmp/file", O_RDWR | O_CREAT, 0o644) as number;
    t.call("write", fd, 8192, 100);
    const atime = () => machine.files.stat("/tmp/file").atimeMs - 1_600_000_000_000;
    machine.sleep(1000);
    t.call("pread64", fd, 8192, 10, 0);
    expect(atime()).toBe(1000);
    machine.sleep(1000);
    t.call("pread64", fd, 8192, 10, 0);
    expect(atime()).toBe(1000);
    t.call("pwrite64", fd, 8192, 10, 0);
    machine.sleep(1000);
    t.call("pread64", fd, 8192, 10, 0);
    expect(atime()).toBe(3000);
    machine.sleep(86_400_000);
    t.call("pread64", fd, 8192, 10, 0);
    expect(atime()).toBe(86_403_000);
  });
});

describe("names that are no UTF-8", () => {
  test("keep their bytes", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    const name = Uint8Array.of(0x2f, 0x74, 0x6d, 0x70, 0x2f, 0xff, 0xc3, 0x28, 0x41, 0);
    expect(t.call("mkdir", name, 0o755)).toBe(0);
    const other = name.slice();
    other[5] = 0xfe;
    expect(t.call("mkdir", other, 0o755)).toBe(0);
    const dir = t.call("open", "/tmp", O_RDONLY, 0) as number;
    const got = t.call("getdents64", dir, 65536, 4096) as number;
    const bytes = Array.from(t.task.mm.u8.slice(65536, 65536 + got)).join(",");
    expect(bytes).toContain("255,195,40,65,0");
    expect(bytes).toContain("254,195,40,65,0");
    expect(t.call("mkdir", name, 0o755)).toBe("EEXIST");
  });

  test("255 bytes are the limit, whatever the characters", () => {
    const t = new TestMachine().spawn();
    expect(t.call("mkdir", `/tmp/${"ä".repeat(127)}x`, 0o755)).toBe(0);
    expect(t.call("mkdir", `/tmp/${"ä".repeat(128)}`, 0o755)).toBe("ENAMETOOLONG");
    expect(t.call("mkdir", `/tmp/${"€".repeat(85)}`, 0o755)).toBe(0);
    expect(t.call("mkdir", `/tmp/${"€".repeat(86)}`, 0o755)).toBe("ENAMETOOLONG");
  });
});
