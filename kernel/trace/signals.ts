/** Signals, signal sets, siginfo and wait statuses as strace writes them. */
import { CONSTANT_SETS } from "../abi/constants.ts";
import {
  CLD_EXITED,
  SI_KERNEL,
  SI_QUEUE,
  SI_TIMER,
  SI_TKILL,
  SI_USER,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGIO,
  SIGRTMAX,
  SIGRTMIN,
  SIGSEGV,
  SIGTRAP,
} from "../abi/signal.ts";
import { siginfo, siginfo_child, siginfo_fault, siginfo_io, siginfo_timer, siginfo_user } from "../abi/structs.ts";
import { W_CONTINUED, WCOREFLAG } from "../abi/wait.ts";
import type { GuestMemory } from "./memory.ts";
import { address, enumName, hex, nameOf } from "./text.ts";

/** "SIGINT", "SIGRT_3"; the number where there is no such signal. */
export function signalName(signal: number): string {
  if (signal >= SIGRTMIN && signal <= SIGRTMAX) return signal === SIGRTMIN ? "SIGRTMIN" : `SIGRT_${signal - SIGRTMIN}`;
  return nameOf(CONSTANT_SETS.signal, signal) ?? String(signal);
}

/** "[INT RT_3]"; a set of two thirds of the signals or more by those it lacks, "~[KILL STOP]". */
export function signalSet(low: number, high: number): string {
  const inside: string[] = [];
  const outside: string[] = [];
  for (let signal = 1; signal <= SIGRTMAX; signal++) {
    const word = signal <= 32 ? low : high;
    const name = signalName(signal).slice(3);
    (((word >>> ((signal - 1) & 31)) & 1) === 1 ? inside : outside).push(name);
  }
  return inside.length >= Math.floor((SIGRTMAX * 2) / 3) ? `~[${outside.join(" ")}]` : `[${inside.join(" ")}]`;
}

const CODES: Readonly<Record<number, keyof typeof CONSTANT_SETS>> = {
  [SIGILL]: "sigill_code",
  [SIGFPE]: "sigfpe_code",
  [SIGSEGV]: "sigsegv_code",
  [SIGBUS]: "sigbus_code",
  [SIGTRAP]: "sigtrap_code",
  [SIGCHLD]: "sigchld_code",
  [SIGIO]: "sigpoll_code",
};

/** "{si_signo=SIGINT, si_code=SI_USER, si_pid=5, si_uid=0}": the siginfo_t at `at`, which the caller has found to be in memory. */
export function signalInfo({ view }: GuestMemory, at: number): string {
  const { si_signo: signal, si_errno: error, si_code: code } = siginfo.read(view, at);
  if (signal === 0) return "{}";
  const general = nameOf(CONSTANT_SETS.si_code, code);
  const codes = CONSTANT_SETS[CODES[signal] ?? "si_code"];
  const parts = [`si_signo=${signalName(signal)}`, `si_code=${general ?? enumName(codes, code)}`];
  if (error !== 0) parts.push(`si_errno=${error}`);
  if (code === SI_TIMER) {
    const { si_timerid, si_overrun, si_value } = siginfo_timer.read(view, at);
    parts.push(`si_timerid=${hex(si_timerid >>> 0)}`, `si_overrun=${si_overrun}`, ...valueParts(si_value));
  } else if (code !== SI_KERNEL && general === undefined && signal === SIGCHLD) {
    const child = siginfo_child.read(view, at);
    const status = code === CLD_EXITED ? String(child.si_status) : signalName(child.si_status);
    parts.push(`si_pid=${child.si_pid}`, `si_uid=${child.si_uid}`, `si_status=${status}`);
    parts.push(`si_utime=${child.si_utime}`, `si_stime=${child.si_stime}`);
  } else if (general === undefined && signal === SIGIO) {
    const { si_band, si_fd } = siginfo_io.read(view, at);
    parts.push(`si_band=${si_band}`, `si_fd=${si_fd}`);
  } else if (general === undefined && signal in CODES) {
    parts.push(`si_addr=${address(siginfo_fault.read(view, at).si_addr)}`);
  } else if (code !== SI_KERNEL) {
    const user = siginfo_user.read(view, at);
    parts.push(`si_pid=${user.si_pid}`, `si_uid=${user.si_uid}`);
    const carries = code === SI_QUEUE || (code !== SI_USER && code !== SI_TKILL && user.si_value !== 0);
    if (carries) parts.push(...valueParts(user.si_value));
  }
  return `{${parts.join(", ")}}`;
}

/** A sigval: the same 32 bits as a number and as a pointer. */
function valueParts(value: number): string[] {
  return [`si_int=${value | 0}`, `si_ptr=${address(value)}`];
}

/** What a wait status says, in terms of the macros of man 2 wait: "{WIFEXITED(s) && WEXITSTATUS(s) == 7}". */
export function waitStatus(status: number): string {
  const signal = status & 0x7f;
  if (status === W_CONTINUED) return "{WIFCONTINUED(s)}";
  if (signal === 0) return `{WIFEXITED(s) && WEXITSTATUS(s) == ${(status >>> 8) & 0xff}}`;
  if (signal === 0x7f) return `{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName((status >>> 8) & 0xff)}}`;
  const core = (status & WCOREFLAG) === 0 ? "" : " && WCOREDUMP(s)";
  return `{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(signal)}${core}}`;
}

/** The signal whose number is the int at `at`. */
export function signalAt({ view }: GuestMemory, at: number): string {
  return signalName(view.getInt32(at, true));
}
