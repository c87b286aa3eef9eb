/**
 * The syscall table: every Linux x86-64 syscall, and what ring3 does with it.
 *
 * One line a call: number, name, arguments, and whether and how far it is supported. The hot half's exports, the cold half's dispatch,
 * tracing, `ring3 syscalls` and the documentation are all made from it.
 *
 * Arguments are written as `[in|out|inout] type name[:other]`, `type` from `argtypes.ts`. `out` is what the call writes: tracing prints it
 * after the call. `:other` names the argument that decides: a buffer's or an array's length, the command that gives an argument its meaning.
 * `-> type` after them says what a successful call returns, where that is no plain number.
 *
 * Names, and the arguments of the calls in the WALI specification, are WALI's; the others follow their manual pages
 * (section 2) with the same widths.
 */
import { ARG_TYPES, type ArgTypeName, type WasmType } from "./argtypes.ts";

/** The half of the kernel that serves a call: AssemblyScript beside the guest, or TypeScript on the kernel's thread. */
export type Half = "hot" | "cold";

export type Status =
  | { readonly kind: "full" }
  /** Supported but for what `missing` says. */
  | { readonly kind: "partly"; readonly missing: string }
  /** Not supported: ENOSYS. */
  | { readonly kind: "no"; readonly why: string };

export interface Arg {
  readonly type: ArgTypeName;
  readonly name: string;
  readonly direction: "in" | "out" | "inout";
  /** Index of the argument that decides about this one (length, command), or -1. */
  readonly other: number;
}

/** What a successful call returns; `never` is for calls that do not return. */
export type Result = "int" | "address" | "mode" | "never";

export interface Syscall {
  readonly nr: number;
  readonly name: string;
  readonly args: readonly Arg[];
  readonly result: Result;
  readonly half: Half;
  readonly status: Status;
}

const FULL: Status = { kind: "full" };
const partly = (missing: string): Status => ({ kind: "partly", missing });
const no = (why: string): Status => ({ kind: "no", why });

function call(nr: number, name: string, signature: string, half: Half, status: Status): Syscall {
  const [list, result = "int"] = signature.split("->").map((part) => part.trim());
  const words = list === "" ? [] : list.split(",").map((argument) => argument.trim().split(/[ :]/));
  const names = words.map((word) => (/^(in|out|inout)$/.test(word[0]) ? word[2] : word[1]));
  const args = words.map((word, i): Arg => {
    const directed = /^(in|out|inout)$/.test(word[0]);
    const [type, , other] = directed ? word.slice(1) : word;
    if (!(type in ARG_TYPES)) throw new Error(`syscall ${name}: argument ${i + 1} has the unknown type "${type}"`);
    const decider = other === undefined ? -1 : names.indexOf(other);
    if (other !== undefined && decider < 0) throw new Error(`syscall ${name}: no argument is named "${other}"`);
    return {
      type: type as ArgTypeName,
      name: names[i],
      direction: directed ? (word[0] as Arg["direction"]) : "in",
      other: decider,
    };
  });
  return { nr, name, args, result: result as Result, half, status };
}

const hot = (nr: number, name: string, signature: string, status: Status = FULL) =>
  call(nr, name, signature, "hot", status);
const cold = (nr: number, name: string, signature: string, status: Status = FULL) =>
  call(nr, name, signature, "cold", status);
const none = (nr: number, name: string, signature: string, why: Status) => call(nr, name, signature, "cold", why);

// Reasons that several calls share.
const SOCKETS = partly("families other than AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK; nothing leaves the machine");
const MESSAGES = partly("MSG_OOB on AF_UNIX, MSG_ERRQUEUE and MSG_ZEROCOPY");
const SYSV = no("System V IPC comes later");
const MQUEUE = no("POSIX message queues come later");
const PTRACE = no("debugging and reading other processes come later");
const XATTR = partly("the attributes themselves: EOPNOTSUPP, and empty lists");
const MODULES = no("there are no kernel modules");
const GONE = no("obsolete: Linux gives ENOSYS too");
const MOUNTS = no("the newer mount calls come later; mount serves");
const NAMESPACES = no("namespaces come later");
const CAPABILITIES = no("capabilities come later");
const AIO = no("kernel AIO is not served; io_uring took its place");
const URING = no("io_uring comes later");
const KEYS = no("kernel key rings are not served");
const NUMA = no("there is one memory node and no NUMA policy");
const INOTIFY = no("inotify comes later");
const FANOTIFY = no("fanotify is not served");
const TIMERS = no("POSIX timers and timerfd come later");
const SIGNALFD = no("signalfd comes later");
const PIDFD = no("process descriptors come later");
const SPLICE = no("splicing comes later");
const LOCKED = no("guest memory cannot be locked or advised page by page");
const SECURITY = no("system call filters and Linux security modules come later");
const HOSTS = no("the host's clock, power, swap and accounting are not the guest's to change");
const X86 = no("it sets x86 hardware state that a Wasm guest does not have");
const FUTEX2 = no("the newer futex calls come later; futex serves");
const POLICIES = no("real-time scheduling policies are not served");

/** Every call in the order of their numbers. Numbers 335 to 423 are no calls on x86-64. */
// biome-ignore format: one call, one line
export const SYSCALLS: readonly Syscall[] = [
  hot(0, "read", "fd fd, out bytes buf:count, size count"),
  hot(1, "write", "fd fd, in bytes buf:count, size count"),
  hot(2, "open", "path pathname, open_flags flags, open_mode mode:flags"),
  hot(3, "close", "fd fd"),
  hot(4, "stat", "path pathname, out stat statbuf"),
  hot(5, "fstat", "fd fd, out stat statbuf"),
  hot(6, "lstat", "path pathname, out stat statbuf"),
  hot(7, "poll", "inout pollfd fds:nfds, nfds nfds, int timeout"),
  hot(8, "lseek", "fd fd, off offset, whence whence"),
  cold(9, "mmap", "ptr addr, size length, mmap_prot prot, mmap_flags flags, fd fd, off_hex offset -> address", partly("shared mappings of files")),
  cold(10, "mprotect", "ptr addr, size len, mmap_prot prot", partly("enforcement: the protection is only recorded")),
  cold(11, "munmap", "ptr addr, size len"),
  cold(12, "brk", "ptr addr -> address"),
  cold(13, "rt_sigaction", "signal signum, in sigaction act, out sigaction oldact, size sigsetsize"),
  hot(14, "rt_sigprocmask", "sigmask_how how, in sigset set:sigsetsize, out sigset oldset:sigsetsize, size sigsetsize"),
  cold(15, "rt_sigreturn", "long unused", partly("any effect: a handler returns by returning")),
  cold(16, "ioctl", "fd fd, ioctl_request request, inout ioctl_arg argp:request", partly("requests other than terminals', FIONREAD, FIONBIO, FIOCLEX and FIONCLEX")),
  hot(17, "pread64", "fd fd, out bytes buf:count, size count, off offset"),
  hot(18, "pwrite64", "fd fd, in bytes buf:count, size count, off offset"),
  hot(19, "readv", "fd fd, out iovec iov:iovcnt, int iovcnt"),
  hot(20, "writev", "fd fd, in iovec iov:iovcnt, int iovcnt"),
  hot(21, "access", "path pathname, access_mode mode"),
  cold(22, "pipe", "out fd_pair pipefd"),
  cold(23, "select", "int nfds, inout fd_set readfds:nfds, inout fd_set writefds:nfds, inout fd_set exceptfds:nfds, inout timeval timeout"),
  hot(24, "sched_yield", ""),
  cold(25, "mremap", "ptr old_address, size old_size, size new_size, mremap_flags flags, ptr new_address -> address"),
  cold(26, "msync", "ptr addr, size length, msync_flags flags"),
  cold(27, "mincore", "ptr addr, size length, out ptr vec", partly("every mapped page counts as resident")),
  cold(28, "madvise", "ptr addr, size length, madvice advice"),
  none(29, "shmget", "int key, size size, hex shmflg", SYSV),
  none(30, "shmat", "int shmid, ptr shmaddr, hex shmflg -> address", SYSV),
  none(31, "shmctl", "int shmid, int cmd, ptr buf", SYSV),
  hot(32, "dup", "fd oldfd"),
  hot(33, "dup2", "fd oldfd, fd newfd"),
  cold(34, "pause", ""),
  cold(35, "nanosleep", "in timespec req, out timespec_left rem"),
  cold(36, "getitimer", "itimer which, out itimerval curr_value", partly("ITIMER_VIRTUAL and ITIMER_PROF")),
  cold(37, "alarm", "uint seconds"),
  cold(38, "setitimer", "itimer which, in itimerval new_value, out itimerval old_value", partly("ITIMER_VIRTUAL and ITIMER_PROF")),
  hot(39, "getpid", ""),
  cold(40, "sendfile", "fd out_fd, fd in_fd, inout off_ptr offset, size count"),
  cold(41, "socket", "address_family domain, socket_type type, socket_protocol protocol:domain", SOCKETS),
  cold(42, "connect", "fd sockfd, in sockaddr addr:addrlen, uint addrlen"),
  cold(43, "accept", "fd sockfd, out sockaddr addr:addrlen, out socklen_ptr addrlen"),
  hot(44, "sendto", "fd sockfd, in bytes buf:len, size len, msg_flags flags, in sockaddr dest_addr:addrlen, uint addrlen", MESSAGES),
  hot(45, "recvfrom", "fd sockfd, out bytes buf:len, size len, msg_flags flags, out sockaddr src_addr:addrlen, out socklen_ptr addrlen", MESSAGES),
  cold(46, "sendmsg", "fd sockfd, in msghdr msg, msg_flags flags", MESSAGES),
  cold(47, "recvmsg", "fd sockfd, out msghdr msg, msg_flags flags", MESSAGES),
  cold(48, "shutdown", "fd sockfd, shutdown_how how"),
  cold(49, "bind", "fd sockfd, in sockaddr addr:addrlen, uint addrlen"),
  cold(50, "listen", "fd sockfd, int backlog"),
  cold(51, "getsockname", "fd sockfd, out sockaddr addr:addrlen, out socklen_ptr addrlen"),
  cold(52, "getpeername", "fd sockfd, out sockaddr addr:addrlen, out socklen_ptr addrlen"),
  cold(53, "socketpair", "address_family domain, socket_type type, socket_protocol protocol:domain, out fd_pair sv", SOCKETS),
  cold(54, "setsockopt", "fd sockfd, socket_level level, sockopt_name optname:level, in sockopt_value optval:optname, uint optlen", partly("options about filters, timestamps, devices and what else has no meaning without a wire: ENOPROTOOPT")),
  cold(55, "getsockopt", "fd sockfd, socket_level level, sockopt_name optname:level, out sockopt_value optval:optname, out socklen_ptr optlen", partly("options about filters, timestamps, devices and what else has no meaning without a wire: ENOPROTOOPT")),
  cold(56, "clone", "clone_flags flags, ptr stack, out int_ptr parent_tid, out int_ptr child_tid, ulong_hex tls", partly("sharing memory: that goes by ring3.clone, which says where the child starts")),
  cold(57, "fork", ""),
  cold(58, "vfork", "", partly("sharing memory: it is a fork; our C library vforks by ring3.clone")),
  cold(59, "execve", "path pathname, argv argv, envp envp"),
  cold(60, "exit", "int status -> never"),
  cold(61, "wait4", "pid pid, out wait_status wstatus, wait_options options, out rusage rusage"),
  cold(62, "kill", "pid pid, signal sig"),
  cold(63, "uname", "out utsname buf"),
  none(64, "semget", "int key, int nsems, hex semflg", SYSV),
  none(65, "semop", "int semid, ptr sops, size nsops", SYSV),
  none(66, "semctl", "int semid, int semnum, int cmd, ptr arg", SYSV),
  none(67, "shmdt", "ptr shmaddr", SYSV),
  none(68, "msgget", "int key, hex msgflg", SYSV),
  none(69, "msgsnd", "int msqid, ptr msgp, size msgsz, hex msgflg", SYSV),
  none(70, "msgrcv", "int msqid, ptr msgp, size msgsz, long msgtyp, hex msgflg", SYSV),
  none(71, "msgctl", "int msqid, int cmd, ptr buf", SYSV),
  hot(72, "fcntl", "fd fd, fcntl_cmd cmd, inout fcntl_arg arg:cmd"),
  cold(73, "flock", "fd fd, flock_operation operation"),
  cold(74, "fsync", "fd fd"),
  cold(75, "fdatasync", "fd fd"),
  cold(76, "truncate", "path path, off length"),
  cold(77, "ftruncate", "fd fd, off length"),
  hot(78, "getdents", "fd fd, out ptr dirp, uint count"),
  cold(79, "getcwd", "out bytes buf:size, size size"),
  cold(80, "chdir", "path path"),
  cold(81, "fchdir", "fd fd"),
  cold(82, "rename", "path oldpath, path newpath"),
  cold(83, "mkdir", "path pathname, mode mode"),
  cold(84, "rmdir", "path pathname"),
  cold(85, "creat", "path pathname, mode mode"),
  cold(86, "link", "path oldpath, path newpath"),
  cold(87, "unlink", "path pathname"),
  cold(88, "symlink", "path target, path linkpath"),
  hot(89, "readlink", "path pathname, out bytes buf:bufsiz, size bufsiz"),
  cold(90, "chmod", "path pathname, mode mode"),
  cold(91, "fchmod", "fd fd, mode mode"),
  cold(92, "chown", "path pathname, uid owner, gid group"),
  cold(93, "fchown", "fd fd, uid owner, gid group"),
  cold(94, "lchown", "path pathname, uid owner, gid group"),
  cold(95, "umask", "mode mask -> mode"),
  hot(96, "gettimeofday", "out timeval tv, out timezone tz"),
  cold(97, "getrlimit", "rlimit_resource resource, out rlimit rlim"),
  cold(98, "getrusage", "rusage_who who, out rusage usage"),
  cold(99, "sysinfo", "out sysinfo info"),
  cold(100, "times", "out tms buf"),
  none(101, "ptrace", "long request, pid pid, ptr addr, ptr data", PTRACE),
  hot(102, "getuid", ""),
  cold(103, "syslog", "int type, ptr bufp, int len"),
  hot(104, "getgid", ""),
  cold(105, "setuid", "uid uid"),
  cold(106, "setgid", "gid gid"),
  hot(107, "geteuid", ""),
  hot(108, "getegid", ""),
  cold(109, "setpgid", "pid pid, pid pgid"),
  hot(110, "getppid", ""),
  cold(111, "getpgrp", ""),
  cold(112, "setsid", ""),
  cold(113, "setreuid", "uid ruid, uid euid"),
  cold(114, "setregid", "gid rgid, gid egid"),
  cold(115, "getgroups", "size size, out gid_array list:size"),
  cold(116, "setgroups", "size size, in gid_array list:size"),
  cold(117, "setresuid", "uid ruid, uid euid, uid suid"),
  cold(118, "getresuid", "out id_ptr ruid, out id_ptr euid, out id_ptr suid"),
  cold(119, "setresgid", "gid rgid, gid egid, gid sgid"),
  cold(120, "getresgid", "out id_ptr rgid, out id_ptr egid, out id_ptr sgid"),
  cold(121, "getpgid", "pid pid"),
  cold(122, "setfsuid", "uid fsuid"),
  cold(123, "setfsgid", "gid fsgid"),
  cold(124, "getsid", "pid pid"),
  none(125, "capget", "ptr hdrp, ptr datap", CAPABILITIES),
  none(126, "capset", "ptr hdrp, ptr datap", CAPABILITIES),
  cold(127, "rt_sigpending", "out sigset set:sigsetsize, size sigsetsize"),
  cold(128, "rt_sigtimedwait", "in sigset set:sigsetsize, out siginfo info, in timespec timeout, size sigsetsize"),
  cold(129, "rt_sigqueueinfo", "pid tgid, signal sig, in siginfo info"),
  cold(130, "rt_sigsuspend", "in sigset mask:sigsetsize, size sigsetsize"),
  cold(131, "sigaltstack", "in stack ss, out stack old_ss"),
  cold(132, "utime", "path filename, in utimbuf times"),
  cold(133, "mknod", "path pathname, file_mode mode, dev dev"),
  none(134, "uselib", "path library", GONE),
  cold(135, "personality", "ulong_hex persona", partly("Linux is the only execution domain")),
  none(136, "ustat", "dev dev, ptr ubuf", no("superseded by statfs")),
  cold(137, "statfs", "path path, out statfs buf"),
  cold(138, "fstatfs", "fd fd, out statfs buf"),
  none(139, "sysfs", "int option, ulong arg1, ulong arg2", no("superseded by /proc/filesystems")),
  cold(140, "getpriority", "priority_which which, int who"),
  cold(141, "setpriority", "priority_which which, int who, int prio"),
  cold(142, "sched_setparam", "pid pid, ptr param"),
  cold(143, "sched_getparam", "pid pid, ptr param"),
  cold(144, "sched_setscheduler", "pid pid, sched_policy policy, ptr param", partly("SCHED_OTHER only: real-time policies are EPERM")),
  cold(145, "sched_getscheduler", "pid pid"),
  cold(146, "sched_get_priority_max", "sched_policy policy"),
  cold(147, "sched_get_priority_min", "sched_policy policy"),
  none(148, "sched_rr_get_interval", "pid pid, out timespec tp", POLICIES),
  none(149, "mlock", "ptr addr, size len", LOCKED),
  none(150, "munlock", "ptr addr, size len", LOCKED),
  none(151, "mlockall", "hex flags", LOCKED),
  none(152, "munlockall", "", LOCKED),
  none(153, "vhangup", "", no("a terminal is hung up by closing its other end")),
  none(154, "modify_ldt", "int func, ptr ptr, ulong bytecount", X86),
  none(155, "pivot_root", "path new_root, path put_old", MOUNTS),
  none(156, "_sysctl", "ptr args", GONE),
  cold(157, "prctl", "prctl_option option, ulong_hex arg2, ulong_hex arg3, ulong_hex arg4, ulong_hex arg5", partly("options other than NAME, PDEATHSIG, CHILD_SUBREAPER, NO_NEW_PRIVS and DUMPABLE")),
  none(158, "arch_prctl", "hex code, ptr addr", X86),
  none(159, "adjtimex", "ptr buf", HOSTS),
  cold(160, "setrlimit", "rlimit_resource resource, in rlimit rlim"),
  cold(161, "chroot", "path path"),
  cold(162, "sync", ""),
  none(163, "acct", "path filename", HOSTS),
  cold(164, "settimeofday", "in timeval tv, in timezone tz", partly("the clock is the host's: EPERM")),
  cold(165, "mount", "path source, path target, str filesystemtype, ulong_hex mountflags, ptr data", partly("file systems other than tmpfs, ramfs, proc and devtmpfs; moving mounts")),
  cold(166, "umount2", "path target, hex flags", partly("MNT_EXPIRE")),
  none(167, "swapon", "path path, hex swapflags", HOSTS),
  none(168, "swapoff", "path path", HOSTS),
  none(169, "reboot", "hex magic, hex magic2, hex op, ptr arg", HOSTS),
  cold(170, "sethostname", "in bytes name:len, size len"),
  cold(171, "setdomainname", "in bytes name:len, size len"),
  none(172, "iopl", "int level", X86),
  none(173, "ioperm", "ulong_hex from, ulong_hex num, int turn_on", X86),
  none(174, "create_module", "str name, size size", GONE),
  none(175, "init_module", "ptr module_image, ulong len, str param_values", MODULES),
  none(176, "delete_module", "str name, hex flags", MODULES),
  none(177, "get_kernel_syms", "ptr table", GONE),
  none(178, "query_module", "str name, int which, ptr buf, size bufsize, ptr ret", GONE),
  none(179, "quotactl", "hex cmd, path special, int id, ptr addr", no("there are no disk quotas")),
  none(180, "nfsservctl", "int cmd, ptr argp, ptr resp", GONE),
  none(181, "getpmsg", "", GONE),
  none(182, "putpmsg", "", GONE),
  none(183, "afs_syscall", "", GONE),
  none(184, "tuxcall", "", GONE),
  none(185, "security", "", GONE),
  hot(186, "gettid", ""),
  cold(187, "readahead", "fd fd, off offset, size count"),
  cold(188, "setxattr", "path path, str name, in bytes value:size, size size, hex flags", XATTR),
  cold(189, "lsetxattr", "path path, str name, in bytes value:size, size size, hex flags", XATTR),
  cold(190, "fsetxattr", "fd fd, str name, in bytes value:size, size size, hex flags", XATTR),
  cold(191, "getxattr", "path path, str name, out bytes value:size, size size", XATTR),
  cold(192, "lgetxattr", "path path, str name, out bytes value:size, size size", XATTR),
  cold(193, "fgetxattr", "fd fd, str name, out bytes value:size, size size", XATTR),
  cold(194, "listxattr", "path path, out bytes list:size, size size", XATTR),
  cold(195, "llistxattr", "path path, out bytes list:size, size size", XATTR),
  cold(196, "flistxattr", "fd fd, out bytes list:size, size size", XATTR),
  cold(197, "removexattr", "path path, str name", XATTR),
  cold(198, "lremovexattr", "path path, str name", XATTR),
  cold(199, "fremovexattr", "fd fd, str name", XATTR),
  cold(200, "tkill", "pid tid, signal sig"),
  cold(201, "time", "out time_t tloc"),
  hot(202, "futex", "ptr uaddr, futex_op futex_op, uint val, in timespec timeout, ptr uaddr2, hex val3", partly("priority inheritance (the FUTEX_*_PI operations)")),
  cold(203, "sched_setaffinity", "pid pid, size cpusetsize, in cpu_set mask:cpusetsize", partly("other CPUs: a machine has one, and the mask has to hold it")),
  cold(204, "sched_getaffinity", "pid pid, size cpusetsize, out cpu_set mask:cpusetsize"),
  none(205, "set_thread_area", "ptr u_info", X86),
  none(206, "io_setup", "uint nr_events, ptr ctx_idp", AIO),
  none(207, "io_destroy", "ulong_hex ctx_id", AIO),
  none(208, "io_getevents", "ulong_hex ctx_id, long min_nr, long nr, ptr events, in timespec timeout", AIO),
  none(209, "io_submit", "ulong_hex ctx_id, long nr, ptr iocbpp", AIO),
  none(210, "io_cancel", "ulong_hex ctx_id, ptr iocb, ptr result", AIO),
  none(211, "get_thread_area", "ptr u_info", X86),
  none(212, "lookup_dcookie", "u64_hex cookie, ptr buffer, size len", GONE),
  cold(213, "epoll_create", "int size"),
  none(214, "epoll_ctl_old", "", GONE),
  none(215, "epoll_wait_old", "", GONE),
  none(216, "remap_file_pages", "ptr addr, size size, hex prot, size pgoff, hex flags", no("superseded: use mmap")),
  hot(217, "getdents64", "fd fd, out dirent dirp:count, int count"),
  cold(218, "set_tid_address", "ptr tidptr"),
  none(219, "restart_syscall", "", no("interrupted calls are restarted in the kernel, with the time that is left")),
  none(220, "semtimedop", "int semid, ptr sops, size nsops, in timespec timeout", SYSV),
  cold(221, "fadvise", "fd fd, off offset, off len, fadvice advice"),
  none(222, "timer_create", "clockid clockid, ptr sevp, ptr timerid", TIMERS),
  none(223, "timer_settime", "int timerid, timer_flags flags, in itimerspec new_value, out itimerspec old_value", TIMERS),
  none(224, "timer_gettime", "int timerid, out itimerspec curr_value", TIMERS),
  none(225, "timer_getoverrun", "int timerid", TIMERS),
  none(226, "timer_delete", "int timerid", TIMERS),
  cold(227, "clock_settime", "clockid clockid, in timespec tp", partly("the clock is the host's: EPERM")),
  hot(228, "clock_gettime", "clockid clockid, out timespec tp"),
  cold(229, "clock_getres", "clockid clockid, out timespec res"),
  cold(230, "clock_nanosleep", "clockid clockid, timer_flags flags, in timespec request, out timespec_left remain"),
  cold(231, "exit_group", "int status -> never"),
  hot(232, "epoll_wait", "fd epfd, out epoll_event events:maxevents, int maxevents, int timeout"),
  hot(233, "epoll_ctl", "fd epfd, epoll_op op, fd fd, in epoll_event event"),
  cold(234, "tgkill", "pid tgid, pid tid, signal sig"),
  cold(235, "utimes", "path filename, in timeval_pair times"),
  none(236, "vserver", "", GONE),
  none(237, "mbind", "ptr addr, ulong len, int mode, ptr nodemask, ulong maxnode, hex flags", NUMA),
  none(238, "set_mempolicy", "int mode, ptr nodemask, ulong maxnode", NUMA),
  none(239, "get_mempolicy", "ptr mode, ptr nodemask, ulong maxnode, ptr addr, ulong_hex flags", NUMA),
  none(240, "mq_open", "str name, open_flags oflag, open_mode mode:oflag, ptr attr", MQUEUE),
  none(241, "mq_unlink", "str name", MQUEUE),
  none(242, "mq_timedsend", "int mqdes, in bytes msg_ptr:msg_len, size msg_len, uint msg_prio, in timespec abs_timeout", MQUEUE),
  none(243, "mq_timedreceive", "int mqdes, out bytes msg_ptr:msg_len, size msg_len, out int_ptr msg_prio, in timespec abs_timeout", MQUEUE),
  none(244, "mq_notify", "int mqdes, ptr sevp", MQUEUE),
  none(245, "mq_getsetattr", "int mqdes, ptr newattr, ptr oldattr", MQUEUE),
  none(246, "kexec_load", "ulong_hex entry, ulong nr_segments, ptr segments, ulong_hex flags", MODULES),
  cold(247, "waitid", "wait_idtype idtype, pid id, out siginfo infop, wait_options options, out rusage rusage", partly("P_PIDFD")),
  none(248, "add_key", "str type, str description, in bytes payload:plen, size plen, int keyring", KEYS),
  none(249, "request_key", "str type, str description, str callout_info, int dest_keyring", KEYS),
  none(250, "keyctl", "int operation, ulong_hex arg2, ulong_hex arg3, ulong_hex arg4, ulong_hex arg5", KEYS),
  none(251, "ioprio_set", "int which, int who, hex ioprio", POLICIES),
  none(252, "ioprio_get", "int which, int who", POLICIES),
  none(253, "inotify_init", "", INOTIFY),
  none(254, "inotify_add_watch", "fd fd, path pathname, hex mask", INOTIFY),
  none(255, "inotify_rm_watch", "fd fd, int wd", INOTIFY),
  none(256, "migrate_pages", "pid pid, ulong maxnode, ptr old_nodes, ptr new_nodes", NUMA),
  hot(257, "openat", "dirfd dirfd, path pathname, open_flags flags, open_mode mode:flags"),
  cold(258, "mkdirat", "dirfd dirfd, path pathname, mode mode"),
  cold(259, "mknodat", "dirfd dirfd, path pathname, file_mode mode, dev dev"),
  cold(260, "fchownat", "dirfd dirfd, path pathname, uid owner, gid group, at_flags flags"),
  cold(261, "futimesat", "dirfd dirfd, path pathname, in timeval_pair times"),
  hot(262, "newfstatat", "dirfd dirfd, path pathname, out stat statbuf, at_flags flags"),
  cold(263, "unlinkat", "dirfd dirfd, path pathname, at_flags flags"),
  cold(264, "renameat", "dirfd olddirfd, path oldpath, dirfd newdirfd, path newpath"),
  cold(265, "linkat", "dirfd olddirfd, path oldpath, dirfd newdirfd, path newpath, at_flags flags"),
  cold(266, "symlinkat", "path target, dirfd newdirfd, path linkpath"),
  hot(267, "readlinkat", "dirfd dirfd, path pathname, out bytes buf:bufsiz, size bufsiz"),
  cold(268, "fchmodat", "dirfd dirfd, path pathname, mode mode, at_flags flags"),
  hot(269, "faccessat", "dirfd dirfd, path pathname, access_mode mode, access_at_flags flags"),
  cold(270, "pselect6", "int nfds, inout fd_set readfds:nfds, inout fd_set writefds:nfds, inout fd_set exceptfds:nfds, inout timespec timeout, in sigset_argpack sigmask"),
  hot(271, "ppoll", "inout pollfd fds:nfds, nfds nfds, inout timespec tmo_p, in sigset sigmask:sigsetsize, size sigsetsize"),
  none(272, "unshare", "hex flags", NAMESPACES),
  cold(273, "set_robust_list", "ptr head, size len"),
  cold(274, "get_robust_list", "pid pid, ptr head_ptr, ptr len_ptr"),
  none(275, "splice", "fd fd_in, inout off_ptr off_in, fd fd_out, inout off_ptr off_out, size len, hex flags", SPLICE),
  none(276, "tee", "fd fd_in, fd fd_out, size len, hex flags", SPLICE),
  cold(277, "sync_file_range", "fd fd, off offset, off nbytes, hex flags"),
  none(278, "vmsplice", "fd fd, in iovec iov:nr_segs, size nr_segs, hex flags", SPLICE),
  none(279, "move_pages", "pid pid, ulong count, ptr pages, ptr nodes, ptr status, hex flags", NUMA),
  cold(280, "utimensat", "dirfd dirfd, path pathname, in timespec_pair times, at_flags flags"),
  hot(281, "epoll_pwait", "fd epfd, out epoll_event events:maxevents, int maxevents, int timeout, in sigset sigmask:sigsetsize, size sigsetsize"),
  none(282, "signalfd", "fd fd, in sigset mask:sizemask, size sizemask", SIGNALFD),
  none(283, "timerfd_create", "clockid clockid, hex flags", TIMERS),
  cold(284, "eventfd", "uint initval"),
  cold(285, "fallocate", "fd fd, fallocate_mode mode, off offset, off len", partly("FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_INSERT_RANGE")),
  none(286, "timerfd_settime", "fd fd, timer_flags flags, in itimerspec new_value, out itimerspec old_value", TIMERS),
  none(287, "timerfd_gettime", "fd fd, out itimerspec curr_value", TIMERS),
  cold(288, "accept4", "fd sockfd, out sockaddr addr:addrlen, out socklen_ptr addrlen, socket_flags flags"),
  none(289, "signalfd4", "fd fd, in sigset mask:sizemask, size sizemask, hex flags", SIGNALFD),
  cold(290, "eventfd2", "uint initval, eventfd_flags flags"),
  cold(291, "epoll_create1", "epoll_flags flags"),
  hot(292, "dup3", "fd oldfd, fd newfd, open_flags flags"),
  cold(293, "pipe2", "out fd_pair pipefd, pipe_flags flags"),
  none(294, "inotify_init1", "hex flags", INOTIFY),
  cold(295, "preadv", "fd fd, out iovec iov:iovcnt, int iovcnt, ulong pos_l, ulong pos_h"),
  cold(296, "pwritev", "fd fd, in iovec iov:iovcnt, int iovcnt, ulong pos_l, ulong pos_h"),
  cold(297, "rt_tgsigqueueinfo", "pid tgid, pid tid, signal sig, in siginfo info"),
  none(298, "perf_event_open", "ptr attr, pid pid, int cpu, fd group_fd, ulong_hex flags", PTRACE),
  cold(299, "recvmmsg", "fd sockfd, out mmsghdr msgvec:vlen, uint vlen, msg_flags flags, in timespec timeout", MESSAGES),
  none(300, "fanotify_init", "hex flags, hex event_f_flags", FANOTIFY),
  none(301, "fanotify_mark", "fd fanotify_fd, hex flags, u64_hex mask, dirfd dirfd, path pathname", FANOTIFY),
  cold(302, "prlimit64", "pid pid, rlimit_resource resource, in rlimit new_limit, out rlimit old_limit"),
  none(303, "name_to_handle_at", "dirfd dirfd, path pathname, ptr handle, ptr mount_id, hex flags", no("file handles come later")),
  none(304, "open_by_handle_at", "fd mount_fd, ptr handle, open_flags flags", no("file handles come later")),
  none(305, "clock_adjtime", "clockid clockid, ptr buf", HOSTS),
  cold(306, "syncfs", "fd fd"),
  cold(307, "sendmmsg", "fd sockfd, out mmsghdr msgvec:vlen, uint vlen, msg_flags flags", MESSAGES),
  none(308, "setns", "fd fd, hex nstype", NAMESPACES),
  cold(309, "getcpu", "out int_ptr cpu, out int_ptr node, ptr tcache"),
  none(310, "process_vm_readv", "pid pid, ptr local_iov, ulong liovcnt, ptr remote_iov, ulong riovcnt, ulong_hex flags", PTRACE),
  none(311, "process_vm_writev", "pid pid, ptr local_iov, ulong liovcnt, ptr remote_iov, ulong riovcnt, ulong_hex flags", PTRACE),
  none(312, "kcmp", "pid pid1, pid pid2, int type, ulong idx1, ulong idx2", PTRACE),
  none(313, "finit_module", "fd fd, str param_values, hex flags", MODULES),
  none(314, "sched_setattr", "pid pid, ptr attr, hex flags", POLICIES),
  none(315, "sched_getattr", "pid pid, ptr attr, uint size, hex flags", POLICIES),
  cold(316, "renameat2", "dirfd olddirfd, path oldpath, dirfd newdirfd, path newpath, rename_flags flags", partly("RENAME_WHITEOUT")),
  none(317, "seccomp", "uint operation, hex flags, ptr args", SECURITY),
  hot(318, "getrandom", "out bytes buf:buflen, size buflen, getrandom_flags flags"),
  cold(319, "memfd_create", "str name, hex flags", partly("huge pages")),
  none(320, "kexec_file_load", "fd kernel_fd, fd initrd_fd, ulong cmdline_len, str cmdline, ulong_hex flags", MODULES),
  none(321, "bpf", "int cmd, ptr attr, uint size", SECURITY),
  cold(322, "execveat", "dirfd dirfd, path pathname, argv argv, envp envp, at_flags flags"),
  none(323, "userfaultfd", "hex flags", no("a Wasm memory has no page faults")),
  cold(324, "membarrier", "int cmd, hex flags, int cpu_id", partly("one CPU: every command is a barrier already")),
  none(325, "mlock2", "ptr addr, size len, hex flags", LOCKED),
  cold(326, "copy_file_range", "fd fd_in, inout off_ptr off_in, fd fd_out, inout off_ptr off_out, size len, uint flags"),
  cold(327, "preadv2", "fd fd, out iovec iov:iovcnt, int iovcnt, ulong pos_l, ulong pos_h, rwf_flags flags", partly("RWF_NOWAIT and RWF_HIPRI")),
  cold(328, "pwritev2", "fd fd, in iovec iov:iovcnt, int iovcnt, ulong pos_l, ulong pos_h, rwf_flags flags", partly("RWF_NOWAIT and RWF_HIPRI")),
  none(329, "pkey_mprotect", "ptr addr, size len, mmap_prot prot, int pkey", X86),
  none(330, "pkey_alloc", "uint flags, uint access_rights", X86),
  none(331, "pkey_free", "int pkey", X86),
  hot(332, "statx", "dirfd dirfd, path pathname, statx_flags flags, statx_mask mask, out statx statxbuf"),
  none(333, "io_pgetevents", "ulong_hex ctx_id, long min_nr, long nr, ptr events, in timespec timeout, ptr usig", AIO),
  none(334, "rseq", "ptr rseq, uint rseq_len, hex flags, hex sig", no("restartable sequences need hardware state; the C library does without")),
  none(424, "pidfd_send_signal", "fd pidfd, signal sig, in siginfo info, hex flags", PIDFD),
  none(425, "io_uring_setup", "uint entries, ptr params", URING),
  none(426, "io_uring_enter", "fd fd, uint to_submit, uint min_complete, hex flags, ptr sig, size sigsz", URING),
  none(427, "io_uring_register", "fd fd, uint opcode, ptr arg, uint nr_args", URING),
  none(428, "open_tree", "dirfd dirfd, path path, hex flags", MOUNTS),
  none(429, "move_mount", "dirfd from_dirfd, path from_path, dirfd to_dirfd, path to_path, hex flags", MOUNTS),
  none(430, "fsopen", "str fsname, hex flags", MOUNTS),
  none(431, "fsconfig", "fd fs_fd, uint cmd, str key, ptr value, int aux", MOUNTS),
  none(432, "fsmount", "fd fs_fd, hex flags, hex attr_flags", MOUNTS),
  none(433, "fspick", "dirfd dirfd, path path, hex flags", MOUNTS),
  none(434, "pidfd_open", "pid pid, hex flags", PIDFD),
  none(435, "clone3", "ptr cl_args, size size", no("it cannot say where a Wasm child starts; C libraries fall back to clone")),
  cold(436, "close_range", "uint first, uint last, hex flags"),
  cold(437, "openat2", "dirfd dirfd, path pathname, ptr how, size size"),
  none(438, "pidfd_getfd", "fd pidfd, fd targetfd, hex flags", PIDFD),
  hot(439, "faccessat2", "dirfd dirfd, path pathname, access_mode mode, access_at_flags flags"),
  none(440, "process_madvise", "fd pidfd, in iovec iovec:vlen, size vlen, madvice advice, hex flags", PIDFD),
  none(441, "epoll_pwait2", "fd epfd, out epoll_event events:maxevents, int maxevents, in timespec timeout, in sigset sigmask:sigsetsize, size sigsetsize", no("comes later; C libraries fall back to epoll_pwait")),
  none(442, "mount_setattr", "dirfd dirfd, path path, hex flags, ptr attr, size size", MOUNTS),
  none(443, "quotactl_fd", "fd fd, hex cmd, int id, ptr addr", no("there are no disk quotas")),
  none(444, "landlock_create_ruleset", "ptr attr, size size, hex flags", SECURITY),
  none(445, "landlock_add_rule", "fd ruleset_fd, int rule_type, ptr rule_attr, hex flags", SECURITY),
  none(446, "landlock_restrict_self", "fd ruleset_fd, hex flags", SECURITY),
  none(447, "memfd_secret", "hex flags", no("anonymous files come later")),
  none(448, "process_mrelease", "fd pidfd, hex flags", PIDFD),
  none(449, "futex_waitv", "ptr waiters, uint nr_futexes, hex flags, in timespec timeout, clockid clockid", FUTEX2),
  none(450, "set_mempolicy_home_node", "ulong_hex start, ulong len, ulong home_node, ulong_hex flags", NUMA),
  none(451, "cachestat", "fd fd, ptr cstat_range, ptr cstat, hex flags", no("there are no figures about the page cache to give")),
  cold(452, "fchmodat2", "dirfd dirfd, path pathname, mode mode, at_flags flags"),
  none(453, "map_shadow_stack", "ulong_hex addr, ulong size, hex flags", X86),
  none(454, "futex_wake", "ptr uaddr, ulong_hex mask, int nr, hex flags", FUTEX2),
  none(455, "futex_wait", "ptr uaddr, ulong val, ulong_hex mask, hex flags, in timespec timeout, clockid clockid", FUTEX2),
  none(456, "futex_requeue", "ptr waiters, hex flags, int nr_wake, int nr_requeue", FUTEX2),
  none(457, "statmount", "ptr req, out ptr buf, size bufsize, hex flags", MOUNTS),
  none(458, "listmount", "ptr req, out ptr mnt_ids, size nr_mnt_ids, hex flags", MOUNTS),
  none(459, "lsm_get_self_attr", "uint attr, ptr ctx, ptr size, hex flags", SECURITY),
  none(460, "lsm_set_self_attr", "uint attr, ptr ctx, uint size, hex flags", SECURITY),
  none(461, "lsm_list_modules", "ptr ids, ptr size, hex flags", SECURITY),
  none(462, "mseal", "ulong_hex start, size len, ulong_hex flags", LOCKED),
];

const byNumber: (Syscall | undefined)[] = [];
const byName = new Map<string, Syscall>();
for (const entry of SYSCALLS) {
  byNumber[entry.nr] = entry;
  byName.set(entry.name, entry);
}

/** The entry of call number `nr`, or undefined where Linux has no such call. */
export function syscall(nr: number): Syscall | undefined {
  return byNumber[nr];
}

/** The entry of the call `name` (without `SYS_`), or undefined. */
export function syscallByName(name: string): Syscall | undefined {
  return byName.get(name);
}

/** The parameter types of the call's import `SYS_<name>`; its result is always one i64. */
export function wasmParams(entry: Syscall): WasmType[] {
  return entry.args.map((arg) => ARG_TYPES[arg.type].wasm);
}
