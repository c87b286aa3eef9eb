/** What /proc/sys/net/ipv4 and ipv6 show (kernel documentation, networking/ip-sysctl), and root may set there as far as it has an effect. */

export interface InetSettings {
  /** ip_local_port_range: ports that are chosen where a program asks for none. */
  portRange: { low: number; high: number };
  /** ip_unprivileged_port_start: ports below it are the superuser's. */
  unprivilegedPortStart: number;
  /** tcp_rmem and tcp_wmem: least, first and most bytes of a socket's buffers. */
  tcpRmem: readonly [number, number, number];
  tcpWmem: readonly [number, number, number];
  /** tcp_keepalive_time and _intvl in seconds, _probes. */
  keepaliveTime: number;
  keepaliveInterval: number;
  keepaliveProbes: number;
  /** tcp_syn_retries */
  synRetries: number;
}

/** Linux's defaults. */
export function inetSettings(): InetSettings {
  return {
    portRange: { low: 32768, high: 60999 },
    unprivilegedPortStart: 1024,
    tcpRmem: [4096, 131072, 6291456],
    tcpWmem: [4096, 16384, 4194304],
    keepaliveTime: 7200,
    keepaliveInterval: 75,
    keepaliveProbes: 9,
    synRetries: 6,
  };
}
