/** Options of SOL_SOCKET (man 7 socket), as a table. A family that has another idea of one says so in setOption and getOption. */
import { EACCES, EDOM, EINVAL, ENODEV, ENOPROTOOPT, EOPNOTSUPP, EPERM } from "../abi/errno.ts";
import * as so from "../abi/socket.ts";
import { linger, timeval, ucred } from "../abi/structs.ts";
import type { Task } from "../task/task.ts";
import type { Socket } from "./socket.ts";

const FOREVER = Number.POSITIVE_INFINITY;

/** The settings of one socket. */
export class SocketOptions {
  /** Bytes, doubled as Linux does for its own overhead. */
  sndbuf = 0;
  rcvbuf = 0;
  /** Time limits in ms. */
  rcvtimeo = FOREVER;
  sndtimeo = FOREVER;
  rcvlowat = 1;
  /** SO_LINGER: whether it is on, and its seconds. */
  lingers = false;
  lingerTime = 0;
  passcred = false;
  priority = 0;
  mark = 0;
  /** Those that are on or off, and have no other effect here than to be remembered; families look at some. By SO_*. */
  readonly on = new Set<number>();

  /** Seconds to linger when it is closed; -1 where it does not. */
  get linger(): number {
    return this.lingers ? this.lingerTime : -1;
  }

  /** A connection begins with its listener's. */
  inherit(from: SocketOptions): void {
    this.sndbuf = from.sndbuf;
    this.rcvbuf = from.rcvbuf;
    this.rcvtimeo = from.rcvtimeo;
    this.sndtimeo = from.sndtimeo;
    this.rcvlowat = from.rcvlowat;
    this.lingers = from.lingers;
    this.lingerTime = from.lingerTime;
    this.priority = from.priority;
    this.mark = from.mark;
    for (const name of from.on) this.on.add(name);
  }
}

type Value = number | Uint8Array | { error: number };

interface Option {
  /** `value` is the option's first int; `bytes` is all of it. 0 or -errno. */
  set?(socket: Socket, value: number, bytes: Uint8Array, t: Task): number;
  get?(socket: Socket): Value;
}

// include/net/sock.h: the least that buffers can be.
const MIN_SNDBUF = 4608;
const MIN_RCVBUF = 2304;

function buffer(field: "sndbuf" | "rcvbuf", min: number, max: (socket: Socket) => number, force: boolean): Option {
  return {
    set(socket, value, _bytes, t) {
      if (force && t.euid !== 0) return -EPERM;
      const wanted = force ? Math.max(value, 0) : Math.min(value >>> 0, max(socket));
      socket.options[field] = Math.max(2 * Math.min(wanted, 0x3fffffff), min);
      socket.optionsChanged();
      return 0;
    },
    get: force ? undefined : (socket) => socket.options[field],
  };
}

const wmemMax = (socket: Socket): number => socket.net.sysctl.wmemMax;
const rmemMax = (socket: Socket): number => socket.net.sysctl.rmemMax;

function time(field: "rcvtimeo" | "sndtimeo"): Option {
  return {
    set(socket, _value, bytes) {
      if (bytes.length < timeval.size) return -EINVAL;
      const { tv_sec, tv_usec } = timeval.read(viewOf(bytes), 0);
      if (tv_usec < 0 || tv_usec >= 1000000) return -EDOM;
      // No time at all means no limit; less than none, not to wait.
      if (tv_sec < 0) socket.options[field] = 0;
      else socket.options[field] = tv_sec === 0 && tv_usec === 0 ? FOREVER : tv_sec * 1000 + tv_usec / 1000;
      socket.optionsChanged();
      return 0;
    },
    get(socket) {
      const ms = socket.options[field];
      const usec = ms === FOREVER ? 0 : Math.round(ms * 1000);
      return encode(timeval.size, (view) =>
        timeval.write(view, 0, { tv_sec: Math.floor(usec / 1e6), tv_usec: usec % 1000000 }),
      );
    },
  };
}

/** An option that is on or off. */
function flag(name: number): Option {
  return {
    set(socket, value) {
      if (value !== 0) socket.options.on.add(name);
      else socket.options.on.delete(name);
      socket.optionsChanged();
      return 0;
    },
    get: (socket) => (socket.options.on.has(name) ? 1 : 0),
  };
}

const readOnly = (get: (socket: Socket) => Value): Option => ({ get });

const OPTIONS = new Map<number, Option>([
  [so.SO_DEBUG, { ...flag(so.SO_DEBUG), set: (s, value, b, t) => debug(s, value, b, t) }],
  [so.SO_REUSEADDR, flag(so.SO_REUSEADDR)],
  [so.SO_REUSEPORT, flag(so.SO_REUSEPORT)],
  [so.SO_TYPE, readOnly((s) => s.type)],
  [so.SO_PROTOCOL, readOnly((s) => s.protocol)],
  [so.SO_DOMAIN, readOnly((s) => s.family)],
  [so.SO_ERROR, readOnly((s) => -s.takeError())],
  [so.SO_ACCEPTCONN, readOnly((s) => (s.listening ? 1 : 0))],
  [so.SO_DONTROUTE, flag(so.SO_DONTROUTE)],
  [so.SO_BROADCAST, flag(so.SO_BROADCAST)],
  [so.SO_SNDBUF, buffer("sndbuf", MIN_SNDBUF, wmemMax, false)],
  [so.SO_SNDBUFFORCE, buffer("sndbuf", MIN_SNDBUF, wmemMax, true)],
  [so.SO_RCVBUF, buffer("rcvbuf", MIN_RCVBUF, rmemMax, false)],
  [so.SO_RCVBUFFORCE, buffer("rcvbuf", MIN_RCVBUF, rmemMax, true)],
  [so.SO_KEEPALIVE, flag(so.SO_KEEPALIVE)],
  [so.SO_OOBINLINE, flag(so.SO_OOBINLINE)],
  [so.SO_NO_CHECK, flag(so.SO_NO_CHECK)],
  [
    so.SO_PRIORITY,
    {
      set(socket, value, _bytes, t) {
        if ((value < 0 || value > 6) && t.euid !== 0) return -EPERM;
        socket.options.priority = value;
        return 0;
      },
      get: (socket) => socket.options.priority,
    },
  ],
  [
    so.SO_LINGER,
    {
      set({ options }, value, bytes) {
        if (bytes.length < linger.size) return -EINVAL;
        options.lingers = value !== 0;
        if (options.lingers) options.lingerTime = linger.read(viewOf(bytes), 0).l_linger >>> 0;
        return 0;
      },
      get({ options }) {
        return encode(linger.size, (view) =>
          linger.write(view, 0, { l_onoff: options.lingers ? 1 : 0, l_linger: options.lingerTime }),
        );
      },
    },
  ],
  [so.SO_BSDCOMPAT, { set: () => 0, get: () => 0 }],
  [
    so.SO_PASSCRED,
    {
      set(socket, value) {
        if (socket.family !== so.AF_UNIX) return -EOPNOTSUPP;
        socket.options.passcred = value !== 0;
        socket.optionsChanged();
        return 0;
      },
      get: (socket) => (socket.family !== so.AF_UNIX ? { error: -EOPNOTSUPP } : socket.options.passcred ? 1 : 0),
    },
  ],
  [
    so.SO_PEERCRED,
    readOnly((socket) => {
      const peer = socket.peerCredentials ?? { pid: 0, uid: -1, gid: -1 };
      return encode(ucred.size, (view) =>
        ucred.write(view, 0, { pid: peer.pid, uid: peer.uid >>> 0, gid: peer.gid >>> 0 }),
      );
    }),
  ],
  [so.SO_RCVTIMEO, time("rcvtimeo")],
  [so.SO_SNDTIMEO, time("sndtimeo")],
  [so.SO_RCVTIMEO_NEW, time("rcvtimeo")],
  [so.SO_SNDTIMEO_NEW, time("sndtimeo")],
  [
    so.SO_RCVLOWAT,
    {
      set(socket, value) {
        socket.options.rcvlowat = value < 0 ? 0x7fffffff : value || 1;
        socket.optionsChanged();
        return 0;
      },
      get: (socket) => socket.options.rcvlowat,
    },
  ],
  [so.SO_SNDLOWAT, readOnly(() => 1)],
  [so.SO_TIMESTAMP, flag(so.SO_TIMESTAMP)],
  [so.SO_TIMESTAMPNS, flag(so.SO_TIMESTAMPNS)],
  [so.SO_RXQ_OVFL, flag(so.SO_RXQ_OVFL)],
  [
    so.SO_MARK,
    {
      set(socket, value, _bytes, t) {
        if (t.euid !== 0) return -EPERM;
        socket.options.mark = value;
        return 0;
      },
      get: (socket) => socket.options.mark >>> 0,
    },
  ],
  [so.SO_INCOMING_CPU, readOnly(() => 0)],
  [so.SO_BINDTODEVICE, { get: () => new Uint8Array(0) }],
]);

function debug(socket: Socket, value: number, bytes: Uint8Array, t: Task): number {
  return value !== 0 && t.euid !== 0 ? -EACCES : flag(so.SO_DEBUG).set!(socket, value, bytes, t);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function encode(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

export function setsockopt(
  t: Task,
  socket: Socket,
  level: number,
  name: number,
  address: number,
  length: number,
): number {
  if (length > 0x7fffffff) return -EINVAL;
  const { u8, at } = t.mm.region(address, Math.min(length, 4096));
  const bytes = u8.slice(at, at + Math.min(length, 4096));
  const own = socket.setOption(t, level, name, bytes);
  if (own !== undefined) return own;
  const option = OPTIONS.get(name);
  if (name === so.SO_BINDTODEVICE) return -ENODEV;
  if (bytes.length < 4) return -EINVAL;
  return option?.set?.(socket, viewOf(bytes).getInt32(0, true), bytes, t) ?? -ENOPROTOOPT;
}

export function getsockopt(
  t: Task,
  socket: Socket,
  level: number,
  name: number,
  address: number,
  lengthAt: number,
): number {
  const region = t.mm.region(lengthAt, 4);
  const room = region.view.getInt32(region.at, true);
  if (room < 0) return -EINVAL;
  const value = socket.getOption(t, level, name, room) ?? OPTIONS.get(name)?.get?.(socket) ?? { error: -ENOPROTOOPT };
  if (typeof value === "object" && "error" in value) return value.error;
  const bytes = typeof value === "number" ? encode(4, (view) => view.setInt32(0, value, true)) : value;
  const length = Math.min(room, bytes.length);
  if (length > 0) {
    const { u8, at } = t.mm.region(address, length);
    u8.set(bytes.subarray(0, length), at);
  }
  region.view.setInt32(region.at, length, true);
  return 0;
}
