/** Control messages of AF_UNIX (man 7 unix): descriptors and credentials that travel with a message; and descriptors in flight. */
import { EBADF, EINVAL, EPERM, ESRCH, ETOOMANYREFS } from "../../abi/errno.ts";
import {
  AF_UNIX,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  SCM_CREDENTIALS,
  SCM_MAX_FD,
  SCM_RIGHTS,
  SOL_SOCKET,
} from "../../abi/socket.ts";
import { ucred } from "../../abi/structs.ts";
import { fail } from "../../errors.ts";
import { PROC_NOFILE, PROC_SGID, PROC_SUID } from "../../hot/layout.ts";
import type { Kernel } from "../../kernel.ts";
import type { Task } from "../../task/task.ts";
import type { Control, Incoming } from "../message.ts";
import { MAX_FLYING } from "../net.ts";
import { type Credentials, credentialsOf, Socket } from "../socket.ts";
import type { UnixSocket } from "./socket.ts";

/** The user that nobody is: what messages without credentials show (/proc/sys/kernel/overflowuid). */
const NOBODY: Credentials = { pid: 0, uid: 65534, gid: 65534, groups: [] };

/** Open file descriptions in flight, a reference to each held; `uid` pays for them. */
export interface Rights {
  readonly files: readonly number[];
  readonly uid: number;
}

/** What comes with a message. */
export interface UnixControl {
  credentials: Credentials | null;
  rights: Rights | null;
}

/** What a sender asked for: nothing is held yet. */
export interface Request {
  readonly credentials: Credentials | null;
  readonly files: readonly number[];
}

const NOTHING: Request = { credentials: null, files: [] };

/** The sender's control messages (__scm_send). Throws EINVAL, EBADF, EPERM, ESRCH. */
export function parseControl(t: Task | null, control: readonly Control[]): Request {
  if (t === null || control.length === 0) return NOTHING;
  const files: number[] = [];
  let credentials: Credentials | null = null;
  for (const { level, type, data } of control) {
    if (level !== SOL_SOCKET) continue;
    if (type === SCM_RIGHTS) {
      const view = new DataView(data.buffer, data.byteOffset, data.length);
      const count = data.length >> 2;
      if (files.length + count > SCM_MAX_FD) fail(EINVAL);
      for (let i = 0; i < count; i++) {
        const ptr = t.kernel.hot.fd_get(t.files, view.getUint32(4 * i, true));
        if (ptr === 0) fail(EBADF);
        files.push(ptr);
      }
    } else if (type === SCM_CREDENTIALS) credentials = checkCredentials(t, data);
    else fail(EINVAL);
  }
  return { credentials, files };
}

/** Credentials that a sender gives: its own, in any of its forms, unless it is root (scm_check_creds). */
function checkCredentials(t: Task, data: Uint8Array): Credentials {
  if (data.length !== ucred.size) fail(EINVAL);
  const { pid, uid, gid } = ucred.read(new DataView(data.buffer, data.byteOffset), 0);
  const { u32 } = t.kernel.kmem;
  const { ptr } = t.process;
  if (t.euid !== 0) {
    const uids = [t.uid, t.euid, u32[(ptr + PROC_SUID) >> 2]];
    const gids = [t.gid, t.egid, u32[(ptr + PROC_SGID) >> 2]];
    if (pid !== t.process.pid || !uids.includes(uid) || !gids.includes(gid)) fail(EPERM);
  }
  if (!t.kernel.processes.has(pid)) fail(ESRCH);
  return { pid, uid, gid, groups: t.process.groups };
}

/** Descriptors in flight, machine-wide. */
export class Flight {
  readonly #kernel: Kernel;
  readonly #sockets: () => Iterable<UnixSocket>;
  #flying = 0;
  /** How many each user has in flight. */
  readonly #byUser = new Map<number, number>();
  /** AF_UNIX sockets in flight, by description: how many references to it are. Only they can be part of a cycle. */
  readonly #unix = new Map<number, number>();
  #collecting = false;
  /** How many were in flight after the last collection. */
  #survivors = 0;

  constructor(kernel: Kernel, sockets: () => Iterable<UnixSocket>) {
    this.#kernel = kernel;
    this.#sockets = sockets;
  }

  /** Whether the caller may send these. Throws ETOOMANYREFS. */
  check(t: Task | null, files: readonly number[]): void {
    if (t === null || files.length === 0) return;
    if (this.#flying + files.length > MAX_FLYING) fail(ETOOMANYREFS);
    if (t.euid === 0) return;
    const limit = this.#kernel.kmem.u32[(t.process.ptr + PROC_NOFILE) >> 2];
    if ((this.#byUser.get(t.uid) ?? 0) > limit) fail(ETOOMANYREFS);
  }

  /** Takes references to descriptions for a message. */
  take(t: Task, files: readonly number[]): Rights | null {
    if (files.length === 0) return null;
    // Cycles made by closing duplicates are found when there are many.
    if (this.#unix.size > 2 * this.#survivors + 16) this.collect();
    const { uid } = t;
    this.#flying += files.length;
    this.#byUser.set(uid, (this.#byUser.get(uid) ?? 0) + files.length);
    for (const ptr of files) {
      this.#kernel.hot.file_ref(ptr);
      if (this.#unixSocket(ptr) !== null) this.#unix.set(ptr, (this.#unix.get(ptr) ?? 0) + 1);
    }
    return { files, uid };
  }

  /** They have arrived, or are lost. */
  #land({ files, uid }: Rights): void {
    this.#flying -= files.length;
    const left = (this.#byUser.get(uid) ?? 0) - files.length;
    if (left > 0) this.#byUser.set(uid, left);
    else this.#byUser.delete(uid);
    for (const ptr of files) {
      const flying = this.#unix.get(ptr);
      if (flying === undefined) continue;
      if (flying > 1) this.#unix.set(ptr, flying - 1);
      else this.#unix.delete(ptr);
    }
  }

  /** Nobody receives them. */
  drop(rights: Rights): void {
    this.#land(rights);
    for (const ptr of rights.files) this.#kernel.hot.file_put(ptr);
  }

  /**
   * Gives a receiver what came with its message. `t` null or no control buffer: it is lost. `passcred`: SO_PASSCRED. With `peek` the message
   * keeps it.
   */
  deliver(t: Task | null, message: Incoming, control: UnixControl, passcred: boolean, peek: boolean): void {
    if (passcred) {
      const { pid, uid, gid } = control.credentials ?? NOBODY;
      const data = new Uint8Array(ucred.size);
      ucred.write(new DataView(data.buffer), 0, { pid, uid, gid });
      message.putControl(SOL_SOCKET, SCM_CREDENTIALS, data);
    }
    const { rights } = control;
    if (rights === null) return;
    if (t === null || message.control === null) message.outFlags |= MSG_CTRUNC;
    else this.#install(t, message, rights.files);
    if (peek) return;
    control.rights = null;
    this.drop(rights);
  }

  /** New descriptors for the receiver, as many as its buffer and table have room for (scm_detach_fds). */
  #install(t: Task, message: Incoming, files: readonly number[]): void {
    const { hot, vfs } = this.#kernel;
    const count = Math.min(files.length, Math.max(0, message.control!.room >> 2));
    const data = new DataView(new ArrayBuffer(4 * count));
    let done = 0;
    for (; done < count; done++) {
      const fd = vfs.freeFd(t);
      if (fd < 0) break;
      hot.file_ref(files[done]);
      hot.fd_install(t.files, fd, files[done], message.flags & MSG_CMSG_CLOEXEC ? 1 : 0);
      data.setInt32(4 * done, fd, true);
    }
    if (done > 0) message.putControl(SOL_SOCKET, SCM_RIGHTS, new Uint8Array(data.buffer, 0, 4 * done));
    if (done < files.length) message.outFlags |= MSG_CTRUNC;
  }

  // ------------------------------------------------------------ cycles

  #unixSocket(ptr: number): UnixSocket | null {
    const file = this.#kernel.vfs.fileOf(ptr);
    return file instanceof Socket && file.family === AF_UNIX ? (file as UnixSocket) : null;
  }

  /**
   * Frees sockets that can be reached only through each other's unread messages (Linux's net/unix/garbage.c). To be called when a
   * socket was closed: then some may have lost their last descriptor. Those all of whose references are in flight are dead, unless
   * a message that waits at a socket that lives leads to them.
   */
  collect(): void {
    if (this.#unix.size === 0 || this.#collecting) return;
    this.#collecting = true;
    const { u32 } = this.#kernel.kmem;
    const suspects = new Set<UnixSocket>();
    for (const [ptr, flying] of this.#unix) if (u32[ptr >> 2] === flying) suspects.add(this.#unixSocket(ptr)!);
    const live: UnixSocket[] = [];
    for (const socket of this.#sockets()) if (socket.ptr !== 0 && !suspects.has(socket)) live.push(socket);
    for (let socket = live.pop(); socket !== undefined; socket = live.pop()) {
      live.push(...(socket.queue ?? []));
      for (const { rights } of socket.controls()) {
        for (const ptr of rights?.files ?? []) {
          const found = this.#unix.has(ptr) ? this.#unixSocket(ptr)! : null;
          if (found !== null && suspects.delete(found)) live.push(found);
        }
      }
    }
    for (const socket of suspects) for (const waiting of socket.queue ?? []) waiting.purge();
    for (const socket of suspects) if (this.#unix.has(socket.ptr)) socket.purge();
    this.#collecting = false;
    this.#survivors = this.#unix.size;
  }
}

/** What a message without explicit credentials carries: the sender's, where somebody asked for them. */
export function controlOf(flight: Flight, t: Task | null, request: Request, wanted: boolean): UnixControl {
  const credentials = request.credentials ?? (wanted ? credentialsOf(t) : null);
  return { credentials, rights: t === null ? null : flight.take(t, request.files) };
}
