/** /proc/sys/net (kernel documentation, admin-guide/sysctl/net and networking/ip-sysctl). What can not be otherwise here can not be set. */
import { EINVAL, EPERM } from "../abi/errno.ts";
import type { InetSettings } from "../net/inet/settings.ts";
import type { NetSysctl } from "../net/net.ts";
import { type DirectorySpec, directory, type FileSpec, file } from "./node.ts";
import type { Machine } from "./subjects.ts";

/** What is so, and stays so. */
const fixed = (text: string | number): FileSpec<Machine> => file(() => `${text}\n`);

/**
 * Numbers, separated by tabs, that root may set between bounds. `take`: keeps them, false where they do not go together.
 */
function numbers(
  min: number,
  max: number,
  show: (machine: Machine) => readonly number[],
  take: (machine: Machine, values: readonly number[]) => boolean,
): FileSpec<Machine> {
  return file((machine) => `${show(machine).join("\t")}\n`, {
    write(machine, text, t) {
      if (t !== null && t.euid !== 0) return -EPERM;
      const values = text.trim().split(/\s+/).map(Number);
      const fit = values.every((value) => Number.isInteger(value) && value >= min && value <= max);
      return text.trim() !== "" && fit && values.length === show(machine).length && take(machine, values) ? 0 : -EINVAL;
    },
  });
}

function general(field: keyof NetSysctl, min: number, max: number): FileSpec<Machine> {
  return numbers(
    min,
    max,
    ({ kernel }) => [kernel.net.sysctl[field]],
    ({ kernel }, [value]) => {
      kernel.net.sysctl[field] = value;
      return true;
    },
  );
}

type NumberField = { [K in keyof InetSettings]: InetSettings[K] extends number ? K : never }[keyof InetSettings];

function inet(field: NumberField, min: number, max: number): FileSpec<Machine> {
  return numbers(
    min,
    max,
    ({ kernel }) => [kernel.net.inet.settings[field]],
    ({ kernel }, [value]) => {
      kernel.net.inet.settings[field] = value;
      return true;
    },
  );
}

/** Least, first and most bytes of a socket's buffer. */
function buffers(field: "tcpRmem" | "tcpWmem"): FileSpec<Machine> {
  return numbers(
    4096,
    INT_MAX,
    ({ kernel }) => kernel.net.inet.settings[field],
    ({ kernel }, [least, first, most]) => {
      kernel.net.inet.settings[field] = [least, first, most];
      return true;
    },
  );
}

const INT_MAX = 0x7fffffff;
const PORT_MAX = 65535;
/** Least bytes of buffers (include/net/sock.h). */
const SNDBUF_MIN = 4608;
const RCVBUF_MIN = 2304;

const portRange = numbers(
  1,
  PORT_MAX,
  ({ kernel }) => [kernel.net.inet.settings.portRange.low, kernel.net.inet.settings.portRange.high],
  ({ kernel }, [low, high]) => {
    const { settings } = kernel.net.inet;
    // Ports that are chosen are nobody's privilege.
    if (high < low || low < settings.unprivilegedPortStart) return false;
    settings.portRange = { low, high };
    return true;
  },
);

const interfaces6 = directory<Machine>({ disable_ipv6: fixed(0), forwarding: fixed(0) });

export const sysNetDirectory: DirectorySpec<Machine> = directory<Machine>({
  core: directory<Machine>({
    netdev_max_backlog: fixed(1000),
    optmem_max: fixed(131072),
    rmem_default: general("rmemDefault", RCVBUF_MIN, INT_MAX),
    rmem_max: general("rmemMax", RCVBUF_MIN, INT_MAX),
    somaxconn: general("somaxconn", 0, INT_MAX),
    wmem_default: general("wmemDefault", SNDBUF_MIN, INT_MAX),
    wmem_max: general("wmemMax", SNDBUF_MIN, INT_MAX),
  }),
  ipv4: directory<Machine>({
    ip_default_ttl: fixed(64),
    ip_forward: fixed(0),
    ip_local_port_range: portRange,
    ip_nonlocal_bind: fixed(0),
    ip_unprivileged_port_start: inet("unprivilegedPortStart", 0, PORT_MAX),
    ping_group_range: fixed("1\t0"),
    tcp_allowed_congestion_control: fixed("reno cubic"),
    tcp_available_congestion_control: fixed("reno cubic"),
    tcp_congestion_control: fixed("cubic"),
    tcp_fin_timeout: fixed(60),
    tcp_keepalive_intvl: inet("keepaliveInterval", 1, 32767),
    tcp_keepalive_probes: inet("keepaliveProbes", 1, 127),
    tcp_keepalive_time: inet("keepaliveTime", 1, 32767),
    tcp_max_syn_backlog: fixed(2048),
    tcp_max_tw_buckets: fixed(16384),
    tcp_rmem: buffers("tcpRmem"),
    tcp_sack: fixed(1),
    tcp_syn_retries: inet("synRetries", 1, 127),
    tcp_synack_retries: fixed(5),
    tcp_syncookies: fixed(1),
    tcp_timestamps: fixed(1),
    tcp_tw_reuse: fixed(2),
    tcp_window_scaling: fixed(1),
    tcp_wmem: buffers("tcpWmem"),
  }),
  ipv6: directory<Machine>({
    bindv6only: fixed(0),
    conf: directory<Machine>({ all: interfaces6, default: interfaces6, lo: interfaces6 }),
  }),
  unix: directory<Machine>({
    max_dgram_qlen: general("maxDgramQlen", 0, INT_MAX),
  }),
});
