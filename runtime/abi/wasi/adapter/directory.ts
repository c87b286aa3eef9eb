/** fd_readdir, on getdents64. */
import { SEEK_SET } from "../../../../kernel/abi/fcntl";
import {
  DIRENT_BYTES,
  DIRENT_D_INO,
  DIRENT_D_OFF,
  DIRENT_D_RECLEN,
  DIRENT_D_TYPE,
} from "../../../../kernel/hot/structs";
import { FD_READDIR, PAGE_ARRAY, PAGE_ARRAY_BYTES, PAGE_BOUNCE } from "../layout";
import { check } from "./descriptors";
import { error_of, FAULT, INVAL } from "./errno";
import { copy_out, current, SYS_getdents64, SYS_lseek } from "./hot";
import { filetype } from "./rights";
import { page, page_address, put32 } from "./user";

/** witx: dirent: next cookie u64, ino u64, length of the name u32, type u8. */
const HEAD: u32 = 24;
/** Bytes of the longest struct linux_dirent64, with a name of 255. */
const LARGEST: u32 = 280;
/** S_IFMT of a DT_*, its upper four bits. */
const TYPE_SHIFT: u32 = 12;

/** Copies as much as there is room for: a program sees by a full buffer that there is more. False: FAULT. */
function put_part(to: u32, from: u32, bytes: u32, room: u32): bool {
  return copy_out(current, to, from, min(bytes, room)) != 0;
}

export function fd_readdir(fd: u32, buffer: u32, size: u32, cookie: i64, out: u32): u32 {
  const refused = check(fd, FD_READDIR);
  if (refused) return refused;
  if (cookie < 0) return INVAL;
  const sought = SYS_lseek(fd, cookie, SEEK_SET);
  if (sought < 0) return error_of(sought);
  const entries = page(PAGE_ARRAY);
  const head = page(PAGE_BOUNCE);
  let used: u32 = 0;
  while (used < size) {
    // Linux's entries are about as long as WASI's: no more than can be handed on, but always room for one.
    const filled = SYS_getdents64(fd, page_address(PAGE_ARRAY), min<u32>(PAGE_ARRAY_BYTES, size - used + LARGEST));
    if (filled < 0) return error_of(filled);
    if (!filled) break;
    for (let at = entries; at < entries + <u32>filled && used < size; at += load<u16>(at, DIRENT_D_RECLEN)) {
      const name = at + DIRENT_BYTES;
      let length: u32 = 0;
      while (load<u8>(name + length)) length++;
      store<u64>(head, load<u64>(at, DIRENT_D_OFF));
      store<u64>(head, load<u64>(at, DIRENT_D_INO), 8);
      store<u32>(head, length, 16);
      store<u32>(head, filetype((<u32>load<u8>(at, DIRENT_D_TYPE)) << TYPE_SHIFT), 20);
      if (!put_part(buffer + used, head, HEAD, size - used)) return FAULT;
      used = min(size, used + HEAD);
      if (!put_part(buffer + used, name, length, size - used)) return FAULT;
      used = min(size, used + length);
    }
  }
  return put32(out, used);
}
