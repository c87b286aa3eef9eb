/** Host folders: what a machine sees of one, what it changes there, and that nothing leads out. */
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import { hostMount } from "../../kernel/fs/hostfs.ts";
import { openHostDirectory } from "../../runtime/host/node/hostfs.ts";
import { TestMachine, type TestTask } from "./machine.ts";

const O_NOFOLLOW = 0o400000;
let top: string;
let shared: string;
let machine: TestMachine;
let t: TestTask;

function mount(readOnly = false): void {
  machine = new TestMachine();
  machine.files.mkdir("/mnt");
  machine.kernel.vfs.attachMount(
    hostMount(machine.kernel.vfs, openHostDirectory(shared), readOnly),
    machine.path("/mnt"),
  );
  t = machine.spawn();
}

function unmount(): void {
  for (const one of machine.kernel.vfs.mounts) one.sb.shutdown();
}

/** Open descriptors of this process that are the folder or below it. */
function handles(): number {
  let count = 0;
  for (const fd of fs.readdirSync("/proc/self/fd")) {
    try {
      if (fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(top)) count++;
    } catch {
      // Closed meanwhile.
    }
  }
  return count;
}

beforeEach(() => {
  top = fs.mkdtempSync(join(tmpdir(), "ring3-hostfs-"));
  fs.chmodSync(top, 0o755);
  shared = join(top, "shared");
  fs.mkdirSync(shared);
  fs.writeFileSync(join(top, "secret"), "outside");
  mount();
});

afterEach(() => {
  unmount();
  expect(handles()).toBe(0);
  fs.rmSync(top, { recursive: true, force: true });
});

describe("what the machine does is there on the host", () => {
  test("files, directories, links, modes, times, removal", () => {
    expect(t.call("mkdir", "/mnt/d", 0o750)).toBe(0);
    const fd = t.call("open", "/mnt/d/file", O_RDWR | O_CREAT, 0o640) as number;
    expect(t.call("write", fd, t.put("content"), 7)).toBe(7);
    expect(t.call("fsync", fd)).toBe(0);
    expect(fs.readFileSync(join(shared, "d/file"), "utf8")).toBe("content");
    expect(fs.statSync(join(shared, "d/file")).mode & 0o7777).toBe(0o640);
    expect(fs.statSync(join(shared, "d")).mode & 0o7777).toBe(0o750);
    expect(t.call("symlink", "file", "/mnt/d/soft")).toBe(0);
    expect(t.call("link", "/mnt/d/file", "/mnt/hard")).toBe(0);
    expect(fs.readlinkSync(join(shared, "d/soft"))).toBe("file");
    expect(fs.statSync(join(shared, "hard")).nlink).toBe(2);
    expect(t.slurp("/mnt/d/soft")).toBe("content");
    expect(t.call("chmod", "/mnt/d/soft", 0o600)).toBe(0);
    expect(fs.statSync(join(shared, "hard")).mode & 0o7777).toBe(0o600);
    machine.files.utimes("/mnt/hard", 1_000_000, 2_500_000);
    expect(fs.statSync(join(shared, "hard")).mtimeMs).toBe(2_500_000);
    expect(t.call("truncate", "/mnt/hard", 3)).toBe(0);
    expect(fs.readFileSync(join(shared, "hard"), "utf8")).toBe("con");
    expect(t.call("rename", "/mnt/hard", "/mnt/d/other")).toBe(0);
    expect(fs.existsSync(join(shared, "d/other"))).toBe(true);
    expect(t.call("rmdir", "/mnt/d")).toBe("ENOTEMPTY");
    for (const name of ["file", "soft", "other"]) expect(t.call("unlink", `/mnt/d/${name}`)).toBe(0);
    expect(t.call("rmdir", "/mnt/d")).toBe(0);
    expect(fs.readdirSync(shared)).toEqual([]);
    expect(t.call("close", fd)).toBe(0);
  });

  test("a directory that has the number of one that went is another", () => {
    // Most file systems hand out the number of an inode again at once: some tries, since not all do.
    for (let i = 0; i < 20; i++) {
      expect(t.call("mkdir", "/mnt/d", 0o755)).toBe(0);
      expect(t.call("close", t.call("open", "/mnt/d/file", O_WRONLY | O_CREAT, 0o644) as number)).toBe(0);
      expect(t.call("unlink", "/mnt/d/file")).toBe(0);
      expect(t.call("mkdir", "/mnt/e", 0o755)).toBe(0);
      expect(i % 2 ? t.call("rmdir", "/mnt/d") : t.call("rename", "/mnt/e", "/mnt/d")).toBe(0);
      expect(t.call("rmdir", i % 2 ? "/mnt/e" : "/mnt/d")).toBe(0);
    }
  });

  test("a file that is opened for reading can be emptied by that (man 2 open: O_TRUNC)", () => {
    fs.writeFileSync(join(shared, "file"), "content");
    const fd = t.call("open", "/mnt/file", O_RDONLY | O_TRUNC, 0) as number;
    expect(fs.readFileSync(join(shared, "file"), "utf8")).toBe("");
    expect(t.call("write", fd, t.put("x"), 1)).toBe("EBADF");
    t.call("close", fd);
  });

  test("times keep their nanoseconds, which the host's interface has not", () => {
    const file = join(shared, "file");
    fs.writeFileSync(file, "");
    const { inode } = machine.path("/mnt/file").dentry;
    const set = (...times: bigint[]) =>
      t.call("utimensat", -100, "/mnt/file", new Uint8Array(BigInt64Array.from(times).buffer), 0);
    const times = () => {
      machine.sleep(5); // what was seen an instant ago is believed
      expect(inode.refresh()).toBe(0);
      return [inode.atime, inode.atimeNs, inode.mtime, inode.mtimeNs];
    };
    expect(set(1_700_000_000n, 123_456_789n, 1_700_000_001n, 987_654_321n)).toBe(0);
    expect(times()).toEqual([1_700_000_000, 123_456_789, 1_700_000_001, 987_654_321]);
    const omit = 0x3ffffffen;
    expect(set(0n, omit, 1_800_000_000n, 1n)).toBe(0);
    expect(times()).toEqual([1_700_000_000, 123_456_789, 1_800_000_000, 1]);
    // What happens on the host afterwards is seen.
    fs.utimesSync(file, 5, 6);
    expect(times()).toEqual([5, 0, 6, 0]);
  });

  test("two names of one file are one inode: locks meet", () => {
    fs.writeFileSync(join(shared, "a"), "");
    fs.linkSync(join(shared, "a"), join(shared, "b"));
    const other = machine.spawn();
    expect(t.call("flock", t.call("open", "/mnt/a", O_RDWR, 0) as number, 2)).toBe(0);
    expect(other.call("flock", other.call("open", "/mnt/b", O_RDWR, 0) as number, 2 | 4)).toBe("EAGAIN");
    machine.end(t);
    expect(other.call("flock", 0, 2 | 4)).toBe(0);
    machine.end(other);
  });

  test("a file without a name stays open, and can be opened again", () => {
    fs.writeFileSync(join(shared, "file"), "still here");
    const fd = t.call("open", "/mnt/file", O_RDWR, 0) as number;
    expect(t.call("unlink", "/mnt/file")).toBe(0);
    expect(t.slurp(`/proc/self/fd/${fd}`)).toBe("still here");
    expect(machine.files.readlink("/proc/2/fd/0")).toBe("/mnt/file (deleted)");
    expect(t.call("ftruncate", fd, 5)).toBe(0);
    expect(t.call("fchmod", fd, 0o600)).toBe(0);
    t.call("close", fd);
  });

  test("names that are no UTF-8", () => {
    const name = Buffer.concat([Buffer.from(`${shared}/`), Buffer.of(0xff, 0x41)]);
    fs.writeFileSync(name, "bytes");
    const entry = machine.files.readdir("/mnt")[0].name;
    expect(t.slurp(`/mnt/${entry}`)).toBe("bytes");
    expect(t.call("rename", `/mnt/${entry}`, `/mnt/${entry}x`)).toBe(0);
    expect(fs.readdirSync(shared, { encoding: "buffer" })[0]).toEqual(Buffer.of(0xff, 0x41, 0x78));
  });
});

describe("what the host does is seen", () => {
  test("new, changed, replaced and removed files", () => {
    expect(t.slurp("/mnt/file")).toBe("ENOENT");
    fs.writeFileSync(join(shared, "file"), "one");
    expect(t.slurp("/mnt/file")).toBe("one");
    fs.writeFileSync(join(shared, "file"), "longer than before");
    machine.sleep(5);
    expect(machine.files.stat("/mnt/file").size).toBe(18);
    fs.rmSync(join(shared, "file"));
    fs.mkdirSync(join(shared, "file"));
    fs.writeFileSync(join(shared, "file/inside"), "deep");
    machine.sleep(5);
    expect(t.slurp("/mnt/file/inside")).toBe("deep");
    fs.rmSync(join(shared, "file"), { recursive: true });
    machine.sleep(50);
    expect(t.slurp("/mnt/file/inside")).toBe("ENOENT");
  });

  test("a directory that is replaced by another of the same name", () => {
    fs.mkdirSync(join(shared, "d"));
    fs.writeFileSync(join(shared, "d/file"), "old");
    expect(t.slurp("/mnt/d/file")).toBe("old");
    fs.renameSync(join(shared, "d"), join(shared, "e"));
    fs.mkdirSync(join(shared, "d"));
    fs.writeFileSync(join(shared, "d/file"), "new");
    machine.sleep(50);
    expect(t.slurp("/mnt/d/file")).toBe("new");
    expect(t.slurp("/mnt/e/file")).toBe("old");
  });

  test("a listing goes on in peace when what it lists goes away", () => {
    for (let i = 0; i < 100; i++) fs.writeFileSync(join(shared, `f${i}`), "");
    const dir = t.call("open", "/mnt", O_RDONLY, 0) as number;
    expect(t.call("getdents64", dir, 65536, 512)).toBeGreaterThan(0);
    for (let i = 0; i < 100; i += 2) fs.rmSync(join(shared, `f${i}`));
    let total = 0;
    for (let got = 1; got > 0; total += got) got = t.call("getdents64", dir, 65536, 4096) as number;
    expect(total).toBeGreaterThan(0);
    t.call("close", dir);
  });
});

describe("nothing leads out", () => {
  test("links on the host are followed inside of the machine's tree, wherever they point", () => {
    machine.files.writeFile("/secret", new TextEncoder().encode("the machine's own"));
    fs.symlinkSync(join(top, "secret"), join(shared, "absolute"));
    fs.symlinkSync("../secret", join(shared, "up"));
    fs.symlinkSync("/", join(shared, "root"));
    fs.symlinkSync("..", join(shared, "parent"));
    expect(t.slurp("/mnt/absolute")).toBe("ENOENT");
    expect(t.slurp("/mnt/up")).toBe("the machine's own");
    expect(t.slurp("/mnt/parent/secret")).toBe("the machine's own");
    expect(t.slurp("/mnt/root/secret")).toBe("the machine's own");
    expect(t.slurp("/mnt/../../../../secret")).toBe("the machine's own");
    // Writing, too, goes where the machine's tree says.
    expect(t.call("open", "/mnt/absolute", O_WRONLY | O_CREAT, 0o644)).toBe("ENOENT");
    expect(t.call("chmod", "/mnt/up", 0)).toBe(0);
    expect(fs.readFileSync(join(top, "secret"), "utf8")).toBe("outside");
    expect(fs.statSync(join(top, "secret")).mode & 0o777).not.toBe(0);
  });

  test("the host side itself follows no link and takes no .. , whatever it is asked for", () => {
    const host = openHostDirectory(shared);
    fs.symlinkSync(top, join(shared, "out"));
    fs.symlinkSync(join(top, "secret"), join(shared, "file"));
    fs.mkdirSync(join(shared, "d"));
    const errno = (result: unknown) => (typeof result === "number" ? -result : "it worked");
    const [ENOTDIR, ELOOP, EINVAL, EOPNOTSUPP] = [20, 40, 22, 95];
    expect(errno(host.stat("out/secret"))).toBe(ENOTDIR);
    expect(errno(host.open("out/secret", O_RDONLY))).toBe(ENOTDIR);
    expect(errno(host.open("file", O_RDONLY))).toBe(ELOOP);
    expect(errno(host.open("file", O_WRONLY))).toBe(ELOOP);
    expect(errno(host.create("out/new", 0o644))).toBe(ENOTDIR);
    expect(errno(host.create("file", 0o644))).toBe(17);
    expect(errno(host.list("out"))).toBe(ENOTDIR);
    expect(errno(host.set("file", { mode: 0o777 }))).toBe(EOPNOTSUPP);
    expect(errno(host.set("file", { size: 0 }))).toBe(ELOOP);
    expect(errno(host.link("out/secret", "mine"))).toBe(ENOTDIR);
    expect(errno(host.rename("d", "out/d"))).toBe(ENOTDIR);
    for (const path of ["..", "../secret", "d/..", "d/../../secret", ".", "d/.", "a\0b", "/etc/passwd", "d//x", ""]) {
      if (path !== "") expect(errno(host.stat(path))).toBe(EINVAL);
      expect(errno(host.unlink(path))).not.toBe("it worked");
      expect(errno(host.mkdir(path, 0o755))).not.toBe("it worked");
    }
    // Changing owner or times of a link changes the link.
    expect(host.set("file", { mtime: [1, 0], atime: [1, 0] })).toBe(0);
    expect(fs.statSync(join(top, "secret")).mtimeMs).not.toBe(1000);
    expect(fs.readFileSync(join(top, "secret"), "utf8")).toBe("outside");
    host.close();
  });

  test("a directory swapped for a link between two calls", () => {
    const inside = join(shared, "d");
    const away = join(shared, "away");
    fs.mkdirSync(inside);
    fs.writeFileSync(join(inside, "secret"), "inside");
    expect(t.slurp("/mnt/d/secret")).toBe("inside");
    // At once, while everything is still believed: the open handle leads to the directory, not to what has its name.
    fs.renameSync(inside, away);
    fs.symlinkSync(top, inside);
    expect(["inside", "ENOTDIR", "ENOENT"]).toContain(t.slurp("/mnt/d/secret"));
    machine.sleep(50);
    expect(t.slurp("/mnt/d/secret")).toBe("ENOENT");
    const fd = t.call("open", "/mnt/d/new", O_WRONLY | O_CREAT, 0o644);
    expect(fd).toBe("ENOENT");
    expect(fs.readdirSync(top).sort()).toEqual(["secret", "shared"]);
  });

  test("a swap in the middle of the host's own steps", () => {
    const host = openHostDirectory(shared);
    fs.mkdirSync(join(shared, "a/b"), { recursive: true });
    fs.writeFileSync(join(shared, "a/b/secret"), "inside");
    expect(host.stat("a/b/secret")).toMatchObject({ size: 6 });
    // The handles of a and a/b are open; both names now mean something else.
    fs.renameSync(join(shared, "a"), join(shared, "c"));
    fs.symlinkSync("..", join(shared, "a"));
    expect(host.stat("a/b/secret")).toMatchObject({ size: 6 });
    host.forget("a");
    expect(host.stat("a/b/secret")).toBe(-20);
    host.close();
  });

  test("someone on the host who swaps a directory for a link all the time", () => {
    fs.mkdirSync(join(shared, "a"));
    fs.writeFileSync(join(shared, "a/secret"), "inside");
    const swap = "while :; do mv a x; ln -s .. a; rm a; mv x a; done";
    const swapper = spawn("timeout", ["10", "sh", "-c", swap], { cwd: shared, stdio: "ignore" });
    const host = openHostDirectory(shared);
    const seen = new Map<string, number>();
    const bytes = new Uint8Array(16);
    for (const end = Date.now() + 700; Date.now() < end; ) {
      const file = host.open("a/secret", O_RDONLY);
      host.forget("a");
      let what = `${file}`;
      if (typeof file !== "number") {
        what = new TextDecoder().decode(bytes.slice(0, file.read(bytes, 0)));
        file.close();
      }
      seen.set(what, (seen.get(what) ?? 0) + 1);
    }
    swapper.kill();
    host.close();
    expect(seen.get("inside")).toBeGreaterThan(0);
    for (const what of seen.keys()) expect(["inside", "-2", "-20"]).toContain(what);
  });

  test("FIFOs, devices and sockets of the host are not opened, and nobody waits for them", () => {
    execFileSync("mkfifo", [join(shared, "fifo")]);
    expect(machine.files.lstat("/mnt/fifo").type).toBe("fifo");
    expect(t.call("open", "/mnt/fifo", O_RDONLY, 0)).toBe("ENXIO");
    expect(t.call("open", "/mnt/fifo", O_RDWR, 0)).toBe("ENXIO");
    const host = openHostDirectory(shared);
    expect(host.open("fifo", O_RDONLY)).toBe(-13);
    host.close();
    expect(t.call("mknod", "/mnt/null", 0o20666, 0x103)).toBe("EPERM");
  });
});

describe("a read-only mount", () => {
  test("refuses every change", () => {
    unmount();
    fs.writeFileSync(join(shared, "file"), "text");
    fs.mkdirSync(join(shared, "d"));
    mount(true);
    const calls: [string, ...(number | string)[]][] = [
      ["open", "/mnt/new", O_WRONLY | O_CREAT, 0o644],
      ["open", "/mnt/file", O_RDWR, 0],
      ["open", "/mnt/file", O_RDONLY | 0o1000, 0],
      ["mkdir", "/mnt/new", 0o755],
      ["symlink", "x", "/mnt/new"],
      ["link", "/mnt/file", "/mnt/new"],
      ["mknod", "/mnt/new", 0o100644, 0],
      ["unlink", "/mnt/file"],
      ["rmdir", "/mnt/d"],
      ["rename", "/mnt/file", "/mnt/new"],
      ["chmod", "/mnt/file", 0o600],
      ["chown", "/mnt/file", 1, 1],
      ["truncate", "/mnt/file", 0],
      ["utimensat", -100, "/mnt/file", 0, 0],
      ["access", "/mnt/file", 2],
    ];
    expect(calls.map(([name, ...args]) => `${name}: ${t.call(name, ...args)}`)).toEqual(
      calls.map(([name]) => `${name}: EROFS`),
    );
    expect(t.slurp("/mnt/file")).toBe("text");
    expect(t.call("open", "/mnt/absent", O_RDONLY, 0)).toBe("ENOENT");
    expect(t.call("open", "/mnt/absent", O_RDONLY | O_NOFOLLOW, 0)).toBe("ENOENT");
  });
});

describe("bounds", () => {
  test("few directories are held open, however many are used", () => {
    for (let i = 0; i < 200; i++) {
      fs.mkdirSync(join(shared, `d${i}`));
      fs.writeFileSync(join(shared, `d${i}/file`), `${i}`);
    }
    for (let i = 0; i < 200; i++) expect(t.slurp(`/mnt/d${i}/file`)).toBe(`${i}`);
    expect(handles()).toBeLessThan(70);
  });

  test("a path of a hundred directories", () => {
    let path = "/mnt";
    for (let i = 0; i < 100; i++) {
      path += "/d";
      expect(t.call("mkdir", path, 0o755)).toBe(0);
    }
    machine.files.writeFile(`${path}/file`, new TextEncoder().encode("deep"));
    expect(t.slurp(`${path}/file`)).toBe("deep");
    machine.files.rm("/mnt/d", true);
    expect(fs.readdirSync(shared)).toEqual([]);
  });

  test("a move from a shallow place to one deeper than the directories that are held open", () => {
    const deep = "d/".repeat(90);
    fs.mkdirSync(join(shared, deep), { recursive: true });
    fs.mkdirSync(join(shared, "from"));
    const host = openHostDirectory(shared);
    for (const name of ["a", "b"]) fs.writeFileSync(join(shared, "from", name), name);
    expect(host.rename("from/a", `${deep}a`)).toBe(0);
    expect(host.link("from/b", `${deep}b`)).toBe(0);
    expect(host.rename(`${deep}b`, "from/c")).toBe(0);
    expect(fs.readdirSync(join(shared, "from"))).toEqual(["b", "c"]);
    expect(fs.readdirSync(join(shared, deep))).toEqual(["a"]);
    host.close();
  });

  test("a folder that is none", () => {
    expect(() => openHostDirectory(join(top, "absent"))).toThrow(/ENOENT/);
    expect(() => openHostDirectory(join(top, "secret"))).toThrow(/ENOTDIR/);
  });
});
