/** What sendmsg(2) and recvmsg(2) move: buffers, an address, control messages (man 3 cmsg), in and out of user memory. */
import { EINVAL, EMSGSIZE, ENOBUFS } from "../abi/errno.ts";
import { IOV_MAX, MAX_RW_COUNT } from "../abi/limits.ts";
import { MSG_CTRUNC } from "../abi/socket.ts";
import { cmsghdr, iovec, msghdr } from "../abi/structs.ts";
import { fail } from "../errors.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import type { Task } from "../task/task.ts";

/** struct sockaddr_storage: the longest address. */
const SOCKADDR_MAX = 128;
/** /proc/sys/net/core/optmem_max: bytes of control messages. */
const CONTROL_MAX = 131072;

/** A control message as it was sent. */
export interface Control {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

const NO_CONTROL: readonly Control[] = [];

/** The buffers of a call, one after the other. */
export class Buffers {
  readonly parts: readonly Uint8Array[];
  /** Bytes in all. */
  readonly length: number;

  constructor(parts: readonly Uint8Array[]) {
    this.parts = parts;
    let length = 0;
    for (const part of parts) length += part.length;
    this.length = length;
  }

  /** Calls `use` with what lies in [from, to) piece by piece; `at` is the offset of a piece. Ends early where it gives false. */
  each(from: number, to: number, use: (piece: Uint8Array, at: number) => boolean): void {
    let at = 0;
    for (const part of this.parts) {
      const start = Math.max(from - at, 0);
      const end = Math.min(to - at, part.length);
      if (start < end && !use(part.subarray(start, end), at + start)) return;
      at += part.length;
      if (at >= to) return;
    }
  }

  /** Copies bytes in, from `from` on; what does not fit is left out. Gives how many fit. */
  put(bytes: Uint8Array, from = 0): number {
    const end = Math.min(this.length, from + bytes.length);
    this.each(from, end, (piece, at) => {
      piece.set(bytes.subarray(at - from, at - from + piece.length));
      return true;
    });
    return Math.max(0, end - from);
  }

  /** Copies everything to a place in kernel memory. */
  copyTo(u8: Uint8Array, to: number): void {
    this.each(0, this.length, (piece, at) => {
      u8.set(piece, to + at);
      return true;
    });
  }
}

/** What is to be sent. */
export interface Outgoing {
  readonly buffers: Buffers;
  /** MSG_*; MSG_DONTWAIT also for O_NONBLOCK. */
  readonly flags: number;
  /** Where to; null for the peer. */
  readonly name: Uint8Array | null;
  readonly control: readonly Control[];
}

/** What is received, and where to. */
export class Incoming {
  readonly buffers: Buffers;
  /** As Outgoing's. */
  readonly flags: number;
  /** Whose it is; null where the socket does not say, or nobody asks. */
  name: Uint8Array | null = null;
  /** The sender's credentials have been told. */
  told = false;
  /** What recvmsg gives in msg_flags. */
  outFlags = 0;
  /** Where control messages go; null where there is no room for any (recv, read). */
  readonly control: ControlWriter | null;

  constructor(buffers: Buffers, flags: number, control: ControlWriter | null = null) {
    this.buffers = buffers;
    this.flags = flags;
    this.control = control;
  }

  /** Adds a control message, or says in outFlags that there was no room for it. */
  putControl(level: number, type: number, data: Uint8Array): void {
    if (this.control === null || !this.control.put(level, type, data)) this.outFlags |= MSG_CTRUNC;
  }
}

/** Bytes from one control message to the next: at multiples of WALI's long. */
const aligned = (bytes: number): number => (bytes + 7) & ~7;

/** The control buffer of recvmsg(2), as Linux fills it (net/core/scm.c: put_cmsg). */
export class ControlWriter {
  readonly #mm: AddressSpace;
  readonly #start: number;
  #at: number;
  readonly #end: number;

  constructor(mm: AddressSpace, address: number, length: number) {
    this.#mm = mm;
    this.#start = this.#at = address;
    this.#end = address + length;
  }

  /** Bytes written so far, padding included: msg_controllen. */
  get used(): number {
    return this.#at - this.#start;
  }

  /** Bytes of data that the next message can have; negative where not even its head has room. */
  get room(): number {
    return this.#end - this.#at - cmsghdr.size;
  }

  /** Adds a message, as much of it as there is room for. Whether it is whole. Throws EFAULT. */
  put(level: number, type: number, data: Uint8Array): boolean {
    const { room } = this;
    if (room < 0) return false;
    const bytes = Math.min(room, data.length);
    const length = cmsghdr.size + bytes;
    const { view, u8, at } = this.#mm.region(this.#at, length);
    cmsghdr.write(view, at, { cmsg_len: length, cmsg_level: level, cmsg_type: type });
    u8.set(data.subarray(0, bytes), at + cmsghdr.size);
    this.#at = Math.min(this.#at + aligned(length), this.#end);
    return bytes === data.length;
  }
}

/** The user's bytes as a buffer. Throws EFAULT. */
export function userBuffer(t: Task, address: number, length: number): Buffers {
  return new Buffers([userBytes(t.mm, address, Math.min(length, MAX_RW_COUNT))]);
}

function userBytes(mm: AddressSpace, address: number, length: number): Uint8Array {
  const { u8, at } = mm.region(address, length);
  return u8.subarray(at, at + length);
}

/** An address that the user gives (move_addr_to_kernel). Throws EINVAL, EFAULT. */
export function readAddress(t: Task, address: number, length: number): Uint8Array {
  if (length > SOCKADDR_MAX) fail(EINVAL);
  return length === 0 ? new Uint8Array(0) : userBytes(t.mm, address, length).slice();
}

/** Gives the user an address, cut to what its buffer holds, and its whole length (move_addr_to_user). Throws EINVAL, EFAULT. */
export function writeAddress(t: Task, name: Uint8Array, address: number, lengthAt: number): void {
  const room = lengthOf(t, lengthAt);
  if (room < 0) fail(EINVAL);
  const bytes = Math.min(room, name.length);
  if (bytes > 0) userBytes(t.mm, address, bytes).set(name.subarray(0, bytes));
  t.mm.setU32(lengthAt, name.length);
}

function lengthOf(t: Task, at: number): number {
  const region = t.mm.region(at, 4);
  return region.view.getInt32(region.at, true);
}

/** The buffers of an iovec array (import_iovec). Throws EMSGSIZE, EINVAL, EFAULT. */
function readIovec(mm: AddressSpace, address: number, count: number): Buffers {
  if (count < 0 || count > IOV_MAX) fail(EMSGSIZE);
  const parts: Uint8Array[] = [];
  let left = MAX_RW_COUNT;
  for (let i = 0; i < count; i++) {
    const region = mm.region(address + i * iovec.size, iovec.size);
    const base = region.view.getUint32(region.at, true);
    const length = region.view.getUint32(region.at + 4, true);
    if (length > 0x7fffffff) fail(EINVAL);
    const taken = Math.min(length, left);
    parts.push(length === 0 ? new Uint8Array(0) : userBytes(mm, base, taken));
    left -= taken;
  }
  return new Buffers(parts);
}

interface Header {
  readonly address: number;
  readonly name: number;
  readonly nameLength: number;
  readonly buffers: Buffers;
  readonly control: number;
  readonly controlLength: number;
}

function readHeader(t: Task, address: number): Header {
  const { view, at } = t.mm.region(address, msghdr.size);
  const header = msghdr.read(view, at);
  const name = header.msg_name;
  if (name !== 0 && header.msg_namelen > 0x7fffffff) fail(EINVAL);
  return {
    address,
    name,
    nameLength: name === 0 ? 0 : Math.min(header.msg_namelen, SOCKADDR_MAX),
    buffers: readIovec(t.mm, header.msg_iov, header.msg_iovlen),
    control: header.msg_control,
    controlLength: header.msg_controllen,
  };
}

/** The message of sendmsg(2) whose struct msghdr is at `address`. Throws EFAULT, EINVAL, EMSGSIZE, ENOBUFS. */
export function readOutgoing(t: Task, address: number, flags: number): Outgoing {
  const { name, nameLength, buffers, control, controlLength } = readHeader(t, address);
  return {
    buffers,
    flags,
    name: nameLength === 0 ? null : readAddress(t, name, nameLength),
    control: controlLength === 0 ? NO_CONTROL : readControl(t.mm, control, controlLength),
  };
}

/** A message without control messages. */
export function outgoing(buffers: Buffers, flags: number, name: Uint8Array | null = null): Outgoing {
  return { buffers, flags, name, control: NO_CONTROL };
}

function readControl(mm: AddressSpace, address: number, length: number): readonly Control[] {
  if (length > CONTROL_MAX) fail(ENOBUFS);
  const { u8, view, at } = mm.region(address, length);
  const found: Control[] = [];
  for (let from = 0; from + cmsghdr.size <= length; ) {
    const { cmsg_len, cmsg_level, cmsg_type } = cmsghdr.read(view, at + from);
    if (cmsg_len < cmsghdr.size || cmsg_len > length - from) fail(EINVAL);
    const data = u8.slice(at + from + cmsghdr.size, at + from + cmsg_len);
    found.push({ level: cmsg_level, type: cmsg_type, data });
    from += aligned(cmsg_len);
  }
  return found;
}

/** Receives into the message of recvmsg(2) whose struct msghdr is at `address`. Throws as readOutgoing. */
export function receive(t: Task, address: number, flags: number, use: (message: Incoming) => number): number {
  const { name, buffers, control, controlLength } = readHeader(t, address);
  const room = control === 0 ? null : new ControlWriter(t.mm, control, controlLength);
  const message = new Incoming(buffers, flags, room);
  const result = use(message);
  if (result < 0) return result;
  const { view, at } = t.mm.region(address, msghdr.size);
  if (name !== 0) {
    const from = message.name ?? new Uint8Array(0);
    writeAddress(t, from, name, address + msghdr.offset.msg_namelen);
  }
  view.setInt32(at + msghdr.offset.msg_flags, message.outFlags, true);
  view.setUint32(at + msghdr.offset.msg_controllen, room?.used ?? 0, true);
  return result;
}
