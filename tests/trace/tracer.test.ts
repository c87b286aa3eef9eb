/** Lines, tasks and times: the tracer against what strace 6.1 printed on Linux. */
import { beforeEach, describe, expect, test } from "vitest";
import { EINVAL, ENOENT, ERESTARTNOHAND } from "../../kernel/abi/errno.ts";
import { CLD_EXITED, SEGV_MAPERR, SI_KERNEL, SI_TKILL } from "../../kernel/abi/signal.ts";
import { siginfo_child, siginfo_fault, siginfo_user } from "../../kernel/abi/structs.ts";
import { type Syscall, syscallByName } from "../../kernel/abi/syscalls.ts";
import { traceFilter } from "../../kernel/trace/filter.ts";
import { unknownSyscall } from "../../kernel/trace/format.ts";
import { Tracer, type TracerOptions } from "../../kernel/trace/tracer.ts";
import { Guest } from "./guest.ts";

let guest: Guest;
let output: string;
let time: number;

beforeEach(() => {
  guest = new Guest();
  output = "";
  time = 1795314998_000000;
});

function tracer(options: Partial<TracerOptions> = {}): Tracer {
  return new Tracer({ write: (text) => void (output += text), now: () => time, ...options });
}

const entry = (name: string): Syscall => syscallByName(name)!;

/** One whole call. */
function call(t: Tracer, tid: number, name: string, args: number[], result: number): void {
  t.enter(tid, entry(name), args, guest);
  t.leave(tid, result, guest);
}

describe("one task", () => {
  test("the equals sign stands in column 40, or after longer calls", () => {
    const t = tracer();
    call(t, 7, "brk", [0], 0x20000);
    call(t, 7, "alarm", [0], 100);
    call(t, 7, "openat", [-100, guest.text("nope"), 0, 0], -ENOENT);
    t.enter(7, entry("exit_group"), [3], guest);
    t.ended(7, 3 << 8);
    t.finish();
    expect(output).toBe(
      [
        "brk(NULL)                               = 0x20000",
        "alarm(0)                                = 100",
        'openat(AT_FDCWD, "nope", O_RDONLY)      = -1 ENOENT (No such file or directory)',
        "exit_group(3)                           = ?",
        "+++ exited with 3 +++",
        "",
      ].join("\n"),
    );
  });

  test("the column can be chosen, and so can the length of strings", () => {
    const t = tracer({ column: 1, stringLimit: 5 });
    call(t, 7, "write", [1, guest.bytes("hihihihi\n"), 9], 9);
    expect(output).toBe('write(1, "hihih"..., 9) = 9\n');
  });

  test("a blocked call is visible as far as it goes", () => {
    const t = tracer();
    t.enter(7, entry("read"), [0, 4096, 10], guest);
    expect(output).toBe("read(0, ");
    guest.u8.set([97, 98], 4096);
    t.leave(7, 2, guest);
    expect(output).toBe('read(0, "ab", 10)                       = 2\n');
  });

  test("signals, and a call that they interrupt", () => {
    const t = tracer();
    const user = { si_errno: 0, si_pid: 7, si_uid: 0, si_value: 0 };
    call(t, 7, "pause", [], -ERESTARTNOHAND);
    t.signal(7, guest, guest.struct(siginfo_user, { ...user, si_signo: 14, si_code: SI_KERNEL }));
    t.signal(7, guest, guest.struct(siginfo_user, { ...user, si_signo: 28, si_code: SI_TKILL }));
    t.signal(7, guest, guest.struct(siginfo_fault, { si_signo: 11, si_errno: 0, si_code: SEGV_MAPERR, si_addr: 16 }));
    t.ended(7, 0x8b);
    expect(output).toBe(
      [
        "pause()                                 = ? ERESTARTNOHAND (To be restarted if no handler)",
        "--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---",
        "--- SIGWINCH {si_signo=SIGWINCH, si_code=SI_TKILL, si_pid=7, si_uid=0} ---",
        "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10} ---",
        "+++ killed by SIGSEGV (core dumped) +++",
        "",
      ].join("\n"),
    );
  });

  test("killed within a call", () => {
    const t = tracer();
    t.enter(7, entry("read"), [0, 4096, 10], guest);
    t.ended(7, 9);
    expect(output).toBe("read(0,  <unfinished ...>)              = ?\n+++ killed by SIGKILL +++\n");
  });

  test("a number that is no call", () => {
    const t = tracer({ column: 1 });
    t.enter(7, unknownSyscall(999), [1, 2, -1, 0, 0x64, 5], guest);
    t.leave(7, -38, guest);
    expect(output).toBe(
      "syscall_0x3e7(0x1, 0x2, 0xffffffffffffffff, 0, 0x64, 0x5) = -1 ENOSYS (Function not implemented)\n",
    );
  });
});

describe("several tasks", () => {
  test("in a file, every line names its task, and calls are broken off and resumed", () => {
    const t = tracer({ follow: true, toFile: true });
    t.enter(30838, entry("wait4"), [30839, guest.words(7 << 8), 0, 0], guest);
    t.attached(30839);
    call(t, 30839, "set_robust_list", [4096, 24], 0);
    t.leave(30839, 0, guest); // fork's return in the child is no line
    t.enter(30839, entry("exit_group"), [7], guest);
    t.ended(30839, 7 << 8);
    t.leave(30838, 30839, guest);
    const child = { si_signo: 17, si_errno: 0, si_code: CLD_EXITED, si_pid: 30839, si_uid: 0, si_status: 7 };
    t.signal(30838, guest, guest.struct(siginfo_child, { ...child, si_utime: 0, si_stime: 0 }));
    expect(output).toBe(
      [
        "30838 wait4(30839,  <unfinished ...>",
        "30839 set_robust_list(0x1000, 24)       = 0",
        "30839 exit_group(7)                     = ?",
        "30839 +++ exited with 7 +++",
        "30838 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 30839",
        "30838 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=30839, si_uid=0, si_status=7, si_utime=0, si_stime=0} ---",
        "",
      ].join("\n"),
    );
  });

  test("on a terminal, tasks are named while there are several", () => {
    const t = tracer({ follow: true });
    t.enter(2853, entry("clone"), [17, 0, 0, 0, 0], guest);
    t.attached(2854);
    t.leave(2853, 2854, guest);
    t.enter(2854, entry("pause"), [], guest);
    t.enter(2853, entry("exit_group"), [0], guest);
    t.ended(2854, 0);
    t.ended(2853, 0);
    expect(output).toBe(
      [
        "clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>",
        "strace: Process 2854 attached",
        "[pid  2853] <... clone resumed>)        = 2854",
        "[pid  2854] pause( <unfinished ...>",
        "[pid  2853] exit_group(0)               = ?",
        "[pid  2854] <... pause resumed>)        = ?",
        "[pid  2854] +++ exited with 0 +++",
        "+++ exited with 0 +++",
        "",
      ].join("\n"),
    );
  });

  test("stops", () => {
    const t = tracer({ follow: true, toFile: true });
    t.stopped(5, 19);
    expect(output).toBe("5     --- stopped by SIGSTOP ---\n");
  });
});

describe("times", () => {
  const run = (options: Partial<TracerOptions>) => {
    output = "";
    time = 1795314998_607995;
    const t = tracer({ column: 1, ...options });
    t.enter(7, entry("getpid"), [], guest);
    time += 323;
    t.leave(7, 7, guest);
    time += 58;
    call(t, 7, "getppid", [], 1);
    return output;
  };

  test("before each line", () => {
    expect(run({ timestamps: "epoch" })).toBe("1795314998.607995 getpid() = 7\n1795314998.608376 getppid() = 1\n");
    expect(run({ timestamps: "relative" })).toBe("     0.000000 getpid() = 7\n     0.000381 getppid() = 1\n");
    expect(run({ timestamps: "seconds" })).toMatch(/^\d\d:\d6:38 getpid\(\) = 7\n/);
    expect(run({ timestamps: "microseconds" })).toMatch(/^\d\d:\d6:38.607995 getpid\(\) = 7\n/);
  });

  test("after each call", () => {
    expect(run({ durations: true })).toBe("getpid() = 7 <0.000323>\ngetppid() = 1 <0.000000>\n");
  });
});

describe("the summary", () => {
  test("counts calls, errors and time, and prints nothing else", () => {
    const t = tracer({ summary: true });
    t.enter(7, entry("wait4"), [-1, 0, 0, 0], guest);
    time += 1662;
    t.leave(7, 5, guest);
    call(t, 7, "setpgid", [0, 0], -EINVAL);
    call(t, 7, "read", [0, 4096, 1], 0);
    t.ended(7, 0);
    t.finish();
    expect(output).toBe(
      [
        "% time     seconds  usecs/call     calls    errors syscall",
        "------ ----------- ----------- --------- --------- ----------------",
        "100.00    0.001662        1662         1           wait4",
        "  0.00    0.000000           0         1           read",
        "  0.00    0.000000           0         1         1 setpgid",
        "------ ----------- ----------- --------- --------- ----------------",
        "100.00    0.001662         554         3         1 total",
        "",
      ].join("\n"),
    );
  });
});

describe("the filter", () => {
  const names = (set: string, candidates: string) => {
    const filter = traceFilter(set);
    return candidates
      .split(" ")
      .filter((name) => filter(entry(name)))
      .join(" ");
  };

  test("takes names, classes and patterns, and their contrary", () => {
    expect(names("read,write", "read write close")).toBe("read write");
    expect(names("!read", "read write close")).toBe("write close");
    expect(names("%file", "open unlinkat getcwd execve read fstat")).toBe("open unlinkat getcwd execve");
    expect(names("%desc", "open mmap poll read fstat newfstatat execve brk")).toBe(
      "open mmap poll read fstat newfstatat",
    );
    expect(names("%process,%memory", "fork wait4 brk read kill")).toBe("fork wait4 brk kill");
    expect(names("%%stat", "stat statx fstat statfs")).toBe("stat statx fstat");
    expect(names("/^get.id", "getpid getuid getppid gettid")).toBe("getpid getuid gettid");
    expect(names("fadvise64", "fadvise")).toBe("fadvise");
    expect(names("all", "read")).toBe("read");
    expect(names("none", "read")).toBe("");
    expect(names("?nonsense,read", "read write")).toBe("read");
  });

  test("refuses what it does not know", () => {
    expect(() => traceFilter("nonsense")).toThrow("invalid system call 'nonsense'");
    expect(() => traceFilter("%nonsense")).toThrow("invalid system call '%nonsense'");
    expect(() => traceFilter("%constructor")).toThrow("invalid system call '%constructor'");
    expect(() => traceFilter("/(")).toThrow("invalid system call '/('");
  });

  test("keeps calls out of the trace", () => {
    const t = tracer({ filter: traceFilter("getpid"), column: 1 });
    call(t, 7, "getppid", [], 1);
    call(t, 7, "getpid", [], 7);
    expect(output).toBe("getpid() = 7\n");
  });
});
