/** The calls about sockets (section 2 of the manual): from a descriptor to its Socket. What families do is in their classes. */
import { EAFNOSUPPORT, EAGAIN, EBADF, ECONNABORTED, EINVAL, ENFILE, ENOTSOCK, EOPNOTSUPP } from "../abi/errno.ts";
import { IOV_MAX } from "../abi/limits.ts";
import {
  AF_MAX,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_WAITFORONE,
  SHUT_RD,
  SHUT_RDWR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_TYPE_MASK,
  SOCK_TYPE_MAX,
} from "../abi/socket.ts";
import { mmsghdr, timespec } from "../abi/structs.ts";
import { FB_PATH, RESULT_BLOCK, SPARE_SHARE } from "../hot/layout.ts";
import type { Handler, Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { Incoming, outgoing, readAddress, readOutgoing, receive, userBuffer, writeAddress } from "./message.ts";
import { getsockopt, setsockopt } from "./options.ts";
import { type Family, Socket } from "./socket.ts";

/** The socket of a descriptor, or -EBADF, -ENOTSOCK. */
function socketOf(t: Task, fd: number): Socket | number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  return file instanceof Socket ? file : -ENOTSOCK;
}

/** A call about one socket. */
function of(call: (t: Task, socket: Socket, b: number, c: number, d: number, e: number, f: number) => number): Handler {
  return (t, fd, b, c, d, e, f) => {
    const socket = socketOf(t, fd);
    return typeof socket === "number" ? socket : call(t, socket, b, c, d, e, f);
  };
}

// ---------------------------------------------------------------- making

function familyOf(t: Task, domain: number, type: number): Family | number {
  if (domain < 0 || domain >= AF_MAX) return -EAFNOSUPPORT;
  if (type >= SOCK_TYPE_MAX) return -EINVAL;
  return t.kernel.net.families.get(domain) ?? -EAFNOSUPPORT;
}

/** A new socket; it has no description yet. */
function create(t: Task, domain: number, type: number, protocol: number): Socket | number {
  const family = familyOf(t, domain, type);
  if (typeof family === "number") return family;
  if (t.kernel.hot.pages_left(0, SPARE_SHARE) === 0) return -ENFILE;
  return family.create(t, t.kernel.net, type, protocol);
}

const TYPE_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK;

function socket(t: Task, domain: number, type: number, protocol: number): number {
  if (type & ~SOCK_TYPE_MASK & ~TYPE_FLAGS) return -EINVAL;
  const made = create(t, domain, type & SOCK_TYPE_MASK, protocol);
  if (typeof made === "number") return made;
  return made.attach(t, type & SOCK_NONBLOCK) || t.kernel.vfs.installFd(t, made.ptr, (type & SOCK_CLOEXEC) !== 0);
}

function socketpair(t: Task, domain: number, type: number, protocol: number, address: number): number {
  if (type & ~SOCK_TYPE_MASK & ~TYPE_FLAGS) return -EINVAL;
  const { vfs, hot, net } = t.kernel;
  const first = vfs.freeFd(t);
  const second = first < 0 ? first : vfs.freeFd(t, first + 1);
  if (second < 0) return second;
  t.mm.setU32(address, first);
  t.mm.setU32(address + 4, second);
  const a = create(t, domain, type & SOCK_TYPE_MASK, protocol);
  if (typeof a === "number") return a;
  const b = create(t, domain, type & SOCK_TYPE_MASK, protocol);
  if (typeof b === "number") {
    a.release();
    return b;
  }
  const error = net.families.get(domain)!.pair?.(t, a, b) ?? -EOPNOTSUPP;
  if (error) {
    a.release();
    b.release();
    return error;
  }
  const refused = a.attach(t, type & SOCK_NONBLOCK);
  if (refused) {
    b.release();
    return refused;
  }
  if (b.attach(t, type & SOCK_NONBLOCK)) {
    hot.file_put(a.ptr);
    return -ENFILE;
  }
  const cloexec = type & SOCK_CLOEXEC ? 1 : 0;
  hot.fd_install(t.files, first, a.ptr, cloexec);
  hot.fd_install(t.files, second, b.ptr, cloexec);
  return 0;
}

// ---------------------------------------------------------------- names and connections

function accept(t: Task, listener: Socket, address: number, lengthAt: number, flags: number): number {
  if (flags & ~TYPE_FLAGS) return -EINVAL;
  const { vfs, hot } = t.kernel;
  const fd = vfs.freeFd(t);
  if (fd < 0) return fd;
  const connection = listener.accept(t, listener.waitFlags);
  if (typeof connection === "number") return connection;
  const error = connection.attach(t, flags & SOCK_NONBLOCK);
  if (error) return error;
  if (address !== 0) {
    try {
      const name = connection.getname(true);
      if (typeof name === "number") {
        hot.file_put(connection.ptr);
        return -ECONNABORTED;
      }
      writeAddress(t, name, address, lengthAt);
    } catch (bad) {
      hot.file_put(connection.ptr);
      throw bad;
    }
  }
  hot.fd_install(t.files, fd, connection.ptr, flags & SOCK_CLOEXEC ? 1 : 0);
  return fd;
}

function getname(peer: boolean): Handler {
  return of((t, socket, address, lengthAt) => {
    const name = socket.getname(peer);
    if (typeof name === "number") return name;
    writeAddress(t, name, address, lengthAt);
    return 0;
  });
}

function listen(t: Task, socket: Socket, backlog: number): number {
  const { somaxconn } = t.kernel.net.sysctl;
  return socket.listen(t, backlog < 0 || backlog > somaxconn ? somaxconn : backlog);
}

/** SHUT_RD is RCV_SHUTDOWN - 1, and so on. */
function shutdown(_t: Task, socket: Socket, how: number): number {
  return how < SHUT_RD || how > SHUT_RDWR ? -EINVAL : socket.shutdown(how + 1);
}

// ---------------------------------------------------------------- messages

function sendto(
  t: Task,
  fd: number,
  buffer: number,
  length: number,
  flags: number,
  address: number,
  addressLength: number,
): number {
  const buffers = userBuffer(t, buffer, length);
  const socket = socketOf(t, fd);
  if (typeof socket === "number") return socket;
  const name = address === 0 ? null : readAddress(t, address, addressLength);
  return socket.sendmsg(t, outgoing(buffers, flags | socket.waitFlags, name));
}

function recvfrom(
  t: Task,
  fd: number,
  buffer: number,
  length: number,
  flags: number,
  address: number,
  lengthAt: number,
): number {
  const buffers = userBuffer(t, buffer, length);
  const socket = socketOf(t, fd);
  if (typeof socket === "number") return socket;
  const message = new Incoming(buffers, flags | socket.waitFlags);
  const result = socket.recvmsg(t, message);
  if (result >= 0 && address !== 0) writeAddress(t, message.name ?? NO_ADDRESS, address, lengthAt);
  return result;
}
const NO_ADDRESS = new Uint8Array(0);

function sendmsg(t: Task, socket: Socket, address: number, flags: number): number {
  return socket.sendmsg(t, readOutgoing(t, address, flags | socket.waitFlags));
}

function recvmsg(t: Task, socket: Socket, address: number, flags: number): number {
  return receive(t, address, flags | socket.waitFlags, (message) => {
    message.outFlags = flags & MSG_CMSG_CLOEXEC;
    return socket.recvmsg(t, message);
  });
}

/**
 * sendmmsg and recvmmsg: message after message until one fails or waits; what was moved counts. A call that waits goes on where it was:
 * scratch number 1 counts messages, number 0 is the message's own.
 */
function many(t: Task, vector: number, count: number, move: (address: number, done: number) => number): number {
  let done = t.restarted ? t.scratch(1) : 0;
  while (done < count) {
    const at = vector + done * mmsghdr.size;
    let result: number;
    try {
      result = move(at, done);
      if (result >= 0) t.mm.setU32(at + mmsghdr.offset.msg_len, result);
    } catch (error) {
      if (done === 0) throw error;
      return done;
    }
    if (result === RESULT_BLOCK) {
      t.setScratch(1, done);
      return result;
    }
    if (result < 0) return done || result;
    t.setScratch(0, 0);
    done++;
  }
  return done;
}

function sendmmsg(t: Task, socket: Socket, vector: number, count: number, flags: number): number {
  return many(t, vector, Math.min(count, IOV_MAX), (address) => sendmsg(t, socket, address, flags));
}

function recvmmsg(t: Task, socket: Socket, vector: number, count: number, flags: number, timeout: number): number {
  // The limit is looked at after each message only (man 2 recvmmsg, BUGS).
  let until = Number.POSITIVE_INFINITY;
  if (timeout !== 0) {
    const { view, at } = t.mm.region(timeout, timespec.size);
    const { tv_sec, tv_nsec } = timespec.read(view, at);
    if (tv_sec < 0 || tv_nsec < 0 || tv_nsec > 999999999) return -EINVAL;
    if (!t.restarted) t.setScratch(2, t.kernel.clock.monotonic() + tv_sec * 1000 + tv_nsec / 1e6);
    until = t.scratch(2);
  }
  if (!(flags & MSG_ERRQUEUE)) {
    const error = t.restarted ? 0 : socket.takeError();
    if (error) return error;
  }
  return many(t, vector, Math.min(count, IOV_MAX), (address, done) => {
    if (done > 0 && t.kernel.clock.monotonic() >= until) return -EAGAIN;
    return recvmsg(t, socket, address, done > 0 && flags & MSG_WAITFORONE ? flags | MSG_DONTWAIT : flags);
  });
}

export const socketCalls: Handlers = {
  socket,
  socketpair,
  bind: of((t, socket, address, length) => socket.bind(t, readAddress(t, address, length))),
  listen: of(listen),
  accept: of((t, listener, address, lengthAt) => accept(t, listener, address, lengthAt, 0)),
  accept4: of(accept),
  connect: of((t, socket, address, length) => socket.connect(t, readAddress(t, address, length), socket.waitFlags)),
  getsockname: getname(false),
  getpeername: getname(true),
  shutdown: of(shutdown),
  sendto,
  recvfrom,
  sendmsg: of(sendmsg),
  recvmsg: of(recvmsg),
  sendmmsg: of(sendmmsg),
  recvmmsg: of(recvmmsg),
  setsockopt: of(setsockopt),
  getsockopt: of(getsockopt),
};
