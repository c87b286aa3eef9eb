/** /proc/PID/net/unix: every AF_UNIX socket (man 7 unix). */
import { UnixNames } from "../net/unix/names.ts";
import type { UnixSocket } from "../net/unix/socket.ts";
import { type FileSpec, file, type Subject } from "./node.ts";

/** A listener (Linux: __SO_ACCEPTCON), and the states of a socket with and without a description. */
const ACCEPTS = 0x10000;
const UNCONNECTED = 1;
const CONNECTING = 2;
const CONNECTED = 3;
const DISCONNECTING = 4;

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, "0");

function row(socket: UnixSocket): string {
  const { connected, end, listening, ptr, type } = socket;
  const state = ptr !== 0 ? (connected ? CONNECTED : UNCONNECTED) : connected ? CONNECTING : DISCONNECTING;
  const inode = ptr === 0 ? 0 : socket.inode.ino;
  const name = end.address === null ? "" : ` ${UnixNames.text(end.address)}`;
  const flags = hex(listening ? ACCEPTS : 0, 8);
  // Linux shows the socket's address in its memory, and its reference count: here each counts for its description and its peer.
  const references = hex(connected ? 3 : 2, 8);
  return `${"0".repeat(16)}: ${references} ${hex(0, 8)} ${flags} ${hex(type, 4)} ${hex(state, 2)} ${`${inode}`.padStart(5)}${name}\n`;
}

export const unixSockets: FileSpec<Subject> = file(({ kernel }) => {
  const head = "Num       RefCount Protocol Flags    Type St Inode Path\n";
  return head + [...kernel.net.unix.sockets].map(row).join("");
});
