/** WASI programs as ordinary processes: started by shells, in pipelines, in /proc, killed, traced, limited, refused. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { built, guest } from "../../guests/paths.ts";
import { assemble, compileC } from "./build.ts";
import { Bench, runInNode } from "./machine.ts";

const P1 = "wasi_snapshot_preview1";
const source = (name: string) => join(import.meta.dirname, "programs", `${name}.c`);
const program = (name: string, ...flags: string[]) => compileC(source(name), flags);
const wat = (body: string) => assemble(`(module ${body} (memory (export "memory") 1))`);

async function withPrograms(...names: string[]): Promise<Bench> {
  const bench = await Bench.boot();
  for (const name of names) await bench.install(`/usr/local/bin/${name}`, program(name));
  return bench;
}

test("in a pipeline of Linux programs, by name", async () => {
  await using bench = await withPrograms("upper");
  const { stdout } = await bench.run(["sh", "-c", "printf 'a b\\nc\\n' | upper | upper | sort -r | tr -d '\\n'"]);
  expect(stdout).toBe("CA B");
});

test("arguments, environment, exit code", async () => {
  await using bench = await withPrograms("say");
  const { stdout, status } = await bench.run(["sh", "-c", "env -i A=1 B='x y' say 'two words' '' 42; echo $?"]);
  expect(stdout).toBe("[say][two words][][42]\n{A=1}{B=x y}\n42\n");
  expect(status).toBe("0");
  expect(await bench.run(["say", "200"])).toMatchObject({ status: "200" });
});

test("what a program begins with, as node:wasi has it", async () => {
  const bytes = program("begin");
  await using bench = await Bench.boot();
  await bench.install("/tmp/begin", bytes);
  const options = { env: { PATH: undefined, HOME: undefined, HOSTNAME: undefined } };
  expect(await bench.run(["/tmp/begin", "one", "two words"], options)).toEqual(
    await runInNode(bytes, "preview1", ["one", "two words"]),
  );
});

test("in /proc, and ended by a signal", async () => {
  await using bench = await withPrograms("sleeper");
  const script = `sleeper & pid=$!
    until grep -q sleeping /tmp/state 2>/dev/null; do usleep 1000; done
    readlink /proc/$pid/exe; cat /proc/$pid/comm; tr '\\0' ' ' < /proc/$pid/cmdline; echo
    kill $pid; wait $pid; echo $?`;
  const { stdout } = await bench.run(["sh", "-c", script]);
  expect(stdout).toBe("/usr/local/bin/sleeper\nsleeper\nsleeper \n143\n");
});

test("poll_oneoff waits for pipes and the time, and others run meanwhile", async () => {
  await using bench = await withPrograms("poller");
  const script = `(usleep 20000; printf abc; usleep 20000; printf defgh; usleep 20000) | poller
    mkfifo /tmp/fifo; sleep 100 > /tmp/fifo & poller 1 < /tmp/fifo; kill $!`;
  const { stdout } = await bench.run(["sh", "-c", script]);
  expect(stdout).toBe("type 1 bytes 3\ntype 1 bytes 5\ntype 1 bytes 0 hangup\ntype 0\n");
});

test("inherited descriptors are kept where there are fewer allowed than directories", async () => {
  await using bench = await withPrograms("descriptors");
  const script = "cd /home; exec 3</etc/hostname; ulimit -n 8; descriptors; echo $?";
  const { stdout } = await bench.run(["sh", "-c", script]);
  expect(stdout).toMatch(/preopen \/var\ntype 4\n0\n$/);
});

test("a pipe without readers is an error, not a signal", async () => {
  await using bench = await withPrograms("writer");
  const { stdout } = await bench.run(["sh", "-c", "(writer; echo $? >&2) 2>/tmp/status | true; cat /tmp/status"]);
  expect(stdout).toBe("64\n");
});

test("a trap is a signal, and so is what proc_raise sends", async () => {
  await using bench = await Bench.boot();
  const yields = '(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))';
  await bench.install("/tmp/trap", wat(`${yields} (func (export "_start") unreachable)`));
  expect(await bench.run(["/tmp/trap"])).toMatchObject({ status: "SIGILL" });
  const raise = (n: number) =>
    wat(`(import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (func (export "_start") (call $exit (call $raise (i32.const ${n}))))`);
  await bench.install("/tmp/raise", raise(24)); // witx: signal: xfsz
  expect(await bench.run(["/tmp/raise"])).toMatchObject({ status: "SIGXFSZ" });
  await bench.install("/tmp/raise0", raise(0));
  expect(await bench.run(["/tmp/raise0"])).toMatchObject({ status: "0" });
  await bench.install("/tmp/raise31", raise(31));
  expect(await bench.run(["/tmp/raise31"])).toMatchObject({ status: "28" });
});

test("each call is traced in Linux's terms", async () => {
  await using bench = await Bench.boot();
  await bench.machine.fs.mkdir("/w");
  await bench.install("/w/program", compileC(join(import.meta.dirname, "cases", "paths.c")));
  let trace = "";
  await bench.run(["chroot", "/w", "/program"], { trace: { write: (text) => void (trace += text) } });
  const lines = trace.split("\n").map((line) => line.replace(/\s+=/, " ="));
  for (const line of [
    'mkdirat(3, "d", 0777) = 0',
    'mkdirat(3, "d", 0777) = -1 EEXIST (File exists)',
    'openat(3, "d/file", O_RDWR|O_CREAT|O_NOFOLLOW, 0666) = 4',
    'symlinkat("file", 3, "d/link") = 0',
    'readlinkat(3, "d/link", "fi", 2) = 2',
    'renameat(3, "d/hard", 3, "moved") = 0',
    'utimensat(3, "moved", [UTIME_OMIT, {tv_sec=5, tv_nsec=0} /* 1970-01-01T00:00:05+0000 */], AT_SYMLINK_NOFOLLOW) = 0',
    'openat(3, "missing", O_RDONLY|O_NOFOLLOW) = -1 ENOENT (No such file or directory)',
    "+++ exited with 0 +++",
  ])
    expect(lines).toContain(line);
});

test("a program of wasi_unstable (node:wasi gives it the structures of preview 1)", async () => {
  await using bench = await Bench.boot();
  await bench.machine.fs.mkdir("/w");
  await bench.install("/w/program", program("unstable"));
  const expected = readFileSync(source("unstable").replace(/c$/, "out"), "utf8");
  expect(await bench.run(["chroot", "/w", "/program"])).toEqual({ status: "0", stdout: expected, stderr: "" });
});

test("descriptors that a program inherits move up, preopened directories begin at 3", async () => {
  await using bench = await withPrograms("descriptors");
  const script = "cd /home; exec 3</etc/hostname 4>/tmp/four 20</etc/issue; exec descriptors";
  const { stdout } = await bench.run(["sh", "-c", script]);
  const lines = stdout.trim().split("\n");
  const { stdout: listed } = await bench.run(["sh", "-c", "for d in /*/; do dirname $d/x; done"]);
  const directories = [".", ...listed.trim().split("\n").sort()].map((name) => `preopen ${name}`);
  expect(lines.slice(3, 3 + directories.length)).toEqual(directories);
  // Those that were at 3 and 4 come right after, unless something was there before; 20 stays.
  expect(lines.slice(0, 3)).toEqual(["type 2", "type 0", "type 0"]);
  expect(lines.filter((line) => line === "type 4")).toHaveLength(3);
});

test("a mounted folder is all that a program sees which is started from outside", async () => {
  await using bench = await Bench.boot({ mounts: [{ host: import.meta.dirname, guest: "/tests/", readOnly: true }] });
  const names = async (options: object, ...argv: string[]) => {
    const { stdout } = await bench.run(argv, options);
    return stdout.split("\n").flatMap((line) => (line.startsWith("preopen ") ? [line.slice(8)] : []));
  };
  await bench.install("/usr/local/bin/descriptors", program("descriptors"));
  expect(await names({}, "descriptors")).toEqual(["/tests"]);
  expect(await names({ cwd: "/tests/cases" }, "descriptors")).toEqual([".", "/tests"]);
  expect(await names({}, "sh", "-c", "descriptors")).toEqual(["/", "/tests"]);
  expect(await names({ cwd: "/tests/cases" }, "sh", "-c", "descriptors")).toContain("/etc");
});

test("memory grows at its end, to what the module allows, and no further than the machine does", async () => {
  const grow = (limits: string) =>
    assemble(`(module (import "${P1}" "proc_exit" (func $exit (param i32))) (memory (export "memory") ${limits})
      (func (export "_start") (local $n i32)
        (if (i32.ne (memory.grow (i32.const 1)) (i32.const 1)) (then unreachable))
        (i32.store (i32.const 131068) (i32.const 1))
        (block $full (loop $more
          (br_if $full (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
          (br_if $more (i32.lt_u (memory.size) (i32.const 200)))))
        (call $exit (memory.size))))`);
  const bench = await Bench.boot({ memory: "8m" });
  await bench.install("/tmp/four", grow("1 4"));
  await bench.install("/tmp/any", grow("1"));
  expect(await bench.run(["/tmp/four"])).toMatchObject({ status: "4" });
  expect(await bench.run(["/tmp/any"])).toMatchObject({ status: "128" });
  await bench[Symbol.asyncDispose]();
});

test("nothing is left of WASI programs that have ended", async () => {
  await using bench = await withPrograms("say");
  const used = async () => Number(/MemFree: +(\d+)/.exec(await bench.machine.fs.readFile("/proc/meminfo", "utf8"))![1]);
  const many = () => bench.run(["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do say $i 0 >/dev/null; done"]);
  await many();
  const before = await used();
  for (let i = 0; i < 5; i++) await many();
  expect(before - (await used())).toBeLessThan(100);
});

describe("a socket for standard input, by a Linux program that executes it", () => {
  const path = built("tests", "wasi", "inherit");
  const talk = async (mode: string) => {
    await using bench = await withPrograms("listener");
    execFileSync(guest("bin", "ring3-cc"), ["-O1", join(import.meta.dirname, "linux", "inherit.c"), "-o", path]);
    await bench.install("/usr/local/bin/inherit", readFileSync(path));
    return (await bench.run(["inherit", "/usr/local/bin/listener", mode])).stdout;
  };

  /** What the program says of a socket of that type on which "hello" comes. */
  const served = (type: number, truncated: number) => `fd_fdstat_get(fd, &stat): 0
type: ${type}
fd_filestat_get(fd, &file): 0
type: ${type}
sock_recv(fd, in, 1, 1, &got, &more): 0
truncated: ${truncated}
recv: 5
flags: 0
sock_send(fd, out, 2, 0, &sent): 0
sent: 5
sock_recv(fd, in, 1, 1, &got, &more): 0
truncated: 0
recv: 0
flags: 0
sock_shutdown(fd, 2): 0
after shutdown: 64
fd_close(fd): 0
`;
  const BEGIN = "args_sizes_get(&count, &bytes): 0\nargs_get(arguments, strings): 0\n";

  test("a connection", async () => {
    expect(await talk("pair")).toBe(`${BEGIN}${served(6, 0)}answer: HELLO, then 0\nstatus: 0\n`);
  });

  test("datagrams", async () => {
    expect(await talk("dgram")).toBe(`${BEGIN}${served(5, 1)}answer: HELLO, then -1\nstatus: 0\n`);
  });

  test("one that listens", async () => {
    expect(await talk("listen")).toBe(`${BEGIN}fd_fdstat_set_flags(0, NONBLOCK): 0
nobody there: 6
poll_oneoff(&wait, &event, 1, &events): 0
sock_accept(0, 0, &fd): 0
receive from the listener: 28
${served(6, 0)}not a socket: 57
answer: HELLO, then 0
status: 0
`);
  });
});
