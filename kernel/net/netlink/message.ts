/** Netlink's messages (man 7 netlink): a header, a fixed part, attributes; all at multiples of four bytes. */
import { NLMSG_DONE, NLMSG_ERROR } from "../../abi/netlink.ts";
import { nlmsghdr } from "../../abi/structs.ts";

const aligned = (bytes: number): number => (bytes + 3) & ~3;
/** struct nlattr: length and type, 16 bits each. */
const ATTRIBUTE_HEAD = 4;

export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  /** The whole message, header included. */
  readonly bytes: Uint8Array;
  /** What follows the header. */
  readonly body: DataView;
}

/** The messages in what was sent, up to one whose length is wrong. */
export function* requests(bytes: Uint8Array): Iterable<Request> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + nlmsghdr.size <= bytes.length; ) {
    const { nlmsg_len, nlmsg_type, nlmsg_flags, nlmsg_seq } = nlmsghdr.read(view, at);
    if (nlmsg_len < nlmsghdr.size || nlmsg_len > bytes.length - at) return;
    yield {
      type: nlmsg_type,
      flags: nlmsg_flags,
      seq: nlmsg_seq,
      bytes: bytes.subarray(at, at + nlmsg_len),
      body: new DataView(view.buffer, view.byteOffset + at + nlmsghdr.size, nlmsg_len - nlmsghdr.size),
    };
    at += aligned(nlmsg_len);
  }
}

/** The attributes after a fixed part of `from` bytes, by type. */
export function attributes(body: DataView, from: number): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = aligned(from); at + ATTRIBUTE_HEAD <= body.byteLength; ) {
    const length = body.getUint16(at, true);
    if (length < ATTRIBUTE_HEAD || length > body.byteLength - at) break;
    const bytes = new Uint8Array(body.buffer, body.byteOffset + at + ATTRIBUTE_HEAD, length - ATTRIBUTE_HEAD);
    found.set(body.getUint16(at + 2, true), bytes);
    at += aligned(length);
  }
  return found;
}

export type Attribute = readonly [type: number, value: Uint8Array];

/** A message to `pid`, with sequence number `seq`. */
export function message(
  type: number,
  flags: number,
  seq: number,
  pid: number,
  fixed: Uint8Array,
  list: readonly Attribute[] = [],
): Uint8Array {
  let length = nlmsghdr.size + fixed.length;
  for (const [, value] of list) length = aligned(length) + ATTRIBUTE_HEAD + value.length;
  const bytes = new Uint8Array(aligned(length));
  const view = new DataView(bytes.buffer);
  nlmsghdr.write(view, 0, {
    nlmsg_len: length,
    nlmsg_type: type,
    nlmsg_flags: flags,
    nlmsg_seq: seq,
    nlmsg_pid: pid >>> 0,
  });
  bytes.set(fixed, nlmsghdr.size);
  let at = nlmsghdr.size + fixed.length;
  for (const [kind, value] of list) {
    at = aligned(at);
    view.setUint16(at, ATTRIBUTE_HEAD + value.length, true);
    view.setUint16(at + 2, kind, true);
    bytes.set(value, at + ATTRIBUTE_HEAD);
    at += ATTRIBUTE_HEAD + value.length;
  }
  return bytes;
}

/** NLMSG_ERROR: `error` is -errno with the request after it, or 0 with its header alone. */
export function errorMessage(request: Request, pid: number, error: number, flags: number): Uint8Array {
  const repeated = error === 0 ? request.bytes.subarray(0, nlmsghdr.size) : request.bytes;
  const fixed = new Uint8Array(4 + repeated.length);
  fixed.set(int(error));
  fixed.set(repeated, 4);
  return message(NLMSG_ERROR, flags, request.seq, pid, fixed);
}

/** The end of a dump. */
export function doneMessage(request: Request, pid: number, flags: number): Uint8Array {
  return message(NLMSG_DONE, flags, request.seq, pid, int(0));
}

export function int(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

/** With its NUL. */
export function text(value: string): Uint8Array {
  return Uint8Array.from([...value, "\0"], (letter) => letter.charCodeAt(0));
}
