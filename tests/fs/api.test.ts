/** The machine's files for its owner: kernel/fs/api.ts. */
import { expect, test } from "vitest";
import { FsError } from "../../kernel/fs/api.ts";
import { populate } from "../../kernel/fs/imagefs.ts";
import { TestMachine } from "./machine.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

test("files are written, appended to, read, cut, moved and removed", () => {
  const { files } = new TestMachine();
  files.writeFile("/tmp/file", bytes("one"), 0o600);
  files.writeFile("/tmp/file", bytes(" two"), 0o644, "a");
  expect(text(files.readFile("/tmp/file"))).toBe("one two");
  expect(files.stat("/tmp/file")).toMatchObject({ type: "file", mode: 0o600, size: 7, uid: 0, nlink: 1 });
  files.writeFile("/tmp/file", bytes("x"));
  files.truncate("/tmp/file", 3);
  expect(Array.from(files.readFile("/tmp/file"))).toEqual([120, 0, 0]);
  files.rename("/tmp/file", "/tmp/other");
  files.link("/tmp/other", "/tmp/again");
  expect(files.stat("/tmp/again").nlink).toBe(2);
  files.symlink("again", "/tmp/soft");
  expect(files.readlink("/tmp/soft")).toBe("again");
  expect(files.realpath("/tmp/../tmp/./soft")).toBe("/tmp/again");
  expect(files.lstat("/tmp/soft").type).toBe("symlink");
  files.chmod("/tmp/soft", 0o4755);
  files.utimes("/tmp/soft", 1500, 2500.25);
  expect(files.stat("/tmp/again")).toMatchObject({ mode: 0o4755, atimeMs: 1500, mtimeMs: 2500.25 });
  files.chown("/tmp/again", 5, 6);
  expect(files.stat("/tmp/again")).toMatchObject({ uid: 5, gid: 6, mode: 0o755 });
  files.mkdir("/tmp/a/b/c", 0o755, true);
  files.writeFile("/tmp/a/b/file", bytes("deep"));
  expect(files.readdir("/tmp")).toEqual([
    { name: "other", type: "file" },
    { name: "again", type: "file" },
    { name: "soft", type: "symlink" },
    { name: "a", type: "directory" },
  ]);
  files.rm("/tmp/a", true);
  files.rm("/tmp/a", true, true);
  for (const name of ["other", "again", "soft"]) files.rm(`/tmp/${name}`);
  expect(files.readdir("/tmp")).toEqual([]);
});

test("a megabyte comes back as it went in", () => {
  const { files } = new TestMachine();
  const data = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * 31 + (i >> 12)) & 255);
  files.writeFile("/tmp/big", data);
  expect(Buffer.from(files.readFile("/tmp/big")).equals(data)).toBe(true);
});

test("what says no length is read to its end: proc, and pipes without waiting", () => {
  const machine = new TestMachine();
  expect(text(machine.files.readFile("/proc/version"))).toMatch(/^Linux version/);
  machine.files.mknod("/tmp/fifo", 0o10600);
  expect(() => machine.files.writeFile("/tmp/fifo", bytes("x"))).toThrow(/ENXIO/);
});

test("failures say what, where and in which call", () => {
  const { files } = new TestMachine();
  files.writeFile("/tmp/file", bytes(""));
  const failure = (action: () => unknown) => {
    try {
      action();
    } catch (error) {
      const { code, syscall, path } = error as FsError;
      expect(error).toBeInstanceOf(FsError);
      return `${code} ${syscall} ${path}`;
    }
    return "none";
  };
  expect(failure(() => files.readFile("/absent"))).toBe("ENOENT open /absent");
  expect(failure(() => files.readFile("/tmp"))).toBe("EISDIR read /tmp");
  expect(failure(() => files.readdir("/tmp/file"))).toBe("ENOTDIR readdir /tmp/file");
  expect(failure(() => files.mkdir("/tmp"))).toBe("EEXIST mkdir /tmp");
  expect(failure(() => files.mkdir("/tmp/file/x", 0o755, true))).toBe("EEXIST mkdir /tmp/file");
  expect(failure(() => files.rm("/tmp"))).toBe("EISDIR unlink /tmp");
  expect(failure(() => files.rm("/tmp/absent"))).toBe("ENOENT unlink /tmp/absent");
  expect(failure(() => files.writeFile("/tmp/file", bytes(""), 0o644, "x"))).toBe("EEXIST open /tmp/file");
  expect(failure(() => files.readlink("/tmp/file"))).toBe("EINVAL readlink /tmp/file");
  expect(failure(() => files.truncate("/tmp/file", -1))).toBe("EINVAL truncate /tmp/file");
  expect(() => files.stat("/absent")).toThrow("ENOENT: No such file or directory, stat '/absent'");
});

test("files of the root image are fetched when they are first read, and not to say how long they are", () => {
  const machine = new TestMachine();
  const loaded: string[] = [];
  const load = (name: string) => () => {
    loaded.push(name);
    return bytes(`content of ${name}`);
  };
  populate(machine.kernel.vfs, [
    { path: "/", type: "directory", mode: 0o755 },
    { path: "/image/bin/a", type: "file", mode: 0o755, size: 12, load: load("a") },
    { path: "/image/bin/b", type: "file", mode: 0o644, size: 12, load: load("b") },
    { path: "/image/link", type: "symlink", mode: 0o777, target: "bin/a" },
  ]);
  expect(machine.files.stat("/image/link")).toMatchObject({ size: 12, mode: 0o755, type: "file" });
  expect(loaded).toEqual([]);
  expect(text(machine.files.readFile("/image/link"))).toBe("content of a");
  machine.files.writeFile("/image/bin/a", bytes("!"), 0, "a");
  expect(text(machine.files.readFile("/image/bin/a"))).toBe("content of a!");
  expect(loaded).toEqual(["a"]);

  // A program's identity stays while its content does.
  const t = machine.spawn();
  const open = () => {
    const file = machine.kernel.vfs.openForExec(t.task, null, "/image/bin/a", 0);
    if (typeof file === "number") throw new Error(`${file}`);
    return file;
  };
  const { identity } = open();
  expect(text(open().readHead(7))).toBe("content");
  expect(open().identity).toBe(identity);
  machine.files.writeFile("/image/bin/a", bytes("?"), 0, "a");
  expect(open().identity).not.toBe(identity);
  expect(machine.kernel.vfs.openForExec(t.task, null, "/image/bin/b", 0)).toBe(-13);
  expect(machine.kernel.vfs.openForExec(t.task, null, "/image/bin", 0)).toBe(-13);
});
