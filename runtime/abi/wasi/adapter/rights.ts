/** From what a file is to what can be done with it. */
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from "../../../../kernel/abi/stat";
import {
  DIRECTORY_INHERITING,
  DIRECTORY_RIGHTS,
  FILE_RIGHTS,
  FILETYPE_BLOCK_DEVICE,
  FILETYPE_CHARACTER_DEVICE,
  FILETYPE_DIRECTORY,
  FILETYPE_REGULAR_FILE,
  FILETYPE_SOCKET_STREAM,
  FILETYPE_SYMBOLIC_LINK,
  FILETYPE_UNKNOWN,
  SOCKET_RIGHTS,
  STREAM_RIGHTS,
} from "../layout";

/** The type of a file by its st_mode. */
export function filetype(mode: u32): u32 {
  const type = mode & S_IFMT;
  if (type == S_IFREG) return FILETYPE_REGULAR_FILE;
  if (type == S_IFDIR) return FILETYPE_DIRECTORY;
  if (type == S_IFCHR) return FILETYPE_CHARACTER_DEVICE;
  if (type == S_IFLNK) return FILETYPE_SYMBOLIC_LINK;
  if (type == S_IFBLK) return FILETYPE_BLOCK_DEVICE;
  return type == S_IFSOCK ? FILETYPE_SOCKET_STREAM : FILETYPE_UNKNOWN;
}

/** Whether a device number is a terminal's, by its major (Linux's devices.txt: tty, tty auxiliaries, Unix98 ptys, hvc). */
function is_terminal(rdev: u32): bool {
  const major = (rdev >> 8) & 0xfff;
  return major == 4 || major == 5 || (major >= 136 && major <= 143) || major == 229;
}

/** Which rights an open file can have, by its st_mode and st_rdev. */
export function rights_of(mode: u32, rdev: u32): u32 {
  const type = filetype(mode);
  if (type == FILETYPE_DIRECTORY) return DIRECTORY_RIGHTS;
  if (type == FILETYPE_UNKNOWN) return STREAM_RIGHTS;
  if (type == FILETYPE_SOCKET_STREAM) return SOCKET_RIGHTS;
  if (type == FILETYPE_CHARACTER_DEVICE && is_terminal(rdev)) return STREAM_RIGHTS;
  return FILE_RIGHTS;
}

/** Which it can pass on. */
export function inheriting_of(type: u32): u32 {
  return type == FILETYPE_DIRECTORY ? DIRECTORY_INHERITING : 0;
}
