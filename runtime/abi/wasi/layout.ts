/**
 * What the WASI adapter (adapter/, AssemblyScript) and its TypeScript side share, written once: rights, types, and what they keep for a
 * process in kernel memory. Both compilers read this file.
 *
 * "witx" is the specification of wasi_snapshot_preview1 (WebAssembly/WASI, phases/snapshot/docs.md).
 */

// ---------------------------------------------------------------- rights (witx: rights), which fit into 30 bits
export const FD_DATASYNC: i32 = 1 << 0;
export const FD_READ: i32 = 1 << 1;
export const FD_SEEK: i32 = 1 << 2;
export const FD_FDSTAT_SET_FLAGS: i32 = 1 << 3;
export const FD_SYNC: i32 = 1 << 4;
export const FD_TELL: i32 = 1 << 5;
export const FD_WRITE: i32 = 1 << 6;
export const FD_ADVISE: i32 = 1 << 7;
export const FD_ALLOCATE: i32 = 1 << 8;
export const PATH_CREATE_DIRECTORY: i32 = 1 << 9;
export const PATH_CREATE_FILE: i32 = 1 << 10;
export const PATH_LINK_SOURCE: i32 = 1 << 11;
export const PATH_LINK_TARGET: i32 = 1 << 12;
export const PATH_OPEN: i32 = 1 << 13;
export const FD_READDIR: i32 = 1 << 14;
export const PATH_READLINK: i32 = 1 << 15;
export const PATH_RENAME_SOURCE: i32 = 1 << 16;
export const PATH_RENAME_TARGET: i32 = 1 << 17;
export const PATH_FILESTAT_GET: i32 = 1 << 18;
export const PATH_FILESTAT_SET_SIZE: i32 = 1 << 19;
export const PATH_FILESTAT_SET_TIMES: i32 = 1 << 20;
export const FD_FILESTAT_GET: i32 = 1 << 21;
export const FD_FILESTAT_SET_SIZE: i32 = 1 << 22;
export const FD_FILESTAT_SET_TIMES: i32 = 1 << 23;
export const PATH_SYMLINK: i32 = 1 << 24;
export const PATH_REMOVE_DIRECTORY: i32 = 1 << 25;
export const PATH_UNLINK_FILE: i32 = 1 << 26;
export const POLL_FD_READWRITE: i32 = 1 << 27;
export const SOCK_SHUTDOWN: i32 = 1 << 28;
export const SOCK_ACCEPT: i32 = 1 << 29;

// ---------------------------------------------------------------- types of files (witx: filetype)
export const FILETYPE_UNKNOWN: i32 = 0;
export const FILETYPE_BLOCK_DEVICE: i32 = 1;
export const FILETYPE_CHARACTER_DEVICE: i32 = 2;
export const FILETYPE_DIRECTORY: i32 = 3;
export const FILETYPE_REGULAR_FILE: i32 = 4;
export const FILETYPE_SOCKET_DGRAM: i32 = 5;
export const FILETYPE_SOCKET_STREAM: i32 = 6;
export const FILETYPE_SYMBOLIC_LINK: i32 = 7;

// ---------------------------------------------------------------- which rights a file of a type can have
/** What can be done with every kind of open file. */
const ANY: i32 = FD_FDSTAT_SET_FLAGS | FD_FILESTAT_GET | FD_FILESTAT_SET_TIMES | POLL_FD_READWRITE;
/** What streams can: without FD_SEEK and FD_TELL, by which C libraries tell a terminal from other devices. */
export const STREAM_RIGHTS: i32 = ANY | FD_READ | FD_WRITE;
export const SOCKET_RIGHTS: i32 = STREAM_RIGHTS | SOCK_SHUTDOWN | SOCK_ACCEPT;
export const FILE_RIGHTS: i32 =
  STREAM_RIGHTS | FD_DATASYNC | FD_SEEK | FD_SYNC | FD_TELL | FD_ADVISE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE;
export const DIRECTORY_RIGHTS: i32 =
  ANY |
  FD_SYNC |
  FD_ADVISE |
  FD_READDIR |
  PATH_CREATE_DIRECTORY |
  PATH_CREATE_FILE |
  PATH_LINK_SOURCE |
  PATH_LINK_TARGET |
  PATH_OPEN |
  PATH_READLINK |
  PATH_RENAME_SOURCE |
  PATH_RENAME_TARGET |
  PATH_FILESTAT_GET |
  PATH_FILESTAT_SET_SIZE |
  PATH_FILESTAT_SET_TIMES |
  PATH_SYMLINK |
  PATH_REMOVE_DIRECTORY |
  PATH_UNLINK_FILE;
/** What a directory passes on to what is opened beneath it. */
export const DIRECTORY_INHERITING: i32 = DIRECTORY_RIGHTS | FILE_RIGHTS | SOCKET_RIGHTS;
/** Rights that need a file that is open for writing. */
export const WRITE_RIGHTS: i32 = FD_WRITE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE;
/** And for reading. */
export const READ_RIGHTS: i32 = FD_READ | FD_READDIR;

// ---------------------------------------------------------------- a process's state: PROC_ABI
/** u32: descriptors that there are records for, and u32: where these are. */
export const WASI_COUNT: i32 = 0;
export const WASI_RECORDS: i32 = 4;
/** u32: where the names of the preopened directories are, and u32: how many bytes. */
export const WASI_NAMES: i32 = 8;
export const WASI_NAMES_BYTES: i32 = 12;
export const WASI_STATE: i32 = 16;

/** What is kept for a descriptor. All zero: the program has none of that number. */
export const FD_BASE: i32 = 0; // u32: its rights, | FD_OPEN
export const FD_INHERITING: i32 = 4; // u32: rights of what is opened through it
export const FD_NAME: i32 = 8; // u32: the name that it was opened by before the program began, 0 none
export const FD_NAME_BYTES: i32 = 12; // u16
export const FD_TYPE: i32 = 14; // u8: FILETYPE_*
export const FD_RECORD: i32 = 16;
/** Not a right: the descriptor is open. */
export const FD_OPEN: i32 = 1 << 31;
/** All rights that the specification has. */
export const ALL_RIGHTS: i32 = (1 << 30) - 1;

// ---------------------------------------------------------------- a task's page of the window
/** Small structures on their way to or from the guest, and a pair of struct timespec. */
export const PAGE_BOUNCE: i32 = 64;
export const PAGE_TIMES: i32 = 192;
/** struct stat. */
export const PAGE_STAT: i32 = 256;
/** struct iovec and struct msghdr, for sockets. */
export const PAGE_MESSAGE: i32 = 448;
/** Two paths, or an array. */
export const PAGE_PATH: i32 = 4096;
export const PAGE_PATH2: i32 = 8192;
export const PAGE_ARRAY: i32 = 4096;
export const PAGE_ARRAY_BYTES: i32 = 12288;

/** Bytes of the table of error numbers: by Linux's, WASI's. */
export const ERRNO_TABLE: i32 = 256;
