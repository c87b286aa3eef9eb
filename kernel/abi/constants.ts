/**
 * Sets of constants that belong together: the values that one argument or field can have, or the bits that it can be made of. Tracing
 * turns numbers into names with them. Bits are in the order in which strace prints them.
 */
import * as fcntl from "./fcntl.ts";
import * as futex from "./futex.ts";
import * as inet from "./inet.ts";
import * as ioctl from "./ioctl.ts";
import * as mman from "./mman.ts";
import * as netlink from "./netlink.ts";
import * as poll from "./poll.ts";
import * as prctl from "./prctl.ts";
import * as random from "./random.ts";
import * as resource from "./resource.ts";
import * as sched from "./sched.ts";
import * as signal from "./signal.ts";
import * as socket from "./socket.ts";
import * as stat from "./stat.ts";
import * as termios from "./termios.ts";
import * as time from "./time.ts";
import * as wait from "./wait.ts";

export interface ConstantSet {
  /** Name and value (unsigned), in the order of printing. */
  readonly list: readonly (readonly [name: string, value: number])[];
  /** What stands for a value that has no name: "SEEK_???". */
  readonly unknown: string;
  /** The name of 0 in a set of bits, "PROT_NONE"; undefined where 0 is just 0. */
  readonly zero?: string;
}

/**
 * Those constants of a header whose names are given, in that order, or fit the pattern, in the order of their values (a module's names
 * come in alphabetical order, which says nothing).
 */
function set(header: Record<string, unknown>, names: string | RegExp, unknown: string, zero?: string): ConstantSet {
  const chosen = typeof names === "string" ? names.split(" ") : Object.keys(header).filter((name) => names.test(name));
  const list = chosen.map((name): [string, number] => {
    const value = header[name];
    if (typeof value !== "number") throw new Error(`no constant is named "${name}"`);
    return [name, value >>> 0];
  });
  if (typeof names !== "string") list.sort((a, b) => a[1] - b[1]);
  return { list, unknown, zero };
}

const table = {
  // ---- one value
  whence: set(fcntl, /^SEEK_/, "SEEK_???"),
  fcntl_cmd: set(fcntl, /^F_(?!OK|RDLCK|WRLCK|UNLCK|SEAL_|OWNER_)/, "F_???"),
  lock_type: set(fcntl, "F_RDLCK F_WRLCK F_UNLCK", "F_???"),
  fadvice: set(fcntl, /^POSIX_FADV_/, "POSIX_FADV_???"),
  madvice: set(mman, /^MADV_/, "MADV_???"),
  sigmask_how: set(signal, "SIG_BLOCK SIG_UNBLOCK SIG_SETMASK", "SIG_???"),
  signal: set(signal, /^SIG(?!RT)[A-Z]/, "SIG???"),
  clock: set(time, /^CLOCK_/, "CLOCK_???"),
  itimer: set(time, /^ITIMER_/, "ITIMER_???"),
  rlimit_resource: set(resource, /^RLIMIT_/, "RLIMIT_???"),
  rusage_who: set(resource, /^RUSAGE_/, "RUSAGE_???"),
  priority_which: set(resource, /^PRIO_/, "PRIO_???"),
  sched_policy: set(sched, /^SCHED_/, "SCHED_???"),
  wait_idtype: set(wait, /^P_/, "P_???"),
  epoll_op: set(poll, /^EPOLL_CTL_/, "EPOLL_CTL_???"),
  futex_op: set(futex, /^FUTEX_(?!OP_|OWNER|WAITERS|TID|CMD|PRIVATE|CLOCK|BITSET)/, "FUTEX_???"),
  futex_wake_op: set(futex, "FUTEX_OP_SET FUTEX_OP_ADD FUTEX_OP_OR FUTEX_OP_ANDN FUTEX_OP_XOR", "FUTEX_OP_???"),
  futex_wake_cmp: set(futex, /^FUTEX_OP_CMP_/, "FUTEX_OP_CMP_???"),
  prctl_option: set(prctl, /^PR_/, "PR_???"),
  ioctl: set(ioctl, /^(?!TCI|TCO|TIOCPKT_)/, "IOCTL_???"),
  tcflush: set(ioctl, "TCIFLUSH TCOFLUSH TCIOFLUSH", "TC???"),
  tcflow: set(ioctl, "TCOOFF TCOON TCIOFF TCION", "TC???"),
  file_type: set(stat, /^S_IF(?!MT)/, "S_IF???"),
  statfs_type: set(stat, /_MAGIC$/, "???_MAGIC"),
  si_code: set(signal, /^SI_/, "SI_???"),
  sigill_code: set(signal, /^ILL_/, "ILL_???"),
  sigfpe_code: set(signal, /^FPE_/, "FPE_???"),
  sigsegv_code: set(signal, /^SEGV_/, "SEGV_???"),
  sigbus_code: set(signal, /^BUS_/, "BUS_???"),
  sigtrap_code: set(signal, /^TRAP_/, "TRAP_???"),
  sigchld_code: set(signal, /^CLD_/, "CLD_???"),
  sigpoll_code: set(signal, /^POLL_/, "POLL_???"),

  address_family: set(socket, /^AF_(?!MAX)/, "AF_???"),
  socket_type: set(socket, /^SOCK_(?!NONBLOCK|CLOEXEC|TYPE_)/, "SOCK_???"),
  socket_level: set(socket, /^SOL_/, "SOL_??"),
  socket_option: set(socket, /^SO_/, "SO_???"),
  control_type: set(socket, "SCM_RIGHTS SCM_CREDENTIALS", "SCM_???"),
  ip_protocol: set(inet, /^IPPROTO_(?!MAX)/, "IPPROTO_???"),
  ip_option: set(inet, /^IP_(?!PMTUDISC_)/, "IP_???"),
  ipv6_option: set(inet, /^IPV6_/, "IPV6_???"),
  tcp_option: set(inet, /^TCP_(?!ESTABLISHED|SYN_|FIN_|TIME_WAIT|CLOSE|LAST_ACK|LISTEN)/, "TCP_???"),
  udp_option: set(inet, /^UDP_/, "UDP_???"),
  netlink_protocol: set(netlink, "NETLINK_ROUTE", "NETLINK_???"),
  shutdown_how: set(socket, /^SHUT_/, "SHUT_???"),

  // ---- bits
  open_flags: set(
    fcntl,
    "O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK O_SYNC O_DSYNC O_DIRECT O_LARGEFILE O_NOFOLLOW O_NOATIME " +
      "O_CLOEXEC O_PATH O_TMPFILE O_DIRECTORY O_ASYNC",
    "O_???",
  ),
  pipe_flags: set(fcntl, "O_NONBLOCK O_CLOEXEC O_DIRECT", "O_???"),
  fd_flags: set(fcntl, "FD_CLOEXEC", "FD_???"),
  access_mode: set(fcntl, "R_OK W_OK X_OK", "?_OK", "F_OK"),
  at_flags: set(fcntl, "AT_SYMLINK_NOFOLLOW AT_REMOVEDIR AT_SYMLINK_FOLLOW AT_NO_AUTOMOUNT AT_EMPTY_PATH", "AT_???"),
  access_at_flags: set(fcntl, "AT_SYMLINK_NOFOLLOW AT_EACCESS AT_SYMLINK_FOLLOW AT_EMPTY_PATH", "AT_???"),
  statx_sync: set(fcntl, "AT_STATX_SYNC_AS_STAT AT_STATX_FORCE_SYNC AT_STATX_DONT_SYNC", "AT_STATX_???"),
  rename_flags: set(fcntl, /^RENAME_/, "RENAME_???"),
  fallocate_mode: set(fcntl, /^FALLOC_FL_/, "FALLOC_FL_???"),
  flock_operation: set(fcntl, /^LOCK_/, "LOCK_???"),
  rwf_flags: set(fcntl, /^RWF_/, "RWF_???"),
  seals: set(fcntl, /^F_SEAL_/, "F_SEAL_???"),
  mmap_prot: set(mman, /^PROT_(?!NONE)/, "PROT_???", "PROT_NONE"),
  mmap_type: set(mman, "MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE", "MAP_???", "MAP_FILE"),
  mmap_flags: set(
    mman,
    "MAP_FIXED MAP_ANONYMOUS MAP_32BIT MAP_NORESERVE MAP_POPULATE MAP_NONBLOCK MAP_GROWSDOWN MAP_DENYWRITE " +
      "MAP_EXECUTABLE MAP_LOCKED MAP_STACK MAP_HUGETLB MAP_SYNC MAP_FIXED_NOREPLACE",
    "MAP_???",
  ),
  mremap_flags: set(mman, /^MREMAP_/, "MREMAP_???"),
  msync_flags: set(mman, "MS_SYNC MS_ASYNC MS_INVALIDATE", "MS_???"),
  wait_options: set(wait, "WNOHANG WSTOPPED WEXITED WCONTINUED WNOWAIT __WCLONE __WALL __WNOTHREAD", "W???"),
  clone_flags: set(sched, /^CLONE_/, "CLONE_???"),
  sa_flags: set(
    signal,
    "SA_RESTORER SA_ONSTACK SA_RESTART SA_NODEFER SA_RESETHAND SA_SIGINFO SA_NOCLDSTOP SA_NOCLDWAIT",
    "SA_???",
  ),
  ss_flags: set(signal, "SS_ONSTACK SS_DISABLE SS_AUTODISARM", "SS_???"),
  timer_flags: set(time, "TIMER_ABSTIME", "TIMER_???"),
  poll_events: set(poll, /^POLL/, "POLL???"),
  epoll_events: set(poll, /^EPOLL(?!_)/, "EPOLL???"),
  epoll_flags: set(poll, "EPOLL_CLOEXEC", "EPOLL_???"),
  eventfd_flags: set(poll, "EFD_SEMAPHORE EFD_CLOEXEC EFD_NONBLOCK", "EFD_???"),
  socket_flags: set(socket, "SOCK_CLOEXEC SOCK_NONBLOCK", "SOCK_???"),
  msg_flags: set(socket, /^MSG_/, "MSG_???"),
  getrandom_flags: set(random, /^GRND_/, "GRND_???"),
  statx_mask: set(stat, /^STATX_(?!ALL|BASIC|ATTR)/, "STATX_???"),
  statx_attributes: set(stat, /^STATX_ATTR_/, "STATX_ATTR_???"),
  statfs_flags: set(stat, /^ST_/, "ST_???"),

  // ---- terminals: fields of c_oflag and c_cflag that hold one value, then bits
  nl_delay: set(termios, "NL0 NL1", "NL???"),
  cr_delay: set(termios, "CR0 CR1 CR2 CR3", "CR???"),
  tab_delay: set(termios, "TAB0 TAB1 TAB2 XTABS", "TAB???"),
  bs_delay: set(termios, "BS0 BS1", "BS???"),
  vt_delay: set(termios, "VT0 VT1", "VT???"),
  ff_delay: set(termios, "FF0 FF1", "FF???"),
  baud: set(termios, /^B\d+$/, "B???"),
  char_size: set(termios, "CS5 CS6 CS7 CS8", "CS???"),
  c_iflag: set(
    termios,
    "IGNBRK BRKINT IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL IUCLC IXON IXANY IXOFF IMAXBEL IUTF8",
    "I???",
  ),
  c_oflag: set(termios, "OPOST OLCUC ONLCR OCRNL ONOCR ONLRET OFILL OFDEL", "O???"),
  c_cflag: set(termios, "CSTOPB CREAD PARENB PARODD HUPCL CLOCAL CMSPAR CRTSCTS", "C???"),
  c_lflag: set(
    termios,
    "ISIG ICANON XCASE ECHO ECHOE ECHOK ECHONL NOFLSH IEXTEN ECHOCTL ECHOPRT ECHOKE FLUSHO PENDIN TOSTOP EXTPROC",
    "L???",
  ),
} satisfies Record<string, ConstantSet>;

export type ConstantSetName = keyof typeof table;

/** Every set by name. */
export const CONSTANT_SETS: Readonly<Record<ConstantSetName, ConstantSet>> = table;
