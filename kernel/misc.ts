/** Calls about the machine: uname, sysinfo, host names, random bytes, the kernel log; and select, on top of the hot half's readiness. */
import { EBADF, EINVAL, ENOSYS, EPERM } from "./abi/errno.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI } from "./abi/poll.ts";
import { FB_PATH, FILE_BITS, FILE_WAITQ0, FILE_WAITQ1, PROC_NOFILE } from "./hot/layout.ts";
import type { Handlers } from "./kernel.ts";
import { decodeBytes, encodeString } from "./mm/address-space.ts";
import { setTemporaryMask } from "./signal/calls.ts";
import type { Task } from "./task/task.ts";

/** What uname says: a Linux whose interfaces are those of this release. */
export const RELEASE = "6.18.0-ring3";
export const VERSION = "#1 SMP ring3";
const UTS = 65;

function uname(t: Task, at: number): number {
  const fields = ["Linux", t.kernel.hostname, RELEASE, VERSION, "wasm32", t.kernel.domainname];
  const bytes = t.mm.bytes(at, UTS * fields.length);
  bytes.fill(0);
  fields.forEach((field, i) => {
    bytes.set(encodeString(field).subarray(0, UTS - 1), UTS * i);
  });
  return 0;
}

function nameFromUser(t: Task, at: number, length: number): string | number {
  if (t.euid !== 0) return -EPERM;
  if (length > UTS - 1) return -EINVAL;
  return decodeBytes(t.mm.copyIn(at, length));
}

/** On their way to a guest. Kept: with a new array for each call 4 KiB take 7.1 us, not 4.2. */
const randomBytes = new Uint8Array(65536);

/** What is more than the pool of hot/random.ts gives, which has looked at the flags. */
function getrandom(t: Task, at: number, length: number): number {
  const count = Math.min(length, 0x1ffffff);
  t.mm.check(at, count);
  for (let done = 0; done < count; done += randomBytes.length) {
    const chunk = randomBytes.subarray(0, count - done);
    t.kernel.platform.random(chunk);
    t.mm.u8.set(chunk, at + done);
    chunk.fill(0);
  }
  return count;
}

/** Readiness that each of select's three sets means (man 2 select). */
const SELECT_MASKS: readonly number[] = [POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI];

function select(t: Task, count: number, sets: readonly number[], deadline: number | undefined, poll: boolean): number {
  const { kmem, hot } = t.kernel;
  if (count < 0) return -EINVAL;
  const limit = Math.min(count, kmem.u32[(t.process.ptr + PROC_NOFILE) >> 2]);
  const bytes = Math.ceil(limit / 64) * 8;
  const wanted = sets.map((at) => (at ? t.mm.copyIn(at, bytes) : null));
  const found = wanted.map((set) => set && new Uint8Array(set.length));
  const queues: number[] = [];
  let ready = 0;
  for (let fd = 0; fd < limit; fd++) {
    const bit = 1 << (fd & 7);
    if (!wanted.some((set) => set && set[fd >> 3] & bit)) continue;
    const file = hot.fd_get(t.files, fd);
    if (!file || kmem.u32[(file + FILE_BITS) >> 2] & FB_PATH) return -EBADF;
    const mask = hot.file_poll(file);
    wanted.forEach((set, i) => {
      if (!set || !(set[fd >> 3] & bit) || !(mask & SELECT_MASKS[i])) return;
      found[i]![fd >> 3] |= bit;
      ready++;
    });
    for (const field of [FILE_WAITQ0, FILE_WAITQ1]) {
      const queue = kmem.u32[(file + field) >> 2];
      if (queue) queues.push(queue);
    }
  }
  if (ready === 0 && !poll && !t.timedOut) {
    return t.block(queues, deadline === undefined ? { noRestart: true } : { deadline, noRestart: true });
  }
  sets.forEach((at, i) => {
    if (at) t.mm.copyOut(at, found[i]!);
  });
  return ready;
}

/** select's deadline from a relative time in ms: kept in scratch over the entries of the call. */
function deadlineOf(t: Task, ms: number | null): { deadline: number | undefined; poll: boolean } {
  if (ms === null) return { deadline: undefined, poll: false };
  if (!t.restarted) t.setScratch(0, t.kernel.clock.monotonic() + ms);
  return { deadline: t.scratch(0), poll: ms === 0 };
}

export const miscCalls: Handlers = {
  uname,
  getrandom,
  sysinfo(t, at) {
    const { kernel, mm } = t;
    mm.bytes(at, 112).fill(0);
    mm.setI64(at, Math.floor(kernel.clock.monotonic() / 1000));
    const [one, five, fifteen] = kernel.loadAverages();
    [one, five, fifteen].forEach((load, i) => {
      mm.setI64(at + 8 + 8 * i, Math.round(load * 65536));
    });
    const used = kernel.memoryMapped();
    mm.setI64(at + 32, kernel.options.memoryLimit);
    mm.setI64(at + 40, Math.max(0, kernel.options.memoryLimit - used));
    mm.view.setUint16(at + 80, kernel.tasksByTid.size, true);
    mm.setU32(at + 104, 1);
    return 0;
  },
  sethostname(t, at, length) {
    const name = nameFromUser(t, at, length);
    if (typeof name === "number") return name;
    t.kernel.hostname = name;
    return 0;
  },
  setdomainname(t, at, length) {
    const name = nameFromUser(t, at, length);
    if (typeof name === "number") return name;
    t.kernel.domainname = name;
    return 0;
  },
  syslog(t, type, at, length) {
    const text = encodeString(`${t.kernel.log.lines.join("\n")}\n`);
    if (type === 10) return text.length; // SYSLOG_ACTION_SIZE_BUFFER
    if (type === 9) return 0; // SIZE_UNREAD
    if (type === 2 || type === 3 || type === 4) {
      if (!at || length < 0) return -EINVAL;
      const tail = text.subarray(Math.max(0, text.length - length));
      t.mm.copyOut(at, tail);
      if (type === 4) t.kernel.log.lines.length = 0;
      return tail.length;
    }
    if (type === 5) t.kernel.log.lines.length = 0;
    return type >= 0 && type <= 8 ? 0 : -EINVAL;
  },
  personality: () => 0,
  membarrier: (_t, command) => (command === 0 ? 0x1f : 0),
  select(t, count, read, write, except, timeout) {
    let ms: number | null = null;
    if (timeout) {
      const seconds = t.mm.i64(timeout);
      const microseconds = t.mm.i64(timeout + 8);
      if (seconds < 0 || microseconds < 0) return -EINVAL;
      ms = seconds * 1000 + microseconds / 1000;
    }
    const { deadline, poll } = deadlineOf(t, ms);
    const result = select(t, count, [read, write, except], deadline, poll);
    // Linux leaves the time that is left (man 2 select).
    if (result >= 0 && timeout && deadline !== undefined) {
      const left = Math.max(0, deadline - t.kernel.clock.monotonic());
      t.mm.setI64(timeout, Math.floor(left / 1000));
      t.mm.setI64(timeout + 8, Math.floor((left % 1000) * 1000));
    }
    return result;
  },
  pselect6(t, count, read, write, except, timeout, pack) {
    let ms: number | null = null;
    if (timeout) {
      const seconds = t.mm.i64(timeout);
      const nanoseconds = t.mm.i64(timeout + 8);
      if (seconds < 0 || nanoseconds < 0 || nanoseconds > 999999999) return -EINVAL;
      ms = seconds * 1000 + nanoseconds / 1e6;
    }
    if (pack && !t.restarted) {
      // Two u64: address and size of the mask (shared/abi/README.md).
      const mask = t.mm.u32(pack);
      if (mask) {
        if (t.mm.u32(pack + 8) !== 8) return -EINVAL;
        setTemporaryMask(t, t.mm.u32(mask), t.mm.u32(mask + 4));
      }
    }
    const { deadline, poll } = deadlineOf(t, ms);
    return select(t, count, [read, write, except], deadline, poll);
  },
  unknown_import(t, index) {
    const name = t.kernel.unknownImports[index] ?? `import ${index}`;
    t.kernel.log.printOnce(`${t.comm}: call of ${name}, which nobody serves: ENOSYS`);
    return -ENOSYS;
  },
};
