/** The Internet's protocols: <netinet/in.h>, <linux/in6.h>, <linux/tcp.h>, <linux/udp.h>. Levels of options are in socket.ts. */

// Protocols
export const IPPROTO_IP: i32 = 0;
export const IPPROTO_ICMP: i32 = 1;
export const IPPROTO_TCP: i32 = 6;
export const IPPROTO_UDP: i32 = 17;
export const IPPROTO_IPV6: i32 = 41;
export const IPPROTO_ICMPV6: i32 = 58;
export const IPPROTO_RAW: i32 = 255;
/** socket(2) knows protocols below it: EINVAL. */
export const IPPROTO_MAX: i32 = 263;

// Options of IPPROTO_IP (man 7 ip)
export const IP_TOS: i32 = 1;
export const IP_TTL: i32 = 2;
export const IP_HDRINCL: i32 = 3;
export const IP_OPTIONS: i32 = 4;
export const IP_RECVOPTS: i32 = 6;
export const IP_PKTINFO: i32 = 8;
export const IP_MTU_DISCOVER: i32 = 10;
export const IP_RECVERR: i32 = 11;
export const IP_RECVTTL: i32 = 12;
export const IP_RECVTOS: i32 = 13;
export const IP_MTU: i32 = 14;
export const IP_FREEBIND: i32 = 15;
export const IP_TRANSPARENT: i32 = 19;
export const IP_MINTTL: i32 = 21;
export const IP_BIND_ADDRESS_NO_PORT: i32 = 24;
export const IP_MULTICAST_IF: i32 = 32;
export const IP_MULTICAST_TTL: i32 = 33;
export const IP_MULTICAST_LOOP: i32 = 34;
export const IP_ADD_MEMBERSHIP: i32 = 35;
export const IP_DROP_MEMBERSHIP: i32 = 36;
export const IP_MULTICAST_ALL: i32 = 49;
export const IP_PMTUDISC_WANT: i32 = 1;
export const IP_PMTUDISC_OMIT: i32 = 5;

// Options of IPPROTO_IPV6 (man 7 ipv6)
export const IPV6_UNICAST_HOPS: i32 = 16;
export const IPV6_MULTICAST_IF: i32 = 17;
export const IPV6_MULTICAST_HOPS: i32 = 18;
export const IPV6_MULTICAST_LOOP: i32 = 19;
export const IPV6_ADD_MEMBERSHIP: i32 = 20;
export const IPV6_DROP_MEMBERSHIP: i32 = 21;
export const IPV6_MTU_DISCOVER: i32 = 23;
export const IPV6_MTU: i32 = 24;
export const IPV6_RECVERR: i32 = 25;
export const IPV6_V6ONLY: i32 = 26;
export const IPV6_RECVPKTINFO: i32 = 49;
export const IPV6_PKTINFO: i32 = 50;
export const IPV6_RECVHOPLIMIT: i32 = 51;
export const IPV6_HOPLIMIT: i32 = 52;
export const IPV6_RECVTCLASS: i32 = 66;
export const IPV6_TCLASS: i32 = 67;
export const IPV6_FREEBIND: i32 = 78;

// Options of IPPROTO_TCP (man 7 tcp)
export const TCP_NODELAY: i32 = 1;
export const TCP_MAXSEG: i32 = 2;
export const TCP_CORK: i32 = 3;
export const TCP_KEEPIDLE: i32 = 4;
export const TCP_KEEPINTVL: i32 = 5;
export const TCP_KEEPCNT: i32 = 6;
export const TCP_SYNCNT: i32 = 7;
export const TCP_LINGER2: i32 = 8;
export const TCP_DEFER_ACCEPT: i32 = 9;
export const TCP_WINDOW_CLAMP: i32 = 10;
export const TCP_INFO: i32 = 11;
export const TCP_QUICKACK: i32 = 12;
export const TCP_CONGESTION: i32 = 13;
export const TCP_USER_TIMEOUT: i32 = 18;
export const TCP_FASTOPEN: i32 = 23;
export const TCP_NOTSENT_LOWAT: i32 = 25;
export const TCP_FASTOPEN_CONNECT: i32 = 30;

// Options of IPPROTO_UDP (man 7 udp)
export const UDP_CORK: i32 = 1;
export const UDP_SEGMENT: i32 = 103;
export const UDP_GRO: i32 = 104;

// States of a TCP connection, as tcp_info and /proc/net/tcp give them
export const TCP_ESTABLISHED: i32 = 1;
export const TCP_SYN_SENT: i32 = 2;
export const TCP_SYN_RECV: i32 = 3;
export const TCP_FIN_WAIT1: i32 = 4;
export const TCP_FIN_WAIT2: i32 = 5;
export const TCP_TIME_WAIT: i32 = 6;
export const TCP_CLOSE: i32 = 7;
export const TCP_CLOSE_WAIT: i32 = 8;
export const TCP_LAST_ACK: i32 = 9;
export const TCP_LISTEN: i32 = 10;

// Flags of an interface: <net/if.h>
export const IFF_UP: i32 = 1;
export const IFF_LOOPBACK: i32 = 8;
export const IFF_RUNNING: i32 = 0x40;
export const IFNAMSIZ: i32 = 16;
export const ARPHRD_LOOPBACK: i32 = 772;
