/** `-e trace=SET`: which calls are printed (man 1 strace, Filtering). */
import { SYSCALLS, type Syscall } from "../abi/syscalls.ts";
import { callName } from "./format.ts";

const names = (list: string) => {
  const set = new Set(list.split(" "));
  return ({ name }: Syscall) => set.has(name);
};

const takesPath = ({ args }: Syscall) => args.some((arg) => arg.type === "path");
const takesDescriptor = ({ args }: Syscall) => args.some((arg) => arg.type === "fd" || arg.type === "dirfd");
const namesMore = names(
  "open creat pipe pipe2 poll ppoll select pselect6 epoll_create epoll_create1 eventfd eventfd2 signalfd signalfd4 " +
    "timerfd_create inotify_init inotify_init1 memfd_create pidfd_open socket socketpair",
);

/** The classes of calls, by the name that follows "%". */
const CLASSES: Record<string, (entry: Syscall) => boolean> = {
  file: (entry) => takesPath(entry) || entry.name === "getcwd",
  desc: (entry) => takesDescriptor(entry) || namesMore(entry),
  process: names(
    "clone clone3 fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill rt_sigqueueinfo " +
      "rt_tgsigqueueinfo pidfd_send_signal",
  ),
  signal: names(
    "kill tkill tgkill pause rt_sigaction rt_sigprocmask rt_sigpending rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn " +
      "rt_sigsuspend rt_sigtimedwait sigaltstack signalfd signalfd4 pidfd_send_signal",
  ),
  memory: names(
    "brk mmap munmap mremap mprotect pkey_mprotect madvise process_madvise msync mincore mlock mlock2 munlock mlockall " +
      "munlockall remap_file_pages mbind get_mempolicy set_mempolicy migrate_pages move_pages shmat shmdt mseal",
  ),
  network: names(
    "socket connect accept accept4 sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown bind listen getsockname " +
      "getpeername socketpair setsockopt getsockopt sendfile getpmsg putpmsg",
  ),
  ipc: names("shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl"),
  creds: names(
    "getuid geteuid getgid getegid setuid setgid setreuid setregid setresuid setresgid getresuid getresgid setfsuid " +
      "setfsgid getgroups setgroups capget capset prctl",
  ),
  clock: names("clock_gettime clock_settime clock_getres clock_adjtime gettimeofday settimeofday adjtimex time"),
  stat: names("stat"),
  lstat: names("lstat"),
  fstat: names("fstat newfstatat statx"),
  "%stat": names("stat lstat fstat newfstatat statx"),
  statfs: names("statfs"),
  fstatfs: names("fstatfs"),
  "%statfs": names("statfs fstatfs ustat"),
  pure: names("getpid getppid gettid getuid geteuid getgid getegid getpgrp"),
};
CLASSES.net = CLASSES.network;

/**
 * The test that a set such as "open,%file", "!read,write" or "/^get" describes.
 *
 * @throws Error with strace's message where a part names no call and no class, unless "?" stands before it.
 */
export function traceFilter(set: string): (entry: Syscall) => boolean {
  const negated = set.startsWith("!");
  const parts = (negated ? set.slice(1) : set).split(",");
  if (parts.includes("none")) return () => negated;
  const chosen = new Set<Syscall>();
  for (const part of parts) {
    const optional = part.startsWith("?");
    const test = partTest(optional ? part.slice(1) : part);
    const found = test === undefined ? [] : SYSCALLS.filter(test);
    if (found.length === 0 && !optional) throw new Error(`invalid system call '${part}'`);
    for (const entry of found) chosen.add(entry);
  }
  return (entry) => chosen.has(entry) !== negated;
}

function partTest(part: string): ((entry: Syscall) => boolean) | undefined {
  if (part === "all") return () => true;
  if (part.startsWith("%")) return Object.hasOwn(CLASSES, part.slice(1)) ? CLASSES[part.slice(1)] : undefined;
  if (!part.startsWith("/")) return (entry) => callName(entry) === part || entry.name === part;
  try {
    const pattern = new RegExp(part.slice(1));
    return (entry) => pattern.test(callName(entry));
  } catch {
    return undefined;
  }
}
