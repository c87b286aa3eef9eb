// System calls for AssemblyScript: the few that the program beside this file needs, as WALI has them. What is declared
// here without a body is imported from the module `wali`: AssemblyScript takes the file's name for it.

declare function SYS_read(fd: i32, buffer: usize, size: i32): i64;
declare function SYS_write(fd: i32, buffer: usize, size: i32): i64;
declare function SYS_open(path: usize, flags: i32, mode: i32): i64;
declare function SYS_close(fd: i32): i64;
declare function SYS_exit_group(status: i32): i64;
declare function __cl_get_argc(): i32;
declare function __cl_get_argv_len(index: i32): i32;
declare function __cl_copy_argv(buffer: usize, index: i32): i32;

/** The command line, with the program's name first. */
export function args(): string[] {
  const list: string[] = [];
  for (let i = 0; i < __cl_get_argc(); i++) {
    const bytes = new ArrayBuffer(__cl_get_argv_len(i) + 1);
    __cl_copy_argv(changetype<usize>(bytes), i);
    list.push(String.UTF8.decode(bytes, true));
  }
  return list;
}

/** open(2) for reading. A negative result is an error number. */
export function open(path: string): i32 {
  return i32(SYS_open(changetype<usize>(String.UTF8.encode(path, true)), 0, 0));
}

/** read(2) into the whole of a buffer. A negative result is an error number. */
export function read(fd: i32, buffer: Uint8Array): i32 {
  return i32(SYS_read(fd, buffer.dataStart, buffer.length));
}

export function close(fd: i32): void {
  SYS_close(fd);
}

/** Writes all of a text. */
export function print(fd: i32, text: string): void {
  const bytes = String.UTF8.encode(text);
  for (let at = 0; at < bytes.byteLength; ) {
    const written = SYS_write(fd, changetype<usize>(bytes) + at, bytes.byteLength - at);
    if (written < 0) exit(1);
    at += i32(written);
  }
}

export function exit(status: i32): void {
  SYS_exit_group(status);
}

/** What AssemblyScript calls for a failed assertion or an array index out of range (`--use abort=`). */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "abort" : message;
  const where = file === null ? "" : file;
  print(2, `${where}:${line.toString()}:${column.toString()}: ${what}\n`);
  exit(134);
}
