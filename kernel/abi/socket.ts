/** Sockets: <sys/socket.h>, <linux/socket.h>, <asm-generic/socket.h>. What is the Internet's is in inet.ts. */

// Address families
export const AF_UNSPEC: i32 = 0;
export const AF_UNIX: i32 = 1;
export const AF_INET: i32 = 2;
export const AF_AX25: i32 = 3;
export const AF_IPX: i32 = 4;
export const AF_APPLETALK: i32 = 5;
export const AF_X25: i32 = 9;
export const AF_INET6: i32 = 10;
export const AF_KEY: i32 = 15;
export const AF_NETLINK: i32 = 16;
export const AF_PACKET: i32 = 17;
export const AF_CAN: i32 = 29;
export const AF_TIPC: i32 = 30;
export const AF_BLUETOOTH: i32 = 31;
export const AF_ALG: i32 = 38;
export const AF_VSOCK: i32 = 40;
export const AF_XDP: i32 = 44;
/** One more than the last family. */
export const AF_MAX: i32 = 46;

// socket(2)'s type, and what may be added to it
export const SOCK_STREAM: i32 = 1;
export const SOCK_DGRAM: i32 = 2;
export const SOCK_RAW: i32 = 3;
export const SOCK_RDM: i32 = 4;
export const SOCK_SEQPACKET: i32 = 5;
export const SOCK_DCCP: i32 = 6;
export const SOCK_PACKET: i32 = 10;
export const SOCK_TYPE_MAX: i32 = 11;
export const SOCK_TYPE_MASK: i32 = 15;
export const SOCK_NONBLOCK: i32 = 0o4000;
export const SOCK_CLOEXEC: i32 = 0o2000000;

// Levels of options and control messages
export const SOL_IP: i32 = 0;
export const SOL_SOCKET: i32 = 1;
export const SOL_TCP: i32 = 6;
export const SOL_UDP: i32 = 17;
export const SOL_IPV6: i32 = 41;
export const SOL_RAW: i32 = 255;
export const SOL_PACKET: i32 = 263;
export const SOL_NETLINK: i32 = 270;

// Options of SOL_SOCKET (man 7 socket). Times are of 64 bits in both forms of those that have two.
export const SO_DEBUG: i32 = 1;
export const SO_REUSEADDR: i32 = 2;
export const SO_TYPE: i32 = 3;
export const SO_ERROR: i32 = 4;
export const SO_DONTROUTE: i32 = 5;
export const SO_BROADCAST: i32 = 6;
export const SO_SNDBUF: i32 = 7;
export const SO_RCVBUF: i32 = 8;
export const SO_KEEPALIVE: i32 = 9;
export const SO_OOBINLINE: i32 = 10;
export const SO_NO_CHECK: i32 = 11;
export const SO_PRIORITY: i32 = 12;
export const SO_LINGER: i32 = 13;
export const SO_BSDCOMPAT: i32 = 14;
export const SO_REUSEPORT: i32 = 15;
export const SO_PASSCRED: i32 = 16;
export const SO_PEERCRED: i32 = 17;
export const SO_RCVLOWAT: i32 = 18;
export const SO_SNDLOWAT: i32 = 19;
export const SO_RCVTIMEO: i32 = 20;
export const SO_SNDTIMEO: i32 = 21;
export const SO_BINDTODEVICE: i32 = 25;
export const SO_ATTACH_FILTER: i32 = 26;
export const SO_DETACH_FILTER: i32 = 27;
export const SO_PEERNAME: i32 = 28;
export const SO_TIMESTAMP: i32 = 29;
export const SO_ACCEPTCONN: i32 = 30;
export const SO_PEERSEC: i32 = 31;
export const SO_SNDBUFFORCE: i32 = 32;
export const SO_RCVBUFFORCE: i32 = 33;
export const SO_PASSSEC: i32 = 34;
export const SO_TIMESTAMPNS: i32 = 35;
export const SO_MARK: i32 = 36;
export const SO_TIMESTAMPING: i32 = 37;
export const SO_PROTOCOL: i32 = 38;
export const SO_DOMAIN: i32 = 39;
export const SO_RXQ_OVFL: i32 = 40;
export const SO_PEEK_OFF: i32 = 42;
export const SO_NOFCS: i32 = 43;
export const SO_LOCK_FILTER: i32 = 44;
export const SO_BUSY_POLL: i32 = 46;
export const SO_INCOMING_CPU: i32 = 49;
export const SO_MEMINFO: i32 = 55;
export const SO_COOKIE: i32 = 57;
export const SO_PEERGROUPS: i32 = 59;
export const SO_ZEROCOPY: i32 = 60;
export const SO_RCVTIMEO_NEW: i32 = 66;
export const SO_SNDTIMEO_NEW: i32 = 67;
export const SO_PEERPIDFD: i32 = 77;

// Control messages of SOL_SOCKET (man 7 unix)
export const SCM_RIGHTS: i32 = 1;
export const SCM_CREDENTIALS: i32 = 2;
/** Descriptors that one message can carry. */
export const SCM_MAX_FD: i32 = 253;

// Flags of send(2) and recv(2)
export const MSG_OOB: i32 = 1;
export const MSG_PEEK: i32 = 2;
export const MSG_DONTROUTE: i32 = 4;
export const MSG_CTRUNC: i32 = 8;
export const MSG_PROXY: i32 = 0x10;
export const MSG_TRUNC: i32 = 0x20;
export const MSG_DONTWAIT: i32 = 0x40;
export const MSG_EOR: i32 = 0x80;
export const MSG_WAITALL: i32 = 0x100;
export const MSG_FIN: i32 = 0x200;
export const MSG_SYN: i32 = 0x400;
export const MSG_CONFIRM: i32 = 0x800;
export const MSG_RST: i32 = 0x1000;
export const MSG_ERRQUEUE: i32 = 0x2000;
export const MSG_NOSIGNAL: i32 = 0x4000;
export const MSG_MORE: i32 = 0x8000;
export const MSG_WAITFORONE: i32 = 0x10000;
export const MSG_BATCH: i32 = 0x40000;
export const MSG_ZEROCOPY: i32 = 0x4000000;
export const MSG_FASTOPEN: i32 = 0x20000000;
export const MSG_CMSG_CLOEXEC: i32 = 0x40000000;

// shutdown(2)
export const SHUT_RD: i32 = 0;
export const SHUT_WR: i32 = 1;
export const SHUT_RDWR: i32 = 2;
