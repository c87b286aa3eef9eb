/** Options of IPPROTO_TCP (man 7 tcp). With no packets between the ends, most of them are only kept. */
import { EINVAL, ENOENT, ENOPROTOOPT } from "../../abi/errno.ts";
import * as inet from "../../abi/inet.ts";
import { SOL_SOCKET, SOL_TCP } from "../../abi/socket.ts";
import { tcp_info } from "../../abi/structs.ts";
import type { Task } from "../../task/task.ts";
import { LO_MTU } from "./interfaces.ts";
import type { InetSettings } from "./settings.ts";
import type { TcpSocket } from "./tcp.ts";

interface Setting {
  readonly first: number | ((settings: InetSettings) => number);
  readonly min: number;
  readonly max: number;
}

const INT_MAX = 0x7fffffff;
const flag: Setting = { first: 0, min: 0, max: 1 };
const seconds = (first: Setting["first"]): Setting => ({ first, min: 1, max: 32767 });
const count = (first: Setting["first"]): Setting => ({ first, min: 1, max: 127 });
const FIN_TIMEOUT = 60;

const SETTINGS = new Map<number, Setting>([
  [inet.TCP_NODELAY, flag],
  [inet.TCP_CORK, flag],
  [inet.TCP_QUICKACK, { ...flag, first: 1 }],
  [inet.TCP_FASTOPEN_CONNECT, flag],
  [inet.TCP_KEEPIDLE, seconds((settings) => settings.keepaliveTime)],
  [inet.TCP_KEEPINTVL, seconds((settings) => settings.keepaliveInterval)],
  [inet.TCP_KEEPCNT, count((settings) => settings.keepaliveProbes)],
  [inet.TCP_SYNCNT, count((settings) => settings.synRetries)],
  [inet.TCP_LINGER2, { first: FIN_TIMEOUT, min: -INT_MAX, max: INT_MAX }],
  [inet.TCP_DEFER_ACCEPT, { first: 0, min: -INT_MAX, max: INT_MAX }],
  [inet.TCP_WINDOW_CLAMP, { first: 0, min: 0, max: INT_MAX }],
  [inet.TCP_USER_TIMEOUT, { first: 0, min: 0, max: INT_MAX }],
  [inet.TCP_FASTOPEN, { first: 0, min: 0, max: INT_MAX }],
  [inet.TCP_NOTSENT_LOWAT, { first: 0, min: -INT_MAX, max: INT_MAX }],
]);

/** TCP_MAXSEG: bounds (include/net/tcp.h), and what it is before and in a connection: what fits a packet of `lo`, with timestamps. */
const MSS_MIN = 88;
const MSS_MAX = 32767;
const MSS_DEFAULT = 536;
const MSS_LO = LO_MTU / 2;

/** Congestion control, which has nothing to do here, has a name nevertheless. */
const CONGESTION = ["cubic", "reno"];
const TCP_CA_NAME_MAX = 16;

/** Microseconds that programs may see as times of packets: least retransmission and acknowledgement times. */
const RTO_MIN = 200000;
const ATO_MIN = 40000;
const INITIAL_WINDOW = 10;
const REORDERING = 3;
const SSTHRESH_INFINITE = INT_MAX;

export class TcpOptions {
  readonly #socket: TcpSocket;
  /** What was set; null where nothing was. */
  #values: Map<number, number> | null = null;
  #congestion = CONGESTION[0];
  #maxSegment = 0;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
  }

  value(name: number): number {
    const { first } = SETTINGS.get(name)!;
    return this.#values?.get(name) ?? (typeof first === "number" ? first : first(this.#socket.inet.settings));
  }

  /** A connection begins with its listener's. */
  inherit(from: TcpOptions): void {
    if (from.#values !== null) this.#values = new Map(from.#values);
    this.#congestion = from.#congestion;
    this.#maxSegment = from.#maxSegment;
  }

  set(t: Task, level: number, name: number, bytes: Uint8Array): number | undefined {
    if (level === SOL_SOCKET) return undefined;
    if (level !== SOL_TCP) return this.#socket.end.ip.set(t, level, name, bytes);
    if (name === inet.TCP_CONGESTION) return this.#setCongestion(bytes);
    if (bytes.length < 4) return -EINVAL;
    const value = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
    if (name === inet.TCP_MAXSEG) {
      if (value !== 0 && (value < MSS_MIN || value > MSS_MAX)) return -EINVAL;
      this.#maxSegment = value;
      return 0;
    }
    const setting = SETTINGS.get(name);
    if (setting === undefined) return -ENOPROTOOPT;
    const { min, max } = setting;
    const wanted = min === 0 && max === 1 && value !== 0 ? 1 : value;
    if (wanted < min || wanted > max) return -EINVAL;
    (this.#values ??= new Map()).set(name, wanted);
    return 0;
  }

  get(_t: Task, level: number, name: number, room: number): Uint8Array | number | { error: number } | undefined {
    if (level === SOL_SOCKET) return undefined;
    if (level !== SOL_TCP) return this.#socket.end.ip.get(level, name, room);
    if (name === inet.TCP_INFO) return this.#info();
    if (name === inet.TCP_MAXSEG) return this.#segment();
    if (name === inet.TCP_CONGESTION) {
      const text = new Uint8Array(TCP_CA_NAME_MAX);
      text.set(Array.from(this.#congestion, (letter) => letter.charCodeAt(0)));
      return text;
    }
    return SETTINGS.has(name) ? this.value(name) : { error: -ENOPROTOOPT };
  }

  #setCongestion(bytes: Uint8Array): number {
    if (bytes.length < 1) return -EINVAL;
    const name = String.fromCharCode(...bytes.subarray(0, TCP_CA_NAME_MAX - 1)).replace(/\0[\s\S]*$/, "");
    if (!CONGESTION.includes(name)) return -ENOENT;
    this.#congestion = name;
    return 0;
  }

  #segment(): number {
    if (this.#socket.connected) return Math.min(this.#maxSegment || MSS_LO, MSS_LO);
    return this.#maxSegment || MSS_DEFAULT;
  }

  /** struct tcp_info: the state is real, the rest what a connection has that never lost a packet. */
  #info(): Uint8Array {
    const bytes = new Uint8Array(tcp_info.size);
    const segment = this.#segment();
    tcp_info.write(new DataView(bytes.buffer), 0, {
      tcpi_state: this.#socket.state,
      tcpi_ca_state: 0,
      tcpi_retransmits: 0,
      tcpi_probes: 0,
      tcpi_backoff: 0,
      tcpi_options: 0,
      tcpi_rto: RTO_MIN,
      tcpi_ato: ATO_MIN,
      tcpi_snd_mss: segment,
      tcpi_rcv_mss: segment,
      tcpi_unacked: 0,
      tcpi_sacked: 0,
      tcpi_lost: 0,
      tcpi_retrans: 0,
      tcpi_fackets: 0,
      tcpi_last_data_sent: 0,
      tcpi_last_ack_sent: 0,
      tcpi_last_data_recv: 0,
      tcpi_last_ack_recv: 0,
      tcpi_pmtu: LO_MTU,
      tcpi_rcv_ssthresh: this.#socket.options.rcvbuf / 2,
      tcpi_rtt: 0,
      tcpi_rttvar: 0,
      tcpi_snd_ssthresh: SSTHRESH_INFINITE,
      tcpi_snd_cwnd: INITIAL_WINDOW,
      tcpi_advmss: segment,
      tcpi_reordering: REORDERING,
      tcpi_rcv_rtt: 0,
      tcpi_rcv_space: this.#socket.options.rcvbuf / 2,
      tcpi_total_retrans: 0,
    });
    return bytes;
  }
}
