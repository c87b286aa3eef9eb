/** File types and modes, statx, file system types, directory entries: <linux/stat.h>, <linux/magic.h>. */

// st_mode: the type
export const S_IFMT: i32 = 0o170000;
export const S_IFSOCK: i32 = 0o140000;
export const S_IFLNK: i32 = 0o120000;
export const S_IFREG: i32 = 0o100000;
export const S_IFBLK: i32 = 0o60000;
export const S_IFDIR: i32 = 0o40000;
export const S_IFCHR: i32 = 0o20000;
export const S_IFIFO: i32 = 0o10000;

// st_mode: bits
export const S_ISUID: i32 = 0o4000;
export const S_ISGID: i32 = 0o2000;
export const S_ISVTX: i32 = 0o1000;
export const S_IRWXU: i32 = 0o700;
export const S_IRUSR: i32 = 0o400;
export const S_IWUSR: i32 = 0o200;
export const S_IXUSR: i32 = 0o100;
export const S_IRWXG: i32 = 0o70;
export const S_IRGRP: i32 = 0o40;
export const S_IWGRP: i32 = 0o20;
export const S_IXGRP: i32 = 0o10;
export const S_IRWXO: i32 = 7;
export const S_IROTH: i32 = 4;
export const S_IWOTH: i32 = 2;
export const S_IXOTH: i32 = 1;

// utimensat's special values of tv_nsec
export const UTIME_NOW: i32 = 0x3fffffff;
export const UTIME_OMIT: i32 = 0x3ffffffe;

// statx(2): what is asked for and filled in
export const STATX_TYPE: i32 = 1;
export const STATX_MODE: i32 = 2;
export const STATX_NLINK: i32 = 4;
export const STATX_UID: i32 = 8;
export const STATX_GID: i32 = 0x10;
export const STATX_ATIME: i32 = 0x20;
export const STATX_MTIME: i32 = 0x40;
export const STATX_CTIME: i32 = 0x80;
export const STATX_INO: i32 = 0x100;
export const STATX_SIZE: i32 = 0x200;
export const STATX_BLOCKS: i32 = 0x400;
export const STATX_BASIC_STATS: i32 = 0x7ff;
export const STATX_BTIME: i32 = 0x800;
export const STATX_ALL: i32 = 0xfff;
export const STATX_MNT_ID: i32 = 0x1000;
export const STATX_DIOALIGN: i32 = 0x2000;

// statx(2): stx_attributes
export const STATX_ATTR_COMPRESSED: i32 = 4;
export const STATX_ATTR_IMMUTABLE: i32 = 0x10;
export const STATX_ATTR_APPEND: i32 = 0x20;
export const STATX_ATTR_NODUMP: i32 = 0x40;
export const STATX_ATTR_ENCRYPTED: i32 = 0x800;
export const STATX_ATTR_AUTOMOUNT: i32 = 0x1000;
export const STATX_ATTR_MOUNT_ROOT: i32 = 0x2000;
export const STATX_ATTR_VERITY: i32 = 0x100000;
export const STATX_ATTR_DAX: i32 = 0x200000;

// getdents64(2): d_type
export const DT_UNKNOWN: i32 = 0;
export const DT_FIFO: i32 = 1;
export const DT_CHR: i32 = 2;
export const DT_DIR: i32 = 4;
export const DT_BLK: i32 = 6;
export const DT_REG: i32 = 8;
export const DT_LNK: i32 = 10;
export const DT_SOCK: i32 = 12;
export const DT_WHT: i32 = 14;

// statfs(2): f_type
export const TMPFS_MAGIC: i32 = 0x1021994;
export const RAMFS_MAGIC: i32 = 0x858458f6;
export const PROC_SUPER_MAGIC: i32 = 0x9fa0;
export const DEVPTS_SUPER_MAGIC: i32 = 0x1cd1;
export const PIPEFS_MAGIC: i32 = 0x50495045;
export const SOCKFS_MAGIC: i32 = 0x534f434b;
export const ANON_INODE_FS_MAGIC: i32 = 0x9041934;
export const EXT2_SUPER_MAGIC: i32 = 0xef53; // and ext3 and ext4
export const OVERLAYFS_SUPER_MAGIC: i32 = 0x794c7630;
export const V9FS_MAGIC: i32 = 0x1021997;
export const SYSFS_MAGIC: i32 = 0x62656572;
export const CGROUP2_SUPER_MAGIC: i32 = 0x63677270;

// statfs(2): f_flags
export const ST_RDONLY: i32 = 1;
export const ST_NOSUID: i32 = 2;
export const ST_NODEV: i32 = 4;
export const ST_NOEXEC: i32 = 8;
export const ST_SYNCHRONOUS: i32 = 0x10;
export const ST_VALID: i32 = 0x20;
export const ST_MANDLOCK: i32 = 0x40;
export const ST_NOATIME: i32 = 0x400;
export const ST_NODIRATIME: i32 = 0x800;
export const ST_RELATIME: i32 = 0x1000;
