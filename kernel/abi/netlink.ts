/** Netlink and its route family: <linux/netlink.h>, <linux/rtnetlink.h>, <linux/if_link.h>, <linux/if_addr.h>. */

/** Protocols: the only one served. */
export const NETLINK_ROUTE: i32 = 0;

// Types of messages that all protocols have; others begin at NLMSG_MIN_TYPE
export const NLMSG_ERROR: i32 = 2;
export const NLMSG_DONE: i32 = 3;
export const NLMSG_MIN_TYPE: i32 = 16;

// Flags of messages
export const NLM_F_REQUEST: i32 = 1;
export const NLM_F_MULTI: i32 = 2;
export const NLM_F_ACK: i32 = 4;
/** Of an answer: the request is not repeated in it. */
export const NLM_F_CAPPED: i32 = 0x100;
/** NLM_F_ROOT | NLM_F_MATCH */
export const NLM_F_DUMP: i32 = 0x300;

// Types of the route family. Of four that belong together the third asks.
export const RTM_NEWLINK: i32 = 16;
export const RTM_GETLINK: i32 = 18;
export const RTM_NEWADDR: i32 = 20;
export const RTM_GETADDR: i32 = 22;
export const RTM_GETROUTE: i32 = 26;
export const RTM_GETNEIGH: i32 = 30;
export const RTM_GETRULE: i32 = 34;

// Attributes of a link
export const IFLA_ADDRESS: i32 = 1;
export const IFLA_BROADCAST: i32 = 2;
export const IFLA_IFNAME: i32 = 3;
export const IFLA_MTU: i32 = 4;
export const IFLA_QDISC: i32 = 6;
export const IFLA_TXQLEN: i32 = 13;
export const IFLA_OPERSTATE: i32 = 16;
export const IFLA_LINKMODE: i32 = 17;

// Attributes of an address, and what its flags and its scope are
export const IFA_ADDRESS: i32 = 1;
export const IFA_LOCAL: i32 = 2;
export const IFA_LABEL: i32 = 3;
export const IFA_CACHEINFO: i32 = 6;
export const IFA_FLAGS: i32 = 8;
export const IFA_F_PERMANENT: i32 = 0x80;
export const RT_SCOPE_HOST: i32 = 254;

/** A flag of an interface that ioctl(2) has no room for. */
export const IFF_LOWER_UP: i32 = 0x10000;
