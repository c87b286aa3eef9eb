/**
 * Calls with paths. Each path begins at a directory's descriptor and stays beneath it: the process has PF_BENEATH, so that the kernel's own
 * walk sees to it, in whatever call. Linux's EXDEV is then WASI's NOTCAPABLE.
 */
import {
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../../../kernel/abi/fcntl";
import { STAT_ST_MODE, STAT_ST_RDEV } from "../../../../kernel/hot/structs";
import {
  FD_BASE,
  FD_INHERITING,
  FD_TYPE,
  FILETYPE_DIRECTORY,
  PAGE_PATH,
  PAGE_PATH2,
  PAGE_STAT,
  PAGE_TIMES,
  PATH_CREATE_DIRECTORY,
  PATH_CREATE_FILE,
  PATH_FILESTAT_GET,
  PATH_FILESTAT_SET_SIZE,
  PATH_FILESTAT_SET_TIMES,
  PATH_LINK_SOURCE,
  PATH_LINK_TARGET,
  PATH_OPEN,
  PATH_READLINK,
  PATH_REMOVE_DIRECTORY,
  PATH_RENAME_SOURCE,
  PATH_RENAME_TARGET,
  PATH_SYMLINK,
  PATH_UNLINK_FILE,
  READ_RIGHTS,
  WRITE_RIGHTS,
} from "../layout";
import { check, enter, record } from "./descriptors";
import { BADF, error_of, INVAL, NOMEM, NOTCAPABLE, NOTDIR, path_error, XDEV } from "./errno";
import { open_flags, put_filestat, sync_rights, take_times } from "./files";
import {
  SYS_close,
  SYS_fstat,
  SYS_linkat,
  SYS_mkdirat,
  SYS_newfstatat,
  SYS_openat,
  SYS_readlinkat,
  SYS_renameat,
  SYS_symlinkat,
  SYS_unlinkat,
  SYS_utimensat,
} from "./hot";
import { filetype, inheriting_of, rights_of } from "./rights";
import { page, page_address, put32, take_path } from "./user";

/** witx: lookupflags */
const SYMLINK_FOLLOW: u32 = 1;
// witx: oflags
const OFLAGS_CREAT: u32 = 1;
const OFLAGS_DIRECTORY: u32 = 2;
const OFLAGS_EXCL: u32 = 4;
const OFLAGS_TRUNC: u32 = 8;
/** Modes of what is made: whatever the umask leaves. */
const FILE_MODE: i32 = 0o666;
const DIRECTORY_MODE: i32 = 0o777;

const SLASH: u32 = 0x2f;
const DOT: u32 = 0x2e;

/** Whether a path is to be begun at a descriptor, with these rights, and fits into the page. 0 or an error. */
function begin(dirfd: u32, rights: u32, offset: u32, path: u32, bytes: u32): u32 {
  const at = record(dirfd);
  if (!at) return BADF;
  // That it is no directory says more than that it has no rights of directories.
  if (load<u8>(at, FD_TYPE) != FILETYPE_DIRECTORY) return NOTDIR;
  const refused = check(dirfd, rights);
  return refused ? refused : take_path(offset, path, bytes);
}

function no_follow(lookupflags: u32): i32 {
  return lookupflags & SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;
}

/** Rights to open a file in that way, by the base and the inheriting rights of the directory. 0 or NOTCAPABLE. */
function may_open(at: u32, oflags: u32, base: u64, inheriting: u64, fdflags: u32): u32 {
  let needed: u32 = PATH_OPEN;
  if (oflags & OFLAGS_CREAT) needed |= PATH_CREATE_FILE;
  if (oflags & OFLAGS_TRUNC) needed |= PATH_FILESTAT_SET_SIZE;
  if ((load<u32>(at, FD_BASE) & needed) != needed) return NOTCAPABLE;
  const wanted = base | inheriting | <u64>sync_rights(fdflags);
  return wanted & ~(<u64>load<u32>(at, FD_INHERITING)) ? NOTCAPABLE : 0;
}

export function path_open(
  dirfd: u32,
  lookupflags: u32,
  path: u32,
  bytes: u32,
  oflags: u32,
  base: u64,
  inheriting: u64,
  fdflags: u32,
  out: u32,
): u32 {
  const bad = begin(dirfd, 0, PAGE_PATH, path, bytes);
  if (bad) return bad;
  const refused = may_open(record(dirfd), oflags, base, inheriting, fdflags);
  if (refused) return refused;
  let flags = open_flags(fdflags);
  if (flags < 0 || oflags > 15) return INVAL;
  if (!(lookupflags & SYMLINK_FOLLOW)) flags |= O_NOFOLLOW;
  if (oflags & OFLAGS_CREAT) flags |= O_CREAT;
  if (oflags & OFLAGS_DIRECTORY) flags |= O_DIRECTORY;
  if (oflags & OFLAGS_EXCL) flags |= O_EXCL;
  if (oflags & OFLAGS_TRUNC) flags |= O_TRUNC;
  const writes = (base & WRITE_RIGHTS) != 0;
  flags |= writes ? (base & READ_RIGHTS ? O_RDWR : O_WRONLY) : O_RDONLY;
  const fd = SYS_openat(dirfd, page_address(PAGE_PATH), flags, FILE_MODE);
  if (fd < 0) return path_error(fd);
  const error = error_of(SYS_fstat(<u32>fd, page_address(PAGE_STAT)));
  if (error) return drop(<u32>fd, error);
  const stat = page(PAGE_STAT);
  const type = filetype(load<u32>(stat, STAT_ST_MODE));
  // What a file of its kind can not do, it gets no right to.
  const most = rights_of(load<u32>(stat, STAT_ST_MODE), load<u32>(stat, STAT_ST_RDEV));
  if (!enter(<u32>fd, <u32>base & most, <u32>inheriting & inheriting_of(type), type)) return drop(<u32>fd, NOMEM);
  return put32(out, <u32>fd);
}

/** Closes what was opened in vain. Gives `error`. */
function drop(fd: u32, error: u32): u32 {
  SYS_close(fd);
  return error;
}

export function path_create_directory(dirfd: u32, path: u32, bytes: u32): u32 {
  const bad = begin(dirfd, PATH_CREATE_DIRECTORY, PAGE_PATH, path, bytes);
  return bad ? bad : path_error(SYS_mkdirat(dirfd, page_address(PAGE_PATH), DIRECTORY_MODE));
}

export function path_remove_directory(dirfd: u32, path: u32, bytes: u32): u32 {
  const bad = begin(dirfd, PATH_REMOVE_DIRECTORY, PAGE_PATH, path, bytes);
  return bad ? bad : path_error(SYS_unlinkat(dirfd, page_address(PAGE_PATH), AT_REMOVEDIR));
}

export function path_unlink_file(dirfd: u32, path: u32, bytes: u32): u32 {
  const bad = begin(dirfd, PATH_UNLINK_FILE, PAGE_PATH, path, bytes);
  return bad ? bad : path_error(SYS_unlinkat(dirfd, page_address(PAGE_PATH), 0));
}

export function filestat_at(dirfd: u32, lookupflags: u32, path: u32, bytes: u32, out: u32, old: bool): u32 {
  const bad = begin(dirfd, PATH_FILESTAT_GET, PAGE_PATH, path, bytes);
  if (bad) return bad;
  const result = SYS_newfstatat(dirfd, page_address(PAGE_PATH), page_address(PAGE_STAT), no_follow(lookupflags));
  if (result < 0) return path_error(result);
  return put_filestat(out, old, filetype(load<u32>(page(PAGE_STAT), STAT_ST_MODE)));
}

export function path_filestat_get(dirfd: u32, lookupflags: u32, path: u32, bytes: u32, out: u32): u32 {
  return filestat_at(dirfd, lookupflags, path, bytes, out, false);
}

export function path_filestat_set_times(
  dirfd: u32,
  lookupflags: u32,
  path: u32,
  bytes: u32,
  atim: u64,
  mtim: u64,
  flags: u32,
): u32 {
  let bad = begin(dirfd, PATH_FILESTAT_SET_TIMES, PAGE_PATH, path, bytes);
  if (bad) return bad;
  bad = take_times(atim, mtim, flags);
  if (bad) return bad;
  return path_error(SYS_utimensat(dirfd, page_address(PAGE_PATH), page_address(PAGE_TIMES), no_follow(lookupflags)));
}

/** Whether the path in the page, read as text, leads out of where it begins. */
function leaves(offset: u32): bool {
  let at = page(offset);
  if (load<u8>(at) == SLASH) return true;
  let depth = 0;
  while (load<u8>(at)) {
    const start = at;
    while (load<u8>(at) && load<u8>(at) != SLASH) at++;
    const length = at - start;
    if (length == 2 && load<u8>(start) == DOT && load<u8>(start, 1) == DOT) {
      if (--depth < 0) return true;
    } else if (length > 1 || (length == 1 && load<u8>(start) != DOT)) depth++;
    while (load<u8>(at) == SLASH) at++;
  }
  return false;
}

/** The error of a call with two paths, to which EXDEV can mean what it means to Linux: another file system. */
function paths_error(result: i64): u32 {
  const error = error_of(result);
  return error == XDEV && (leaves(PAGE_PATH) || leaves(PAGE_PATH2)) ? NOTCAPABLE : error;
}

export function path_rename(fd: u32, path: u32, bytes: u32, new_fd: u32, new_path: u32, new_bytes: u32): u32 {
  let bad = begin(fd, PATH_RENAME_SOURCE, PAGE_PATH, path, bytes);
  if (bad) return bad;
  bad = begin(new_fd, PATH_RENAME_TARGET, PAGE_PATH2, new_path, new_bytes);
  return bad ? bad : paths_error(SYS_renameat(fd, page_address(PAGE_PATH), new_fd, page_address(PAGE_PATH2)));
}

/** A link that is followed would be one to what lies anywhere: as other runtimes, this one does not. */
export function path_link(
  fd: u32,
  lookupflags: u32,
  path: u32,
  bytes: u32,
  new_fd: u32,
  new_path: u32,
  new_bytes: u32,
): u32 {
  let bad = begin(fd, PATH_LINK_SOURCE, PAGE_PATH, path, bytes);
  if (bad) return bad;
  bad = begin(new_fd, PATH_LINK_TARGET, PAGE_PATH2, new_path, new_bytes);
  if (bad) return bad;
  if (lookupflags & SYMLINK_FOLLOW) return INVAL;
  return paths_error(SYS_linkat(fd, page_address(PAGE_PATH), new_fd, page_address(PAGE_PATH2), 0));
}

/** `target` is text, but an absolute one would lead out of every directory that the program has. */
export function path_symlink(target: u32, target_bytes: u32, dirfd: u32, path: u32, bytes: u32): u32 {
  let bad = begin(dirfd, PATH_SYMLINK, PAGE_PATH2, path, bytes);
  if (bad) return bad;
  bad = take_path(PAGE_PATH, target, target_bytes);
  if (bad) return bad;
  if (load<u8>(page(PAGE_PATH)) == SLASH) return NOTCAPABLE;
  return path_error(SYS_symlinkat(page_address(PAGE_PATH), dirfd, page_address(PAGE_PATH2)));
}

export function path_readlink(dirfd: u32, path: u32, bytes: u32, buffer: u32, size: u32, out: u32): u32 {
  const bad = begin(dirfd, PATH_READLINK, PAGE_PATH, path, bytes);
  if (bad) return bad;
  // Linux refuses an empty buffer; there is nothing to put into it all the same.
  if (!size) return put32(out, 0);
  const result = SYS_readlinkat(dirfd, page_address(PAGE_PATH), buffer, size);
  return result < 0 ? path_error(result) : put32(out, <u32>result);
}
