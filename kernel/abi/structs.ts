/**
 * The structs that guest and kernel exchange, as WALI lays them out: x86-64's structs with 4-byte pointers. Each layout stands here once;
 * tests compare them with the C library's own declarations.
 *
 * Where the kernel's struct and the C library's differ (sigaction, termios, dirent, siginfo), it is the kernel's that is described, and
 * the comment says so.
 */
import {
  array,
  bytes,
  gap,
  i16,
  i32,
  i64,
  layout,
  pair,
  ptr,
  putU64,
  text,
  u8,
  u16,
  u32,
  u64,
  type Values,
  zero,
} from "./layout.ts";

// ---------------------------------------------------------------- time
export const timespec = layout("timespec", { tv_sec: i64, tv_nsec: i64 });
export const timeval = layout("timeval", { tv_sec: i64, tv_usec: i64 });
export const timezone = layout("timezone", { tz_minuteswest: i32, tz_dsttime: i32 });
export const itimerval = layout("itimerval", { it_interval: timeval, it_value: timeval });
export const itimerspec = layout("itimerspec", { it_interval: timespec, it_value: timespec });
export const utimbuf = layout("utimbuf", { actime: i64, modtime: i64 });
export const tms = layout("tms", { tms_utime: i64, tms_stime: i64, tms_cutime: i64, tms_cstime: i64 });

// ---------------------------------------------------------------- files
export const stat = layout("stat", {
  st_dev: u64,
  st_ino: u64,
  st_nlink: u64,
  st_mode: u32,
  st_uid: u32,
  st_gid: u32,
  pad0: zero(4),
  st_rdev: u64,
  st_size: i64,
  st_blksize: i64,
  st_blocks: i64,
  st_atim: timespec,
  st_mtim: timespec,
  st_ctim: timespec,
  unused: zero(24),
});

/** A time in statx. */
export const stx_time = layout("stx_time", { tv_sec: i64, tv_nsec: u32, pad: zero(4) });

export const statx = layout("statx", {
  stx_mask: u32,
  stx_blksize: u32,
  stx_attributes: u64,
  stx_nlink: u32,
  stx_uid: u32,
  stx_gid: u32,
  stx_mode: u16,
  pad1: zero(2),
  stx_ino: u64,
  stx_size: u64,
  stx_blocks: u64,
  stx_attributes_mask: u64,
  stx_atime: stx_time,
  stx_btime: stx_time,
  stx_ctime: stx_time,
  stx_mtime: stx_time,
  stx_rdev_major: u32,
  stx_rdev_minor: u32,
  stx_dev_major: u32,
  stx_dev_minor: u32,
  spare: zero(112),
});

export const statfs = layout("statfs", {
  f_type: u64,
  f_bsize: u64,
  f_blocks: u64,
  f_bfree: u64,
  f_bavail: u64,
  f_files: u64,
  f_ffree: u64,
  f_fsid: pair,
  f_namelen: u64,
  f_frsize: u64,
  f_flags: u64,
  f_spare: zero(32),
});

/** getdents64's entry up to the name, which follows with its NUL; `d_reclen` is rounded up to a multiple of 8. */
export const dirent = layout("dirent", { d_ino: u64, d_off: i64, d_reclen: u16, d_type: u8 }, true);

export const iovec = layout("iovec", { iov_base: ptr, iov_len: u32 });

/** fcntl's record lock. */
export const flock = layout("flock", { l_type: i16, l_whence: i16, l_start: i64, l_len: i64, l_pid: i32 });

/** fcntl's F_GETOWN_EX and F_SETOWN_EX. */
export const f_owner_ex = layout("f_owner_ex", { type: i32, pid: i32 });

// ---------------------------------------------------------------- waiting for descriptors
export const pollfd = layout("pollfd", { fd: i32, events: u16, revents: u16 });
export const epoll_event = layout("epoll_event", { events: u32, data: pair }, true);
/** 1024 bits; select reads and writes only the bytes that its first argument covers, in units of 8. */
export const fd_set = layout("fd_set", { fds_bits: bytes(128) });
/** What pselect6's sixth argument points to. */
export const sigset_argpack = layout("sigset_argpack", { ss: u64, ss_len: u64 });

// ---------------------------------------------------------------- signals
/** What rt_sigaction takes, not the C library's struct sigaction: packed, 24 bytes. `sa_handler` is a table index. */
export const sigaction = layout("sigaction", { sa_handler: ptr, sa_flags: u64, sa_restorer: ptr, sa_mask: pair }, true);
export const stack_t = layout("stack_t", { ss_sp: ptr, ss_flags: i32, ss_size: u32 });

const siginfoHead = { si_signo: i32, si_errno: i32, si_code: i32, pad: zero(4) };

/** siginfo_t's common head; the union begins at 16. The next five are whole siginfo_t's, one for each use of the union. */
export const siginfo = layout("siginfo", { ...siginfoHead, union: bytes(112) });
/** kill, tkill, sigqueue. `si_value` is what sigqueue carries: an int or a guest pointer. */
export const siginfo_user = layout("siginfo_user", {
  ...siginfoHead,
  si_pid: i32,
  si_uid: u32,
  si_value: u32,
  rest: zero(100),
});
/** SIGCHLD; times in ticks of 1/100 s. */
export const siginfo_child = layout("siginfo_child", {
  ...siginfoHead,
  si_pid: i32,
  si_uid: u32,
  si_status: i32,
  pad1: zero(4),
  si_utime: i64,
  si_stime: i64,
  rest: zero(80),
});
/** SIGSEGV, SIGBUS, SIGILL, SIGFPE. */
export const siginfo_fault = layout("siginfo_fault", { ...siginfoHead, si_addr: ptr, rest: zero(108) });
/** SI_TIMER. */
export const siginfo_timer = layout("siginfo_timer", {
  ...siginfoHead,
  si_timerid: i32,
  si_overrun: i32,
  si_value: u32,
  rest: zero(100),
});
/** SIGIO. */
export const siginfo_io = layout("siginfo_io", {
  ...siginfoHead,
  si_band: i64,
  si_fd: i32,
  rest: zero(100),
});

/**
 * ucontext_t of our own C library. `mcontext[0]` is 1 when the signal arrived before a system call had an effect (at its entry, or
 * interrupting its wait), else 0; `mcontext[1]` is the stack pointer.
 */
export const ucontext = layout("ucontext", {
  uc_flags: u64,
  uc_link: ptr,
  uc_stack: stack_t,
  mcontext: array(u64, 4),
  /** The first 64 bits of the C library's sigset_t, which has room for 1024 signals. */
  uc_sigmask: pair,
  sigmask_rest: zero(120),
});

// ---------------------------------------------------------------- processes
export const rusage = layout("rusage", {
  ru_utime: timeval,
  ru_stime: timeval,
  ru_maxrss: i64,
  ru_ixrss: i64,
  ru_idrss: i64,
  ru_isrss: i64,
  ru_minflt: i64,
  ru_majflt: i64,
  ru_nswap: i64,
  ru_inblock: i64,
  ru_oublock: i64,
  ru_msgsnd: i64,
  ru_msgrcv: i64,
  ru_nsignals: i64,
  ru_nvcsw: i64,
  ru_nivcsw: i64,
  reserved: gap(128),
});

/** getrlimit, setrlimit, prlimit64: 64 ones are "no limit", RLIM_INFINITY. */
export const rlimit = layout("rlimit", { rlim_cur: u64, rlim_max: u64 });
export const cpu_set = layout("cpu_set_t", { bits: bytes(128) });

// ---------------------------------------------------------------- the system
export const utsname = layout("utsname", {
  sysname: text(65),
  nodename: text(65),
  release: text(65),
  version: text(65),
  machine: text(65),
  domainname: text(65),
});

export const sysinfo = layout("sysinfo", {
  uptime: i64,
  /** Load averages of 1, 5 and 15 minutes, in 1/65536. */
  loads: array(u64, 3),
  totalram: u64,
  freeram: u64,
  sharedram: u64,
  bufferram: u64,
  totalswap: u64,
  freeswap: u64,
  procs: u16,
  pad: zero(2),
  pad1: zero(4),
  totalhigh: u64,
  freehigh: u64,
  mem_unit: u32,
  reserved: gap(256),
});

// ---------------------------------------------------------------- terminals
const termiosFields = {
  c_iflag: u32,
  c_oflag: u32,
  c_cflag: u32,
  c_lflag: u32,
  c_line: u8,
  c_cc: bytes(19),
};
/** TCGETS and TCSETS: the kernel's struct, which is the head of the C library's (60 bytes, 32 control characters). */
export const termios = layout("termios", termiosFields);
/** TCGETS2 and TCSETS2: with speeds in bits a second. */
export const termios2 = layout("termios2", { ...termiosFields, c_ispeed: u32, c_ospeed: u32 });
export const winsize = layout("winsize", { ws_row: u16, ws_col: u16, ws_xpixel: u16, ws_ypixel: u16 });

// ---------------------------------------------------------------- sockets
export const sockaddr = layout("sockaddr", { sa_family: u16, sa_data: bytes(14) });
export const sockaddr_un = layout("sockaddr_un", { sun_family: u16, sun_path: bytes(108) });
export const msghdr = layout("msghdr", {
  msg_name: ptr,
  msg_namelen: u32,
  msg_iov: ptr,
  msg_iovlen: i32,
  pad1: zero(4),
  msg_control: ptr,
  msg_controllen: u32,
  pad2: zero(4),
  msg_flags: i32,
});
export const mmsghdr = layout("mmsghdr", { msg_hdr: msghdr, msg_len: u32 });
/** The head of a control message; the next one begins at a multiple of 8. */
export const cmsghdr = layout("cmsghdr", { cmsg_len: u32, pad1: gap(4), cmsg_level: i32, cmsg_type: i32 });
export const ucred = layout("ucred", { pid: i32, uid: u32, gid: u32 });
export const linger = layout("linger", { l_onoff: i32, l_linger: i32 });

// ---------------------------------------------------------------- the Internet's protocols; ports and addresses in network byte order
export const sockaddr_in = layout("sockaddr_in", {
  sin_family: u16,
  sin_port: u16,
  sin_addr: bytes(4),
  sin_zero: bytes(8),
});
export const sockaddr_in6 = layout("sockaddr_in6", {
  sin6_family: u16,
  sin6_port: u16,
  sin6_flowinfo: u32,
  sin6_addr: bytes(16),
  sin6_scope_id: u32,
});
/** What IP_PKTINFO adds to a message; and IPV6_PKTINFO. */
export const in_pktinfo = layout("in_pktinfo", { ipi_ifindex: i32, ipi_spec_dst: bytes(4), ipi_addr: bytes(4) });
export const in6_pktinfo = layout("in6_pktinfo", { ipi6_addr: bytes(16), ipi6_ifindex: u32 });
/** IP_ADD_MEMBERSHIP; the older struct ip_mreq has no index. */
export const ip_mreqn = layout("ip_mreqn", { imr_multiaddr: bytes(4), imr_address: bytes(4), imr_ifindex: i32 });
export const ipv6_mreq = layout("ipv6_mreq", { ipv6mr_multiaddr: bytes(16), ipv6mr_interface: u32 });
/** The part of TCP_INFO that Linux 2.4 had. Times in microseconds, `last` ones in ms. */
export const tcp_info = layout(
  "tcp_info",
  {
    tcpi_state: u8,
    tcpi_ca_state: u8,
    tcpi_retransmits: u8,
    tcpi_probes: u8,
    tcpi_backoff: u8,
    tcpi_options: u8,
    wscale: zero(2),
    tcpi_rto: u32,
    tcpi_ato: u32,
    tcpi_snd_mss: u32,
    tcpi_rcv_mss: u32,
    tcpi_unacked: u32,
    tcpi_sacked: u32,
    tcpi_lost: u32,
    tcpi_retrans: u32,
    tcpi_fackets: u32,
    tcpi_last_data_sent: u32,
    tcpi_last_ack_sent: u32,
    tcpi_last_data_recv: u32,
    tcpi_last_ack_recv: u32,
    tcpi_pmtu: u32,
    tcpi_rcv_ssthresh: u32,
    tcpi_rtt: u32,
    tcpi_rttvar: u32,
    tcpi_snd_ssthresh: u32,
    tcpi_snd_cwnd: u32,
    tcpi_advmss: u32,
    tcpi_reordering: u32,
    tcpi_rcv_rtt: u32,
    tcpi_rcv_space: u32,
    tcpi_total_retrans: u32,
  },
  true,
);
/** ioctls about interfaces (man 7 netdevice): the union is an address, a number, or what else the request is about. */
export const ifreq = layout("ifreq", { ifr_name: text(16), ifr_ifru: bytes(24) });
export const ifconf = layout("ifconf", { ifc_len: i32, ifc_buf: ptr });

// ---------------------------------------------------------------- netlink
export const sockaddr_nl = layout("sockaddr_nl", { nl_family: u16, pad: zero(2), nl_pid: u32, nl_groups: u32 });
export const nlmsghdr = layout("nlmsghdr", {
  nlmsg_len: u32,
  nlmsg_type: u16,
  nlmsg_flags: u16,
  nlmsg_seq: u32,
  nlmsg_pid: u32,
});
export const ifinfomsg = layout("ifinfomsg", {
  ifi_family: u8,
  pad: zero(1),
  ifi_type: u16,
  ifi_index: i32,
  ifi_flags: u32,
  ifi_change: u32,
});
export const ifaddrmsg = layout("ifaddrmsg", {
  ifa_family: u8,
  ifa_prefixlen: u8,
  ifa_flags: u8,
  ifa_scope: u8,
  ifa_index: u32,
});

/**
 * `stat.write`, field by field: 100 ns instead of the 450 that the loop over the fields takes (V8 cannot cache the 16 names), in the call
 * that `ls`, `find` and `make` make most.
 */
export function writeStat(view: DataView, address: number, value: Values<typeof stat>): void {
  const at = stat.offset;
  putU64(view, address + at.st_dev, value.st_dev);
  putU64(view, address + at.st_ino, value.st_ino);
  putU64(view, address + at.st_nlink, value.st_nlink);
  view.setUint32(address + at.st_mode, value.st_mode, true);
  view.setUint32(address + at.st_uid, value.st_uid, true);
  view.setUint32(address + at.st_gid, value.st_gid, true);
  view.setUint32(address + at.pad0, 0, true);
  putU64(view, address + at.st_rdev, value.st_rdev);
  putU64(view, address + at.st_size, value.st_size);
  putU64(view, address + at.st_blksize, value.st_blksize);
  putU64(view, address + at.st_blocks, value.st_blocks);
  writeTimespec(view, address + at.st_atim, value.st_atim);
  writeTimespec(view, address + at.st_mtim, value.st_mtim);
  writeTimespec(view, address + at.st_ctim, value.st_ctim);
  for (let i = 0; i < 24; i += 4) view.setUint32(address + at.unused + i, 0, true);
}

/** `timespec.write`, field by field. */
export function writeTimespec(view: DataView, address: number, value: Values<typeof timespec>): void {
  putU64(view, address, value.tv_sec);
  putU64(view, address + 8, value.tv_nsec);
}
