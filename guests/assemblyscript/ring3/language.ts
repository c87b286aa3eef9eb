// What the language itself asks of its host: asconfig.json binds these to AssemblyScript's own `abort`, `seed` and `trace`.

import { SIGABRT } from "./abi/constants";
import { SYS_exit_group, SYS_getpid, SYS_getrandom, SYS_kill, SYS_write } from "./abi/syscalls";
import "./io"; // for `console`

/** Writes all of a text to a descriptor; what cannot be written is lost. */
export function say(fd: i32, text: string): void {
  const bytes = String.UTF8.encode(text);
  for (let at = 0; at < bytes.byteLength; ) {
    const written = SYS_write(fd, changetype<usize>(bytes) + at, bytes.byteLength - at);
    if (written <= 0) return;
    at += i32(written);
  }
}

/** A failed assertion, `throw`, an index out of range: says where, and ends the process by SIGABRT, as abort(3). */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "abort" : message;
  const where = file === null ? "" : file;
  say(2, `${where}:${line}:${column}: ${what}\n`);
  SYS_kill(i32(SYS_getpid()), SIGABRT);
  SYS_exit_group(134); // SIGABRT is ignored or blocked
}

/** The seed of Math.random. */
export function seed(): f64 {
  const bytes = new ArrayBuffer(8);
  SYS_getrandom(changetype<usize>(bytes), 8, 0);
  return reinterpret<f64>((load<u64>(changetype<usize>(bytes)) >> 12) | 0x3ff0000000000000) - 1;
}

/** `trace("where", 2, x, y)`: a line on standard error. */
export function trace(message: string, n: i32 = 0, a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0, e: f64 = 0): void {
  let line = `trace: ${message}`;
  if (n > 0) line += ` ${a}`;
  if (n > 1) line += `, ${b}`;
  if (n > 2) line += `, ${c}`;
  if (n > 3) line += `, ${d}`;
  if (n > 4) line += `, ${e}`;
  say(2, `${line}\n`);
}
