/**
 * The types that syscall arguments have in `syscalls.ts`.
 *
 * A type fixes two things: what the import looks like (the Wasm type, and whether the value as a number is signed), and
 * how tracing prints it (`show`). Wasm types follow the WALI specification: pointers, `int`, `size_t` and `socklen_t` are
 * i32; `long`, `unsigned long`, `off_t` and `nfds_t` are i64, because WALI's `long` has 64 bits and its pointers 32.
 */

import type { ConstantSetName } from "./constants.ts";

export type WasmType = "i32" | "i64";

/** How a value is printed: a plain number, a value or bits of a named set of constants, or what a pointer leads to. */
export type Show =
  | "decimal"
  | "hex"
  | "octal"
  /** One value out of the set of constants named `set`. */
  | "enum"
  /** Bits of the set of constants named `set`. */
  | "flags"
  /** A type with a printer of its own, found by the type's name: descriptors, users, `fcntl`'s third argument... */
  | "own"
  /** The address of something that tracing decodes, found by the type's name. */
  | "pointer";

export interface ArgType {
  readonly wasm: WasmType;
  readonly signed: boolean;
  readonly show: Show;
  /** For `enum` and `flags`: the set of constants. */
  readonly set?: ConstantSetName;
}

const i32 = (show: Show): ArgType => ({ wasm: "i32", signed: true, show });
const u32 = (show: Show): ArgType => ({ wasm: "i32", signed: false, show });
const i64 = (show: Show): ArgType => ({ wasm: "i64", signed: true, show });
const u64 = (show: Show): ArgType => ({ wasm: "i64", signed: false, show });
const oneOf = (set: ConstantSetName): ArgType => ({ wasm: "i32", signed: true, show: "enum", set });
const bits = (set: ConstantSetName): ArgType => ({ wasm: "i32", signed: false, show: "flags", set });
const pointer: ArgType = u32("pointer");

const table = {
  // ---- plain numbers
  int: i32("decimal"),
  uint: u32("decimal"),
  hex: u32("hex"),
  size: u32("decimal"),
  long: i64("decimal"),
  ulong: u64("decimal"),
  ulong_hex: u64("hex"),
  u64: u64("decimal"),
  u64_hex: u64("hex"),
  off: i64("decimal"),
  /** mmap's offset, which strace prints in hexadecimal. */
  off_hex: u64("hex"),
  nfds: u64("decimal"),
  pid: i32("decimal"),
  /** -1 means "leave as it is" in chown, setreuid and their kind, and is printed so. */
  uid: u32("own"),
  gid: u32("own"),
  mode: u32("octal"),
  /** mknod's mode: file type and permissions, `S_IFIFO|0644`. */
  file_mode: u32("own"),
  dev: u32("own"),
  fd: i32("decimal"),
  /** A descriptor, or AT_FDCWD. */
  dirfd: i32("own"),
  signal: i32("own"),
  clockid: oneOf("clock"),

  // ---- one value of a set
  whence: oneOf("whence"),
  madvice: oneOf("madvice"),
  fadvice: oneOf("fadvice"),
  sigmask_how: oneOf("sigmask_how"),
  itimer: oneOf("itimer"),
  rlimit_resource: oneOf("rlimit_resource"),
  rusage_who: oneOf("rusage_who"),
  priority_which: oneOf("priority_which"),
  wait_idtype: oneOf("wait_idtype"),
  epoll_op: oneOf("epoll_op"),
  fcntl_cmd: oneOf("fcntl_cmd"),
  prctl_option: oneOf("prctl_option"),
  sched_policy: oneOf("sched_policy"),
  address_family: oneOf("address_family"),
  shutdown_how: oneOf("shutdown_how"),
  socket_level: oneOf("socket_level"),
  /** The set depends on the level. */
  sockopt_name: i32("own"),
  /** 4 bytes that name a device's operation; the set depends on nothing, as Linux keeps them apart by their letter. */
  ioctl_request: u32("own"),
  /** Operation and FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME. */
  futex_op: i32("own"),

  // ---- bits of a set
  open_flags: u32("own"),
  access_mode: bits("access_mode"),
  mmap_prot: bits("mmap_prot"),
  mmap_flags: u32("own"),
  mremap_flags: bits("mremap_flags"),
  msync_flags: bits("msync_flags"),
  wait_options: bits("wait_options"),
  clone_flags: u64("own"),
  at_flags: bits("at_flags"),
  access_at_flags: bits("access_at_flags"),
  pipe_flags: bits("pipe_flags"),
  epoll_flags: bits("epoll_flags"),
  eventfd_flags: bits("eventfd_flags"),
  rename_flags: bits("rename_flags"),
  getrandom_flags: bits("getrandom_flags"),
  statx_flags: u32("own"),
  statx_mask: u32("own"),
  fallocate_mode: bits("fallocate_mode"),
  rwf_flags: bits("rwf_flags"),
  flock_operation: bits("flock_operation"),
  timer_flags: bits("timer_flags"),
  /** SOCK_*: one, and flags. */
  socket_type: u32("own"),
  /** IPPROTO_*, NETLINK_*, by the family. */
  socket_protocol: i32("own"),
  socket_flags: bits("socket_flags"),
  msg_flags: bits("msg_flags"),

  // ---- addresses
  /** An address that is printed, not followed. */
  ptr: pointer,
  /** A path: a string that is never cut. */
  path: pointer,
  /** A string that ends with NUL. */
  str: pointer,
  /** A string in the caller's buffer (getcwd). */
  bytes: pointer,
  argv: pointer,
  envp: pointer,
  iovec: pointer,
  stat: pointer,
  statfs: pointer,
  statx: pointer,
  timespec: pointer,
  timespec_pair: pointer,
  /** Where an interrupted sleep leaves the time it had still to go, and nothing else. */
  timespec_left: pointer,
  timeval: pointer,
  timeval_pair: pointer,
  timezone: pointer,
  itimerval: pointer,
  itimerspec: pointer,
  utimbuf: pointer,
  time_t: pointer,
  tms: pointer,
  sigset: pointer,
  /** pselect6's last argument: the address of { u64 address, u64 size } of a signal mask. */
  sigset_argpack: pointer,
  sigaction: pointer,
  siginfo: pointer,
  stack: pointer,
  wait_status: pointer,
  rusage: pointer,
  rlimit: pointer,
  pollfd: pointer,
  fd_set: pointer,
  epoll_event: pointer,
  dirent: pointer,
  utsname: pointer,
  sysinfo: pointer,
  cpu_set: pointer,
  fd_pair: pointer,
  gid_array: pointer,
  /** An address of a socket, as long as another argument says. */
  sockaddr: pointer,
  /** The address of a length that the call reads and writes. */
  socklen_ptr: pointer,
  sockopt_value: pointer,
  msghdr: pointer,
  mmsghdr: pointer,
  /** The address of one number. */
  int_ptr: pointer,
  id_ptr: pointer,
  off_ptr: pointer,

  // ---- arguments whose meaning, or presence, another argument decides
  /** open's mode: there only with O_CREAT or O_TMPFILE. */
  open_mode: u32("own"),
  fcntl_arg: u64("own"),
  ioctl_arg: u32("own"),
} satisfies Record<string, ArgType>;

export type ArgTypeName = keyof typeof table;

/** Every argument type by name. */
export const ARG_TYPES: Readonly<Record<ArgTypeName, ArgType>> = table;
