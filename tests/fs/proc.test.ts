/** /proc: what procps, busybox and the C library read from it, and who may read what. */
import { describe, expect, test } from "vitest";
import { O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { TestMachine, type TestTask } from "./machine.ts";

function fields(t: TestTask, path: string): Map<string, string> {
  const lines = t.slurp(path).trimEnd().split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}

describe("a process", () => {
  test("stat has 52 fields, the name in brackets whatever it holds", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    t.task.comm = "a) b (c";
    const line = t.slurp("/proc/self/stat");
    expect(line).toMatch(/^2 \(a\) b \(c\) R 1 \d+ \d+ 0 -1 /);
    const rest = line
      .slice(line.lastIndexOf(")") + 2)
      .trimEnd()
      .split(" ");
    expect(rest).toHaveLength(50);
    for (const field of rest.slice(1)) expect(field).toMatch(/^-?\d+$/);
    expect(t.slurp("/proc/self/statm")).toMatch(/^(\d+ ){6}\d+\n$/);
  });

  test("status: what ps and the shell look for", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    t.setIds(7, 8);
    const status = fields(t, "/proc/self/status");
    expect(status.get("Name")).toBe("test");
    expect(status.get("Umask")).toBe("0022");
    // Real, effective, saved (which the test leaves) and file system id.
    expect(status.get("Uid")).toBe("7\t7\t0\t7");
    expect(status.get("PPid")).toBe("1");
    expect(status.get("Threads")).toBe("1");
    expect(status.get("SigCgt")).toMatch(/^[0-9a-f]{16}$/);
    expect(status.get("VmSize")).toMatch(/^\d+ kB$/);
  });

  test("descriptors: links, their modes, positions and locks", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    t.call("open", "/tmp/file", O_RDWR | O_CREAT, 0o644);
    t.call("open", "/tmp/file", O_WRONLY | 0o2000000, 0);
    t.call("write", 0, 8192, 10);
    t.call("pipe", 512);
    t.call("eventfd2", 0, 0);
    t.call("flock", 0, 2);
    const links = machine.files.readdir("/proc/2/fd").map(({ name }) => name);
    expect(links).toEqual(["0", "1", "2", "3", "4"]);
    const targets = links.map((name) => machine.files.readlink(`/proc/2/fd/${name}`));
    expect(targets.map((target) => target.replace(/\d+/, "N"))).toEqual([
      "/tmp/file",
      "/tmp/file",
      "pipe:[N]",
      "pipe:[N]",
      "anon_inode:[eventfd]",
    ]);
    expect(targets[2]).toBe(targets[3]);
    const modes = links.map((name) => machine.files.lstat(`/proc/2/fd/${name}`).mode.toString(8));
    expect(modes).toEqual(["700", "300", "500", "300", "700"]);
    expect(t.slurp("/proc/self/fdinfo/0")).toMatch(
      /^pos:\t10\nflags:\t0100002\nmnt_id:\t\d+\nino:\t\d+\nlock:\t1: FLOCK {2}ADVISORY {2}WRITE 2 [0-9a-f]+:[0-9a-f]+:\d+ 0 EOF\n$/,
    );
    expect(t.slurp("/proc/self/fdinfo/1")).toContain("flags:\t02100001\n");
    expect(t.slurp("/proc/locks")).toMatch(/^1: FLOCK {2}ADVISORY {2}WRITE 2 /);
    expect(t.slurp("/proc/self/fd/9")).toBe("ENOENT");
  });

  test("others may look at what everyone sees, and at nothing else", () => {
    const machine = new TestMachine();
    const [owner, stranger] = [machine.spawn(), machine.spawn()];
    owner.call("open", "/tmp/file", O_RDWR | O_CREAT, 0o666);
    stranger.setIds(1000);
    const pid = owner.task.process.pid;
    expect(stranger.slurp(`/proc/${pid}/stat`)).toMatch(/^2 /);
    expect(stranger.slurp(`/proc/${pid}/cmdline`)).toBe("test\0process\0");
    expect(stranger.slurp(`/proc/${pid}/environ`)).toBe("EACCES");
    expect(stranger.slurp(`/proc/${pid}/maps`)).toBe("EACCES");
    expect(stranger.call("open", `/proc/${pid}/fd`, O_RDONLY, 0)).toBe("EACCES");
    expect(stranger.call("readlink", `/proc/${pid}/cwd`, 512, 100)).toBe("EACCES");
    expect(stranger.call("open", `/proc/${pid}/fd/0`, O_RDONLY, 0)).toBe("EACCES");
    expect(stranger.call("readlink", "/proc/self/cwd", 512, 100)).toBe(1);
    // What runs as another user since it was opened, too.
    owner.setIds(1000);
    expect(stranger.slurp(`/proc/${pid}/environ`)).toBe("EACCES");
    machine.end(owner);
    expect(stranger.slurp(`/proc/${pid}/stat`)).toBe("ENOENT");
  });

  test("an open file of a process that is gone", () => {
    const machine = new TestMachine();
    const [t, other] = [machine.spawn(), machine.spawn()];
    const pid = other.task.process.pid;
    const fd = t.call("open", `/proc/${pid}/status`, O_RDONLY, 0) as number;
    t.call("chdir", `/proc/${pid}`);
    machine.end(other);
    expect(t.call("read", fd, 65536, 100)).toBe("ESRCH");
    expect(t.slurp("status")).toBe("ENOENT");
    expect(t.call("open", ".", O_RDONLY, 0)).not.toBe("EIO");
  });
});

describe("the machine", () => {
  test("figures in the forms that free, uptime, top and ps read", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    machine.sleep(12_340);
    expect(t.slurp("/proc/uptime")).toBe("12.34 12.34\n");
    expect(t.slurp("/proc/loadavg")).toBe("0.00 0.00 0.00 1/1 2\n");
    expect(t.slurp("/proc/stat")).toMatch(/^cpu {2}\d+( \d+){9}\ncpu0 \d+( \d+){9}\nbtime 1600000000\nprocesses \d+\n/);
    const memory = fields(t, "/proc/meminfo");
    for (const name of ["MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SwapTotal", "SwapFree", "Shmem"]) {
      expect(memory.get(name)).toMatch(/^\d+ kB$/);
    }
    expect(t.slurp("/proc/version")).toMatch(/^Linux version \d+\.\d+/);
    expect(t.slurp("/proc/cpuinfo")).toMatch(/^processor\t: 0\n/);
    expect(t.slurp("/proc/filesystems")).toContain("nodev\ttmpfs\n");
    expect(machine.files.readdir("/proc").map(({ name }) => name)).toEqual(
      expect.arrayContaining(["1", "2", "self", "sys"]),
    );
  });

  test("settings can be read, and written by root", () => {
    const machine = new TestMachine();
    const t = machine.spawn();
    const write = (path: string, text: string) => {
      const fd = t.call("open", path, O_WRONLY, 0);
      if (typeof fd === "string") return fd;
      const result = t.call("write", fd, t.put(text), text.length);
      t.call("close", fd);
      return result;
    };
    expect(write("/proc/sys/kernel/hostname", "other\n")).toBe(6);
    expect(machine.kernel.hostname).toBe("other");
    expect(write("/proc/sys/fs/protected_symlinks", "1\n")).toBe(2);
    expect(write("/proc/sys/fs/protected_symlinks", "2\n")).toBe("EINVAL");
    expect(write("/proc/sys/fs/protected_symlinks", "many\n")).toBe("EINVAL");
    expect(t.slurp("/proc/sys/fs/protected_symlinks")).toBe("1\n");
    expect(write("/proc/sys/kernel/osrelease", "7\n")).toBe("EIO");
    const first = t.slurp("/proc/sys/kernel/random/uuid");
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n$/);
    expect(t.slurp("/proc/sys/kernel/random/uuid")).not.toBe(first);
    expect(t.slurp("/proc/sys/kernel/random/boot_id")).toBe(t.slurp("/proc/sys/kernel/random/boot_id"));
    t.setIds(1000);
    expect(write("/proc/sys/kernel/hostname", "mine\n")).toBe("EACCES");
  });
});

test("protected links: in /tmp nobody follows another one's", () => {
  const machine = new TestMachine();
  const [root, t] = [machine.spawn(), machine.spawn()];
  machine.files.chmod("/tmp", 0o1777);
  root.call("open", "/tmp/target", O_RDWR | O_CREAT, 0o644);
  t.setIds(1000);
  expect(t.call("symlink", "target", "/tmp/link")).toBe(0);
  machine.kernel.vfs.sysctl.protectedSymlinks = 1;
  expect(t.slurp("/tmp/link")).toBe("");
  expect(root.slurp("/tmp/link")).toBe("EACCES");
  // In the middle of a path it is followed all the same.
  root.call("mkdir", "/tmp/d", 0o755);
  t.call("symlink", "d", "/tmp/way");
  expect(root.call("stat", "/tmp/way/.", 4096 * 4)).toBe(0);
  expect(t.call("link", "/tmp/target", "/tmp/hard")).toBe("EPERM");
  machine.kernel.vfs.sysctl.protectedHardlinks = 0;
  expect(t.call("link", "/tmp/target", "/tmp/hard")).toBe(0);
});
