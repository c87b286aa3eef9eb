/**
 * The formatter against lines that strace 6.1 printed on Linux, with addresses exchanged for those of the made-up memory. "|" stands
 * where the line waits for the call to return.
 */
import { beforeEach, describe, expect, test } from "vitest";
import * as E from "../../kernel/abi/errno.ts";
import * as F from "../../kernel/abi/fcntl.ts";
import * as FX from "../../kernel/abi/futex.ts";
import * as IO from "../../kernel/abi/ioctl.ts";
import * as M from "../../kernel/abi/mman.ts";
import * as P from "../../kernel/abi/poll.ts";
import * as PR from "../../kernel/abi/prctl.ts";
import * as C from "../../kernel/abi/sched.ts";
import * as S from "../../kernel/abi/signal.ts";
import * as ST from "../../kernel/abi/stat.ts";
import * as structs from "../../kernel/abi/structs.ts";
import { SYSCALLS } from "../../kernel/abi/syscalls.ts";
import { at, Guest } from "./guest.ts";

let g: Guest;
beforeEach(() => {
  g = new Guest();
});

const zeroTime = { tv_sec: 0, tv_nsec: 0 };
const fileStat = {
  st_dev: 1,
  st_ino: 2,
  st_nlink: 1,
  st_mode: 0o100644,
  st_uid: 0,
  st_gid: 0,
  st_rdev: 0,
  st_size: 5000000002,
  st_blksize: 4096,
  st_blocks: 8,
  st_atim: zeroTime,
  st_mtim: zeroTime,
  st_ctim: zeroTime,
};

describe("strings", () => {
  test("are escaped as in C, in octal with as few digits as stay clear", () => {
    const data = g.bytes('hello\n\t\0\x01\x7f\xff1\x012\0a"\\\v\f\r');
    expect(g.call("write", [3, data, 16], 16)).toBe('write(3, "hello\\n\\t\\0\\1\\177\\3771\\0012\\0a", 16|) = 16');
    expect(g.call("write", [3, data + 16, 5], 5)).toBe('write(3, "\\"\\\\\\v\\f\\r", 5|) = 5');
    expect(g.call("write", [1, g.bytes("\x019\x018\x017\x01a\0"), 9], 9)).toBe(
      'write(1, "\\19\\18\\0017\\1a\\0", 9|) = 9',
    );
  });

  test("are cut after 32 bytes", () => {
    const data = g.bytes("abcdefghijklmnopqrstuvwxyz0123456789");
    expect(g.call("write", [3, data, 36], 36)).toBe('write(3, "abcdefghijklmnopqrstuvwxyz012345"..., 36|) = 36');
    expect(g.call("write", [3, data, 32], 32)).toBe('write(3, "abcdefghijklmnopqrstuvwxyz012345", 32|) = 32');
    expect(g.call("write", [3, data, 0], 0)).toBe('write(3, "", 0|) = 0');
  });

  test("show what was read, not the buffer's size", () => {
    const data = g.bytes("hello world");
    expect(g.call("read", [3, data, 5000], 5)).toBe('read(3, |"hello", 5000) = 5');
    expect(g.call("read", [3, data, 10], 0)).toBe('read(3, |"", 10) = 0');
    expect(g.call("read", [99, data, 10], -E.EBADF)).toBe(
      `read(99, |${at(data)}, 10) = -1 EBADF (Bad file descriptor)`,
    );
    expect(g.call("read", [-1, 0, 0], -E.EBADF)).toBe("read(-1, |NULL, 0) = -1 EBADF (Bad file descriptor)");
    expect(g.call("pread64", [3, data + 1, 4, 1], 4)).toBe('pread64(3, |"ello", 4, 1) = 4');
  });

  test("that are not in memory are addresses", () => {
    expect(g.call("write", [3, 0xffffff00, 5], -E.EFAULT)).toBe("write(3, 0xffffff00, 5|) = -1 EFAULT (Bad address)");
    expect(g.call("open", [0, 0, 0], -E.EFAULT)).toBe("open(NULL, O_RDONLY|) = -1 EFAULT (Bad address)");
    g.u8.fill(65, 65530);
    expect(g.call("chdir", [65530], -E.EFAULT)).toBe("chdir(0xfffa|) = -1 EFAULT (Bad address)");
    expect(g.call("execve", [0xffffff00, 0xffffff00, 0xffffff00], -E.EFAULT)).toBe(
      "execve(0xffffff00, 0xffffff00, 0xffffff00|) = -1 EFAULT (Bad address)",
    );
  });

  test("of random bytes are hexadecimal; a working directory ends before its NUL", () => {
    const data = g.bytes([2, 0x3f, 0x84]);
    expect(g.call("getrandom", [data, 3, F.O_RDWR], 3)).toBe('getrandom(|"\\x02\\x3f\\x84", 3, GRND_RANDOM) = 3');
    expect(g.call("getcwd", [g.text("/tmp/h4/d"), 100], 10)).toBe('getcwd(|"/tmp/h4/d", 100) = 10');
    expect(g.call("getcwd", [data, 2], -E.ERANGE)).toBe(
      `getcwd(|${at(data)}, 2) = -1 ERANGE (Numerical result out of range)`,
    );
    expect(g.call("readlink", [g.text("s"), g.bytes("f"), 100], 1)).toBe('readlink("s", |"f", 100) = 1');
  });
});

describe("files", () => {
  test("open prints a mode only when it makes a file", () => {
    const f = g.text("f");
    const flags = F.O_RDWR | F.O_CREAT | F.O_TRUNC | F.O_CLOEXEC;
    expect(g.call("openat", [-100, f, flags, 0o644], 3)).toBe(
      'openat(AT_FDCWD, "f", O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, 0644|) = 3',
    );
    expect(g.call("openat", [-100, f, 0, 0], -E.ENOENT)).toBe(
      'openat(AT_FDCWD, "f", O_RDONLY|) = -1 ENOENT (No such file or directory)',
    );
    expect(g.call("openat", [5, f, F.O_DIRECTORY | F.O_PATH, 0], 4)).toBe(
      'openat(5, "f", O_RDONLY|O_PATH|O_DIRECTORY|) = 4',
    );
    expect(g.call("openat", [-100, f, F.O_TMPFILE | 1, 0o600], 5)).toBe(
      'openat(AT_FDCWD, "f", O_WRONLY|O_TMPFILE, 0600|) = 5',
    );
    expect(g.call("open", [f, 3, 0], -E.ENOENT)).toBe('open("f", O_ACCMODE|) = -1 ENOENT (No such file or directory)');
    expect(g.call("open", [f, 0x40000001, 0], 6)).toBe('open("f", O_WRONLY|0x40000000|) = 6');
    const all =
      F.O_LARGEFILE | F.O_DIRECTORY | F.O_NOFOLLOW | F.O_NONBLOCK | F.O_CLOEXEC | F.O_SYNC | F.O_DIRECT | F.O_NOATIME;
    expect(g.call("open", [f, all | F.O_APPEND | F.O_EXCL | F.O_NOCTTY, 0], 7)).toBe(
      'open("f", O_RDONLY|O_EXCL|O_NOCTTY|O_APPEND|O_NONBLOCK|O_SYNC|O_DIRECT|O_LARGEFILE|O_NOFOLLOW|O_NOATIME|O_CLOEXEC|O_DIRECTORY|) = 7',
    );
    expect(g.call("creat", [f, 0o100644], 7)).toBe('creat("f", 0100644|) = 7');
  });

  test("modes have three octal digits at least", () => {
    const f = g.text("");
    expect(g.call("mkdir", [f, 0], -E.ENOENT)).toBe('mkdir("", 000|) = -1 ENOENT (No such file or directory)');
    expect(g.call("mkdir", [f, 7], 0)).toBe('mkdir("", 007|) = 0');
    expect(g.call("chmod", [f, 0o4755], 0)).toBe('chmod("", 04755|) = 0');
    expect(g.call("umask", [0o22], 0)).toBe("umask(022|) = 000");
    expect(g.call("mknodat", [-100, f, ST.S_IFIFO | 0o644, 0], 0)).toBe('mknodat(AT_FDCWD, "", S_IFIFO|0644|) = 0');
    expect(g.call("mknod", [f, ST.S_IFCHR | 0o600, 0x103], 0)).toBe('mknod("", S_IFCHR|0600, makedev(0x1, 0x3)|) = 0');
    expect(g.call("mknod", [f, 0o175005, 0], -E.EINVAL)).toBe('mknod("", 0175005|) = -1 EINVAL (Invalid argument)');
  });

  test("stat shows type, mode and size, or the device", () => {
    const [f, s] = [g.text("f"), g.struct(structs.stat, fileStat)];
    expect(g.call("stat", [f, s], 0)).toBe('stat("f", |{st_mode=S_IFREG|0644, st_size=5000000002, ...}) = 0');
    expect(g.call("newfstatat", [-100, f, s, 0x100], 0)).toBe(
      'newfstatat(AT_FDCWD, "f", |{st_mode=S_IFREG|0644, st_size=5000000002, ...}, AT_SYMLINK_NOFOLLOW) = 0',
    );
    expect(g.call("newfstatat", [3, g.text(""), s, 0x1080], -E.EINVAL)).toBe(
      `newfstatat(3, "", |${at(s)}, AT_EMPTY_PATH|0x80) = -1 EINVAL (Invalid argument)`,
    );
    const device = g.struct(structs.stat, { ...fileStat, st_mode: ST.S_IFBLK | 0o600, st_rdev: 0xfe00 });
    expect(g.call("fstat", [1, device], 0)).toBe(
      "fstat(1, |{st_mode=S_IFBLK|0600, st_rdev=makedev(0xfe, 0), ...}) = 0",
    );
  });

  test("statx and statfs", () => {
    const time = { tv_sec: 0, tv_nsec: 0 };
    const s = g.struct(structs.statx, {
      stx_mask: 0x17ff,
      stx_blksize: 4096,
      stx_attributes: 0,
      stx_nlink: 1,
      stx_uid: 0,
      stx_gid: 0,
      stx_mode: 0o20666,
      stx_ino: 1,
      stx_size: 0,
      stx_blocks: 0,
      stx_attributes_mask: 0,
      stx_atime: time,
      stx_btime: time,
      stx_ctime: time,
      stx_mtime: time,
      stx_rdev_major: 0,
      stx_rdev_minor: 0,
      stx_dev_major: 0,
      stx_dev_minor: 0,
    });
    const tail =
      "{stx_mask=STATX_BASIC_STATS|STATX_MNT_ID, stx_attributes=0, stx_mode=S_IFCHR|0666, stx_size=0, ...}) = 0";
    expect(g.call("statx", [-100, g.text("/dev/null"), 0x2000, 3, s], 0)).toBe(
      `statx(AT_FDCWD, "/dev/null", AT_STATX_FORCE_SYNC, STATX_TYPE|STATX_MODE, |${tail}`,
    );
    expect(g.call("statx", [-100, g.text("nof"), 0x100, ST.STATX_ALL, s], -E.ENOENT)).toBe(
      `statx(AT_FDCWD, "nof", AT_STATX_SYNC_AS_STAT|AT_SYMLINK_NOFOLLOW, STATX_ALL, |${at(s)}) = -1 ENOENT (No such file or directory)`,
    );
    const fs = g.struct(structs.statfs, {
      f_type: ST.PROC_SUPER_MAGIC,
      f_bsize: 4096,
      f_blocks: 0,
      f_bfree: 0,
      f_bavail: 0,
      f_files: 0,
      f_ffree: 0,
      f_fsid: [0x15, 0],
      f_namelen: 255,
      f_frsize: 4096,
      f_flags: ST.ST_VALID | ST.ST_RELATIME,
    });
    expect(g.call("statfs", [g.text("/proc"), fs], 0)).toBe(
      'statfs("/proc", |{f_type=PROC_SUPER_MAGIC, f_bsize=4096, f_blocks=0, f_bfree=0, f_bavail=0, f_files=0, f_ffree=0, ' +
        "f_fsid={val=[0x15, 0]}, f_namelen=255, f_frsize=4096, f_flags=ST_VALID|ST_RELATIME}) = 0",
    );
  });

  test("vectors show what went through each part", () => {
    const [a, b] = [g.bytes("hello"), g.bytes("\n\t\0\x01\x7f\xff1\x012\0aabcdefghijklmnopqrstuvwxyz")];
    const v = g.words(a, 5, b, 0, b, 40);
    expect(g.call("readv", [3, v, 3], 45)).toBe(
      'readv(3, |[{iov_base="hello", iov_len=5}, {iov_base="", iov_len=0}, ' +
        '{iov_base="\\n\\t\\0\\1\\177\\3771\\0012\\0aabcdefghijklmnopqrstu"..., iov_len=40}], 3) = 45',
    );
    expect(g.call("readv", [3, v, 3], 3)).toBe(
      'readv(3, |[{iov_base="hel", iov_len=5}, {iov_base="", iov_len=0}, {iov_base="", iov_len=40}], 3) = 3',
    );
    expect(g.call("readv", [99, v, 1], -E.EBADF)).toBe(
      `readv(99, |[{iov_base=${at(a)}, iov_len=5}], 1) = -1 EBADF (Bad file descriptor)`,
    );
    expect(g.call("writev", [3, v, 1], 5)).toBe('writev(3, [{iov_base="hello", iov_len=5}], 1|) = 5');
    expect(g.call("writev", [3, 0xfffff000, 2], -E.EFAULT)).toBe("writev(3, 0xfffff000, 2|) = -1 EFAULT (Bad address)");
    expect(g.call("pwritev2", [3, v, 1, 2, 0, F.RWF_DSYNC], 5)).toBe(
      'pwritev2(3, [{iov_base="hello", iov_len=5}], 1, 2, RWF_DSYNC|) = 5',
    );
    expect(g.call("readv", [3, v, 0], 0)).toBe("readv(3, |[], 0) = 0");
  });

  test("fcntl", () => {
    expect(g.call("fcntl", [3, F.F_GETFD, 0], 1)).toBe("fcntl(3, F_GETFD|) = 0x1 (flags FD_CLOEXEC)");
    expect(g.call("fcntl", [3, F.F_GETFD, 0], 0)).toBe("fcntl(3, F_GETFD|) = 0");
    expect(g.call("fcntl", [3, F.F_SETFD, 3], 0)).toBe("fcntl(3, F_SETFD, FD_CLOEXEC|0x2|) = 0");
    expect(g.call("fcntl", [3, F.F_GETFL, 0], 0x8002)).toBe("fcntl(3, F_GETFL|) = 0x8002 (flags O_RDWR|O_LARGEFILE)");
    expect(g.call("fcntl", [3, F.F_SETFL, 0o6000], 0)).toBe("fcntl(3, F_SETFL, O_RDONLY|O_APPEND|O_NONBLOCK|) = 0");
    expect(g.call("fcntl", [3, F.F_DUPFD_CLOEXEC, 20], 21)).toBe("fcntl(3, F_DUPFD_CLOEXEC, 20|) = 21");
    expect(g.call("fcntl", [3, F.F_SETOWN, -5], 0)).toBe("fcntl(3, F_SETOWN, -5|) = 0");
    expect(g.call("fcntl", [3, F.F_GETSIG, 0], 29)).toBe("fcntl(3, F_GETSIG|) = 29 (SIGIO)");
    expect(g.call("fcntl", [3, 9999, 1], -E.EINVAL)).toBe(
      "fcntl(3, 0x270f /* F_??? */, 0x1|) = -1 EINVAL (Invalid argument)",
    );
    const l = g.struct(structs.flock, { l_type: 2, l_whence: 0, l_start: 0, l_len: 10, l_pid: 0 });
    expect(g.call("fcntl", [3, F.F_SETLK, l], 0)).toBe(
      "fcntl(3, F_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=0, l_len=10}|) = 0",
    );
    expect(g.call("fcntl", [3, F.F_GETLK, l], 0)).toBe(
      "fcntl(3, F_GETLK, |{l_type=F_UNLCK, l_whence=SEEK_SET, l_start=0, l_len=10, l_pid=0}) = 0",
    );
    expect(g.call("fcntl", [3, F.F_GETLK, l], -E.EINVAL)).toBe(
      `fcntl(3, F_GETLK, |${at(l)}) = -1 EINVAL (Invalid argument)`,
    );
    expect(g.call("fcntl", [3, F.F_SETLK, 0], -E.EFAULT)).toBe("fcntl(3, F_SETLK, NULL|) = -1 EFAULT (Bad address)");
  });

  test("names, flags and numbers of the others", () => {
    const [f, l] = [g.text("f"), g.text("l")];
    expect(g.call("lseek", [3, -1, F.SEEK_END], 83)).toBe("lseek(3, -1, SEEK_END|) = 83");
    expect(g.call("lseek", [3, 0, 9], -E.EINVAL)).toBe(
      "lseek(3, 0, 0x9 /* SEEK_??? */|) = -1 EINVAL (Invalid argument)",
    );
    expect(g.call("access", [f, 6], 0)).toBe('access("f", R_OK|W_OK|) = 0');
    expect(g.call("access", [f, 0], 0)).toBe('access("f", F_OK|) = 0');
    expect(g.call("access", [f, 99], -E.EINVAL)).toBe('access("f", W_OK|X_OK|0x60|) = -1 EINVAL (Invalid argument)');
    expect(g.call("access", [f, 8], -E.EINVAL)).toBe('access("f", 0x8 /* ?_OK */|) = -1 EINVAL (Invalid argument)');
    expect(g.call("faccessat2", [-100, f, 4, 0x200], 0)).toBe('faccessat2(AT_FDCWD, "f", R_OK, AT_EACCESS|) = 0');
    expect(g.call("unlinkat", [-100, f, 0x200], 0)).toBe('unlinkat(AT_FDCWD, "f", AT_REMOVEDIR|) = 0');
    expect(g.call("unlinkat", [1, f, 1], -E.EINVAL)).toBe(
      'unlinkat(1, "f", 0x1 /* AT_??? */|) = -1 EINVAL (Invalid argument)',
    );
    expect(g.call("linkat", [1, f, 2, l, 0x1401], 0)).toBe(
      'linkat(1, "f", 2, "l", AT_SYMLINK_FOLLOW|AT_EMPTY_PATH|0x1|) = 0',
    );
    expect(g.call("renameat2", [-100, f, -100, l, 1], 0)).toBe(
      'renameat2(AT_FDCWD, "f", AT_FDCWD, "l", RENAME_NOREPLACE|) = 0',
    );
    expect(g.call("chown", [f, -1, 0], 0)).toBe('chown("f", -1, 0|) = 0');
    expect(g.call("setresgid", [5, -1, -2], 0)).toBe("setresgid(5, -1, 4294967294|) = 0");
    expect(g.call("flock", [3, 6], 0)).toBe("flock(3, LOCK_EX|LOCK_NB|) = 0");
    expect(g.call("truncate", [f, 5e9], 0)).toBe('truncate("f", 5000000000|) = 0');
    expect(g.call("fallocate", [1, 3, 0, 9], 0)).toBe(
      "fallocate(1, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 9|) = 0",
    );
    expect(g.call("fadvise", [3, 0, 0, 2], 0)).toBe("fadvise64(3, 0, 0, POSIX_FADV_SEQUENTIAL|) = 0");
    const pair = g.words(11, 12);
    expect(g.call("pipe2", [pair, F.O_CLOEXEC | F.O_NONBLOCK], 0)).toBe("pipe2(|[11, 12], O_NONBLOCK|O_CLOEXEC) = 0");
    expect(g.call("pipe2", [0xffffff00, 0], -E.EFAULT)).toBe("pipe2(|0xffffff00, 0) = -1 EFAULT (Bad address)");
    const offset = g.longs(1);
    expect(g.call("sendfile", [12, 3, offset, 10], 10, () => g.view.setInt32(offset, 11, true))).toBe(
      "sendfile(12, 3, [1]| => [11], 10) = 10",
    );
    expect(g.call("sendfile", [12, 3, 0, 10], 10)).toBe("sendfile(12, 3, NULL|, 10) = 10");
    expect(g.call("copy_file_range", [3, offset, 3, 0, 0, 0], -E.EBADF)).toBe(
      "copy_file_range(3, [11], 3, NULL, 0, 0|) = -1 EBADF (Bad file descriptor)",
    );
  });

  test("times that are set are explained", () => {
    const f = g.text("f");
    const now = g.longs(0, ST.UTIME_NOW, 5, ST.UTIME_OMIT);
    expect(g.call("utimensat", [-100, f, now, 0], 0)).toBe('utimensat(AT_FDCWD, "f", [UTIME_NOW, UTIME_OMIT], 0|) = 0');
    expect(g.call("utimensat", [3, 0, 0, 0], 0)).toBe("utimensat(3, NULL, NULL, 0|) = 0");
    expect(g.call("utimensat", [-100, f, g.longs(0, 5, 5, 6), 0x100], 0)).toBe(
      'utimensat(AT_FDCWD, "f", [{tv_sec=0, tv_nsec=5} /* 1970-01-01T00:00:00.000000005+0000 */, ' +
        "{tv_sec=5, tv_nsec=6} /* 1970-01-01T00:00:05.000000006+0000 */], AT_SYMLINK_NOFOLLOW|) = 0",
    );
    expect(g.call("utimes", [f, g.longs(1, 2, 3, 4)], 0)).toBe(
      'utimes("f", [{tv_sec=1, tv_usec=2} /* 1970-01-01T00:00:01.000002+0000 */, ' +
        "{tv_sec=3, tv_usec=4} /* 1970-01-01T00:00:03.000004+0000 */]|) = 0",
    );
    expect(g.call("utime", [f, g.longs(0, 1700000000)], 0)).toBe(
      'utime("f", {actime=0, modtime=1700000000 /* 2023-11-14T22:13:20+0000 */}|) = 0',
    );
  });

  test("directories are counted", () => {
    const d = g.room(200);
    structs.dirent.write(g.view, d, { d_ino: 1, d_off: 1, d_reclen: 24, d_type: 4 });
    structs.dirent.write(g.view, d + 24, { d_ino: 2, d_off: 2, d_reclen: 32, d_type: 4 });
    expect(g.call("getdents64", [17, d, 4096], 56)).toBe(`getdents64(17, |${at(d)} /* 2 entries */, 4096) = 56`);
    expect(g.call("getdents64", [17, d, 4096], 0)).toBe(`getdents64(17, |${at(d)} /* 0 entries */, 4096) = 0`);
    expect(g.call("getdents64", [3, d, 9], -E.ENOTDIR)).toBe(
      `getdents64(3, |${at(d)}, 9) = -1 ENOTDIR (Not a directory)`,
    );
  });
});

describe("terminals and other devices", () => {
  const c_cc = new Uint8Array(19);
  test("ioctl knows what its argument is", () => {
    const n = g.words(20);
    expect(g.call("ioctl", [11, IO.FIONREAD, n], 0)).toBe("ioctl(11, FIONREAD, |[20]) = 0");
    expect(g.call("ioctl", [3, IO.FIONBIO, n], 0)).toBe("ioctl(3, FIONBIO, [20]|) = 0");
    expect(g.call("ioctl", [3, IO.FIOCLEX, 0], 0)).toBe("ioctl(3, FIOCLEX|) = 0");
    const w = g.struct(structs.winsize, { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 });
    expect(g.call("ioctl", [0, IO.TIOCGWINSZ, w], 0)).toBe(
      "ioctl(0, TIOCGWINSZ, |{ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}) = 0",
    );
    expect(g.call("ioctl", [0, IO.TIOCGWINSZ, w], -E.ENOTTY)).toBe(
      `ioctl(0, TIOCGWINSZ, |${at(w)}) = -1 ENOTTY (Inappropriate ioctl for device)`,
    );
    expect(g.call("ioctl", [0, IO.TIOCGPTN | 0, n], 0)).toBe("ioctl(0, TIOCGPTN, |[20]) = 0");
    expect(g.call("ioctl", [22, IO.TCFLSH, 2], 0)).toBe("ioctl(22, TCFLSH, TCIOFLUSH|) = 0");
    expect(g.call("ioctl", [22, IO.TCXONC, 1], 0)).toBe("ioctl(22, TCXONC, TCOON|) = 0");
    expect(g.call("ioctl", [22, IO.TCSBRK, 1], 0)).toBe("ioctl(22, TCSBRK, 1|) = 0");
    expect(g.call("ioctl", [1, IO.TIOCSTI, g.bytes("a")], 0)).toBe('ioctl(1, TIOCSTI, "a"|) = 0');
    expect(g.call("ioctl", [3, 0x1234, 8], -E.ENOTTY)).toBe(
      "ioctl(3, _IOC(_IOC_NONE, 0x12, 0x34, 0), 0x8|) = -1 ENOTTY (Inappropriate ioctl for device)",
    );
    expect(g.call("ioctl", [3, 0x89abcdef | 0, 16], -E.ENOTTY)).toBe(
      "ioctl(3, _IOC(_IOC_READ, 0xcd, 0xef, 0x9ab), 0x10|) = -1 ENOTTY (Inappropriate ioctl for device)",
    );
  });

  test("termios in names", () => {
    const t = g.struct(structs.termios, {
      c_iflag: 0o2400,
      c_oflag: 5,
      c_cflag: 0o277,
      c_lflag: 0o105073,
      c_line: 0,
      c_cc,
    });
    expect(g.call("ioctl", [19, IO.TCGETS, t], 0)).toBe(
      "ioctl(19, TCGETS, |{c_iflag=ICRNL|IXON, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|OPOST|ONLCR, c_cflag=B38400|CS8|CREAD, " +
        "c_lflag=ISIG|ICANON|ECHO|ECHOE|ECHOK|IEXTEN|ECHOCTL|ECHOKE, ...}) = 0",
    );
    const raw = g.struct(structs.termios, { c_iflag: 0, c_oflag: 0, c_cflag: 0, c_lflag: 0, c_line: 0, c_cc });
    expect(g.call("ioctl", [19, IO.TCSETS, raw], 0)).toBe(
      "ioctl(19, TCSETS, {c_iflag=0, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0, c_cflag=B0|CS5, c_lflag=0, ...}|) = 0",
    );
  });
});

describe("waiting for descriptors", () => {
  test("poll shows what is waited for, and what came", () => {
    const p = g.room(24);
    const set = (i: number, fd: number, events: number, revents: number) =>
      structs.pollfd.write(g.view, p + 8 * i, { fd, events, revents });
    set(0, 11, P.POLLIN, 0);
    set(1, 12, P.POLLOUT | P.POLLHUP, P.POLLOUT);
    set(2, -1, 0, 0);
    expect(g.call("poll", [p, 3, 10], 1)).toBe(
      "poll([{fd=11, events=POLLIN}, {fd=12, events=POLLOUT|POLLHUP}, {fd=-1}], 3, 10|) = 1 ([{fd=12, revents=POLLOUT}])",
    );
    expect(g.call("poll", [p, 1, 10], 0)).toBe("poll([{fd=11, events=POLLIN}], 1, 10|) = 0 (Timeout)");
    expect(g.call("poll", [0, 0, 5], 0)).toBe("poll(NULL, 0, 5|) = 0 (Timeout)");
    expect(g.call("poll", [0xffffff00, 1, 0], -E.EFAULT)).toBe("poll(0xffffff00, 1, 0|) = -1 EFAULT (Bad address)");
    const [time, mask] = [g.longs(0, 1000000), g.words(2, 4)];
    expect(g.call("ppoll", [p + 8, 1, time, mask, 8], 1, () => g.view.setInt32(time + 8, 998515, true))).toBe(
      "ppoll([{fd=12, events=POLLOUT|POLLHUP}], 1, {tv_sec=0, tv_nsec=1000000}, [INT RT_3], 8|) = " +
        "1 ([{fd=12, revents=POLLOUT}], left {tv_sec=0, tv_nsec=998515})",
    );
    expect(g.call("ppoll", [p + 8, 1, 0, 0, 8], 1)).toBe(
      "ppoll([{fd=12, events=POLLOUT|POLLHUP}], 1, NULL, NULL, 8|) = 1 ([{fd=12, revents=POLLOUT}])",
    );
  });

  test("arrays are cut after 32 elements", () => {
    const p = g.room(8 * 40);
    for (let i = 0; i < 40; i++) structs.pollfd.write(g.view, p + 8 * i, { fd: i, events: 1, revents: 1 });
    const line = g.call("poll", [p, 40, 0], 40);
    expect(line).toContain("{fd=31, events=POLLIN}, ...], 40, 0|) = 40 ([{fd=0, revents=POLLIN}");
    expect(line.endsWith("{fd=31, revents=POLLIN}, ...])")).toBe(true);
  });

  test("select", () => {
    const r = g.longs(2 ** 11);
    const w = g.longs(2 ** 12);
    const time = g.longs(2, 0);
    expect(g.call("select", [13, r, w, 0, time], 1, () => putTimes())).toBe(
      "select(13, [11], [12], NULL, {tv_sec=2, tv_usec=0}|) = 1 (out [12], left {tv_sec=1, tv_usec=999998})",
    );
    function putTimes(): void {
      g.u8.fill(0, r, r + 8);
      structs.timeval.write(g.view, time, { tv_sec: 1, tv_usec: 999998 });
    }
    expect(g.call("select", [13, r, 0, r, g.longs(0, 0)], 0)).toBe(
      "select(13, [], NULL, [], {tv_sec=0, tv_usec=0}|) = 0 (Timeout)",
    );
    expect(g.call("select", [10, 0xfffffff0, 0, 0, 0], -E.EFAULT)).toBe(
      "select(10, 0xfffffff0, NULL, NULL, NULL|) = -1 EFAULT (Bad address)",
    );
    const pack = g.longs(g.words(2, 4), 8);
    expect(g.call("pselect6", [0, 0, 0, 0, g.longs(0, 1000000), pack], 0)).toBe(
      "pselect6(0, NULL, NULL, NULL, {tv_sec=0, tv_nsec=1000000}, {sigmask=[INT RT_3], sigsetsize=8}|) = 0 (Timeout)",
    );
  });

  test("epoll and eventfd", () => {
    const e = g.struct(structs.epoll_event, { events: P.EPOLLOUT | P.EPOLLONESHOT, data: [0x56789abc, 0x1234] });
    expect(g.call("epoll_create1", [P.EPOLL_CLOEXEC], 13)).toBe("epoll_create1(EPOLL_CLOEXEC|) = 13");
    expect(g.call("epoll_ctl", [13, 1, 12, e], 0)).toBe(
      "epoll_ctl(13, EPOLL_CTL_ADD, 12, {events=EPOLLOUT|EPOLLONESHOT, data={u32=1450744508, u64=20015998343868}}|) = 0",
    );
    expect(g.call("epoll_ctl", [13, 2, 11, 0], 0)).toBe("epoll_ctl(13, EPOLL_CTL_DEL, 11, NULL|) = 0");
    expect(g.call("epoll_wait", [13, e, 4, 100], 1)).toBe(
      "epoll_wait(13, |[{events=EPOLLOUT|EPOLLONESHOT, data={u32=1450744508, u64=20015998343868}}], 4, 100) = 1",
    );
    expect(g.call("epoll_pwait", [13, e, 4, 0, g.words(2, 4), 8], 0)).toBe(
      "epoll_pwait(13, |[], 4, 0, [INT RT_3], 8) = 0",
    );
    expect(g.call("eventfd2", [3, 0o2004001], 16)).toBe("eventfd2(3, EFD_SEMAPHORE|EFD_CLOEXEC|EFD_NONBLOCK|) = 16");
  });
});

describe("memory", () => {
  test("addresses come back in hexadecimal", () => {
    const anonymous = M.MAP_PRIVATE | M.MAP_ANONYMOUS;
    expect(g.call("mmap", [0, 8192, 3, anonymous, -1, 0], 0x90000)).toBe(
      "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0|) = 0x90000",
    );
    expect(g.call("mmap", [0, 4096, 1, M.MAP_SHARED, 99, 4096], -E.EBADF)).toBe(
      "mmap(NULL, 4096, PROT_READ, MAP_SHARED, 99, 0x1000|) = -1 EBADF (Bad file descriptor)",
    );
    expect(
      g.call("mmap", [0x10000000, 1, 4, anonymous | M.MAP_FIXED | M.MAP_STACK | M.MAP_NORESERVE, -1, 0], 0x10000000),
    ).toBe(
      "mmap(0x10000000, 1, PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_NORESERVE|MAP_STACK, -1, 0|) = 0x10000000",
    );
    expect(g.call("mmap", [0, 1, 0x1000, 0x40, -1, 0], -E.EBADF)).toBe(
      "mmap(NULL, 1, 0x1000 /* PROT_??? */, MAP_FILE|MAP_32BIT, -1, 0|) = -1 EBADF (Bad file descriptor)",
    );
    expect(g.call("brk", [0], 0x90000000)).toBe("brk(NULL|) = 0x90000000");
    expect(g.call("mprotect", [0x1000, 4096, 0], 0)).toBe("mprotect(0x1000, 4096, PROT_NONE|) = 0");
    expect(g.call("msync", [0x1000, 4096, 6], 0)).toBe("msync(0x1000, 4096, MS_SYNC|MS_INVALIDATE|) = 0");
    expect(g.call("madvise", [0, 0, 99], -E.EINVAL)).toBe(
      "madvise(NULL, 0, 0x63 /* MADV_??? */|) = -1 EINVAL (Invalid argument)",
    );
    expect(g.call("mremap", [4096, 1, 2, 3, 8], -E.EINVAL)).toBe(
      "mremap(0x1000, 1, 2, MREMAP_MAYMOVE|MREMAP_FIXED, 0x8|) = -1 EINVAL (Invalid argument)",
    );
  });
});

describe("signals", () => {
  test("actions", () => {
    const handler = g.struct(structs.sigaction, {
      sa_handler: 0x5a,
      sa_flags: S.SA_RESTORER | S.SA_RESTART,
      sa_restorer: 0x99,
      sa_mask: [0, 0],
    });
    const plain = g.struct(structs.sigaction, { sa_handler: 0, sa_flags: 0, sa_restorer: 0, sa_mask: [0, 0] });
    expect(g.call("rt_sigaction", [10, handler, 0, 8], 0)).toBe(
      "rt_sigaction(SIGUSR1, {sa_handler=0x5a, sa_mask=[], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x99}, |NULL, 8) = 0",
    );
    expect(g.call("rt_sigaction", [34, 0, plain, 8], 0)).toBe(
      "rt_sigaction(SIGRT_2, NULL, |{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8) = 0",
    );
    const full = g.struct(structs.sigaction, {
      sa_handler: 1,
      sa_flags: S.SA_SIGINFO | S.SA_NODEFER | S.SA_ONSTACK,
      sa_restorer: 0,
      sa_mask: [0x7fffffff, 0xfffffffe],
    });
    expect(g.call("rt_sigaction", [12, full, 0, 8], 0)).toBe(
      "rt_sigaction(SIGUSR2, {sa_handler=SIG_IGN, sa_mask=~[RTMIN RT_1], sa_flags=SA_ONSTACK|SA_NODEFER|SA_SIGINFO}, |NULL, 8) = 0",
    );
    expect(g.call("rt_sigaction", [2, 0, 0xffffff00, 8], -E.EFAULT)).toBe(
      "rt_sigaction(SIGINT, NULL, |0xffffff00, 8) = -1 EFAULT (Bad address)",
    );
  });

  test("masks", () => {
    const mask = g.words(2, 4);
    expect(g.call("rt_sigprocmask", [0, mask, 0, 8], 0)).toBe("rt_sigprocmask(SIG_BLOCK, [INT RT_3], |NULL, 8) = 0");
    expect(g.call("rt_sigprocmask", [2, 0, mask, 8], 0)).toBe("rt_sigprocmask(SIG_SETMASK, NULL, |[INT RT_3], 8) = 0");
    expect(g.call("rt_sigprocmask", [9, mask, 0, 8], -E.EINVAL)).toBe(
      "rt_sigprocmask(0x9 /* SIG_??? */, [INT RT_3], |NULL, 8) = -1 EINVAL (Invalid argument)",
    );
    expect(g.call("rt_sigprocmask", [0, mask, 0, 4], -E.EINVAL)).toBe(
      `rt_sigprocmask(SIG_BLOCK, ${at(mask)}, |NULL, 4) = -1 EINVAL (Invalid argument)`,
    );
    const odd = g.words(0x55555555, 0x55555554);
    expect(g.call("rt_sigprocmask", [0, odd, 0, 8], 0)).toBe(
      "rt_sigprocmask(SIG_BLOCK, [HUP QUIT TRAP BUS KILL SEGV PIPE TERM CHLD STOP TTIN URG XFSZ PROF IO SYS RT_3 RT_5 RT_7 RT_9 " +
        "RT_11 RT_13 RT_15 RT_17 RT_19 RT_21 RT_23 RT_25 RT_27 RT_29 RT_31], |NULL, 8) = 0",
    );
    const most = g.words(~((1 << 8) | (1 << 14) | (1 << 18) | (1 << 31)), ~1);
    expect(g.call("rt_sigprocmask", [2, 0, most, 8], 0)).toBe(
      "rt_sigprocmask(SIG_SETMASK, NULL, |~[KILL TERM STOP RTMIN RT_1], 8) = 0",
    );
  });

  test("sending, waiting, stacks", () => {
    expect(g.call("kill", [5, 10], 0)).toBe("kill(5, SIGUSR1|) = 0");
    expect(g.call("kill", [5, 0], 0)).toBe("kill(5, 0|) = 0");
    expect(g.call("kill", [-1, 99], -E.EINVAL)).toBe("kill(-1, 99|) = -1 EINVAL (Invalid argument)");
    expect(g.call("kill", [5, 32], -E.ESRCH)).toBe("kill(5, SIGRTMIN|) = -1 ESRCH (No such process)");
    const info = g.struct(structs.siginfo_user, {
      si_signo: 12,
      si_errno: 0,
      si_code: S.SI_QUEUE,
      si_pid: 8,
      si_uid: 0,
      si_value: 5,
    });
    expect(g.call("rt_sigqueueinfo", [8, 12, info], 0)).toBe(
      "rt_sigqueueinfo(8, SIGUSR2, {si_signo=SIGUSR2, si_code=SI_QUEUE, si_pid=8, si_uid=0, si_int=5, si_ptr=0x5}|) = 0",
    );
    const user = g.struct(structs.siginfo_user, {
      si_signo: 10,
      si_errno: 0,
      si_code: 0,
      si_pid: 8,
      si_uid: 0,
      si_value: 0,
    });
    expect(g.call("rt_sigtimedwait", [g.words(512, 0), user, g.longs(0, 0), 8], 10)).toBe(
      "rt_sigtimedwait([USR1], |{si_signo=SIGUSR1, si_code=SI_USER, si_pid=8, si_uid=0}, {tv_sec=0, tv_nsec=0}, 8) = 10 (SIGUSR1)",
    );
    const stack = g.words(0, 2, 0);
    expect(g.call("sigaltstack", [0, stack], 0)).toBe(
      "sigaltstack(NULL, |{ss_sp=NULL, ss_flags=SS_DISABLE, ss_size=0}) = 0",
    );
    expect(g.call("pause", [], -E.ERESTARTNOHAND)).toBe("pause(|) = ? ERESTARTNOHAND (To be restarted if no handler)");
    expect(g.call("rt_sigsuspend", [g.words(0, 0), 8], -E.ERESTARTNOHAND)).toBe(
      "rt_sigsuspend([], 8|) = ? ERESTARTNOHAND (To be restarted if no handler)",
    );
    expect(g.call("read", [0, 4096, 1], -E.ERESTARTSYS)).toBe(
      "read(0, |0x1000, 1) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
    );
  });
});

describe("time", () => {
  test("clocks and sleeping", () => {
    const t = g.longs(0, 995041506);
    expect(g.call("clock_gettime", [2, t], 0)).toBe(
      "clock_gettime(CLOCK_PROCESS_CPUTIME_ID, |{tv_sec=0, tv_nsec=995041506}) = 0",
    );
    expect(g.call("clock_gettime", [77, t], -E.EINVAL)).toBe(
      `clock_gettime(0x4d /* CLOCK_??? */, |${at(t)}) = -1 EINVAL (Invalid argument)`,
    );
    expect(g.call("nanosleep", [g.longs(1, 0), t], 0)).toBe(`nanosleep({tv_sec=1, tv_nsec=0}, |${at(t)}) = 0`);
    expect(g.call("nanosleep", [g.longs(1, 0), t], -E.ERESTART_RESTARTBLOCK)).toBe(
      "nanosleep({tv_sec=1, tv_nsec=0}, |{tv_sec=0, tv_nsec=995041506}) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)",
    );
    expect(g.call("clock_nanosleep", [1, 1, g.longs(0, 1000), 0], 0)).toBe(
      "clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=0, tv_nsec=1000}, |NULL) = 0",
    );
    expect(g.call("setitimer", [0, g.longs(0, 0, 0, 5000), 0], 0)).toBe(
      "setitimer(ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=5000}}, |NULL) = 0",
    );
    expect(g.call("time", [g.longs(1795314998)], 1795314998)).toBe(
      "time(|[1795314998 /* 2026-11-22T02:36:38+0000 */]) = 1795314998 (2026-11-22T02:36:38+0000)",
    );
    expect(g.call("gettimeofday", [g.longs(5, 6), g.words(0, 0)], 0)).toBe(
      "gettimeofday(|{tv_sec=5, tv_usec=6}, {tz_minuteswest=0, tz_dsttime=0}) = 0",
    );
  });
});

describe("processes", () => {
  test("execve shows arguments and counts variables", () => {
    const argv = g.words(g.text("sh"), g.text("-c"), g.text("exit 3"), 0);
    const envp = g.words(g.text("A=1"), 0);
    expect(g.call("execve", [g.text("/bin/sh"), argv, envp], 0)).toBe(
      `execve("/bin/sh", ["sh", "-c", "exit 3"], ${at(envp)} /* 1 var */|) = 0`,
    );
    expect(g.call("execve", [g.text("/nope"), 0, 0], -E.ENOENT)).toBe(
      'execve("/nope", NULL, NULL|) = -1 ENOENT (No such file or directory)',
    );
    const x = g.text("x");
    const many = g.words(...Array<number>(39).fill(x), 0);
    const shown = Array<string>(32).fill('"x"').join(", ");
    expect(g.call("execve", [x, many, many], -E.ENOENT)).toBe(
      `execve("x", [${shown}, ...], ${at(many)} /* 39 vars */|) = -1 ENOENT (No such file or directory)`,
    );
    expect(g.call("execve", [x, g.words(g.text("a".repeat(50)), 0xffffff00, 0), 0], -E.ENOENT)).toBe(
      `execve("x", ["${"a".repeat(32)}"..., 0xffffff00], NULL|) = -1 ENOENT (No such file or directory)`,
    );
  });

  test("waiting explains the status", () => {
    const s = g.words(7 << 8);
    expect(g.call("wait4", [30839, s, 0, 0], 30839)).toBe(
      "wait4(30839, |[{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 30839",
    );
    const status = (value: number) => g.call("wait4", [-1, g.words(value), 2, 0], 5).slice(11, -21);
    expect(status(0x137f)).toBe("[{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}]");
    expect(status(15)).toBe("[{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}]");
    expect(status(0x8b)).toBe("[{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}]");
    expect(status(0xffff)).toBe("[{WIFCONTINUED(s)}]");
    expect(g.call("wait4", [-1, s, 1, s], 0)).toBe(`wait4(-1, |${at(s)}, WNOHANG, ${at(s)}) = 0`);
    expect(g.call("wait4", [-1, s, 0x40000001, 0], -E.ECHILD)).toBe(
      `wait4(-1, |${at(s)}, WNOHANG|__WALL, NULL) = -1 ECHILD (No child processes)`,
    );
    const child = { si_signo: 17, si_errno: 0, si_pid: 9, si_uid: 0, si_utime: 0, si_stime: 0 };
    const killed = g.struct(structs.siginfo_child, { ...child, si_code: S.CLD_KILLED, si_status: 6 });
    expect(g.call("waitid", [1, 9, killed, 0x1000004, 0], 0)).toBe(
      "waitid(P_PID, 9, |{si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=9, si_uid=0, si_status=SIGABRT, si_utime=0, si_stime=0}, " +
        "WEXITED|WNOWAIT, NULL) = 0",
    );
    expect(g.call("waitid", [0, 0, g.room(128), 5, 0], 0)).toBe("waitid(P_ALL, 0, |{}, WNOHANG|WEXITED, NULL) = 0");
    const usage = g.room(272);
    structs.timeval.write(g.view, usage, { tv_sec: 0, tv_usec: 261 });
    expect(g.call("getrusage", [0, usage], 0)).toBe(
      "getrusage(RUSAGE_SELF, |{ru_utime={tv_sec=0, tv_usec=261}, ru_stime={tv_sec=0, tv_usec=0}, ...}) = 0",
    );
  });

  test("clone has strace's order and no more than its flags ask for", () => {
    const [parent, child] = [g.words(3722), g.words(0)];
    expect(g.call("clone", [17, 0, 0, 0, 0], 3721)).toBe("clone(child_stack=NULL, flags=SIGCHLD|) = 3721");
    const flags = C.CLONE_CHILD_CLEARTID | C.CLONE_CHILD_SETTID | C.CLONE_PARENT_SETTID | 17;
    expect(g.call("clone", [flags, 0, parent, child, 0], 3722)).toBe(
      "clone(child_stack=NULL, flags=CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD|, " +
        `parent_tid=[3722], child_tidptr=${at(child)}) = 3722`,
    );
    expect(g.call("clone", [C.CLONE_SETTLS | C.CLONE_PARENT_SETTID, 0x3000, parent, child, 0x1234], -E.EINVAL)).toBe(
      `clone(child_stack=0x3000, flags=CLONE_SETTLS|CLONE_PARENT_SETTID|, parent_tid=${at(parent)}, tls=0x1234) = ` +
        "-1 EINVAL (Invalid argument)",
    );
    expect(g.call("fork", [], 5)).toBe("fork(|) = 5");
  });

  test("limits, identities, CPUs, the system", () => {
    const limit = g.struct(structs.rlimit, { rlim_cur: 8192 * 1024, rlim_max: 2 ** 64 });
    expect(g.call("prlimit64", [0, 3, 0, limit], 0)).toBe(
      "prlimit64(0, RLIMIT_STACK, NULL, |{rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0",
    );
    expect(g.call("setrlimit", [4, g.longs(1024, 20000)], 0)).toBe(
      "setrlimit(RLIMIT_CORE, {rlim_cur=1024, rlim_max=20000}|) = 0",
    );
    expect(g.call("getresuid", [g.words(0), g.words(5), g.words(7)], 0)).toBe("getresuid(|[0], [5], [7]) = 0");
    expect(g.call("getgroups", [10, g.words(1, 2)], 2)).toBe("getgroups(10, |[1, 2]) = 2");
    expect(g.call("getgroups", [0, 0], 2)).toBe("getgroups(0, |NULL) = 2");
    expect(g.call("getgroups", [1, g.words(1)], 0)).toBe("getgroups(1, |[]) = 0");
    expect(g.call("sched_getaffinity", [0, 128, g.words(3, 0)], 8)).toBe("sched_getaffinity(0, 128, |[0 1]) = 8");
    expect(g.call("getcpu", [g.words(1), g.words(0), 0], 0)).toBe("getcpu(|[1], [0], NULL) = 0");
    expect(g.call("times", [g.longs(1, 2, 3, 4)], 1718206614)).toBe(
      "times(|{tms_utime=1, tms_stime=2, tms_cutime=3, tms_cstime=4}) = 1718206614",
    );
    const uts = { sysname: "Linux", nodename: "vm", release: "6", version: "#1", machine: "wasm32", domainname: "" };
    expect(g.call("uname", [g.struct(structs.utsname, uts)], 0)).toBe(
      'uname(|{sysname="Linux", nodename="vm", ...}) = 0',
    );
    const info = g.struct(structs.sysinfo, {
      uptime: 2498,
      loads: [22976, 23360, 14304],
      totalram: 25276514304,
      freeram: 1,
      sharedram: 2,
      bufferram: 3,
      totalswap: 0,
      freeswap: 0,
      procs: 101,
      totalhigh: 0,
      freehigh: 0,
      mem_unit: 1,
    });
    expect(g.call("sysinfo", [info], 0)).toBe(
      "sysinfo(|{uptime=2498, loads=[22976, 23360, 14304], totalram=25276514304, freeram=1, sharedram=2, bufferram=3, totalswap=0, " +
        "freeswap=0, procs=101, totalhigh=0, freehigh=0, mem_unit=1}) = 0",
    );
  });

  test("prctl", () => {
    const name = g.text("abcdefghijklmnopqrstuvwxyz");
    expect(g.call("prctl", [PR.PR_SET_NAME, name, 0, 0, 0], 0)).toBe('prctl(PR_SET_NAME, "abcdefghijklmno"...|) = 0');
    expect(g.call("prctl", [PR.PR_GET_NAME, g.text("abc"), 0, 0, 0], 0)).toBe('prctl(PR_GET_NAME, |"abc") = 0');
    expect(g.call("prctl", [PR.PR_SET_PDEATHSIG, 15, 0, 0, 0], 0)).toBe("prctl(PR_SET_PDEATHSIG, SIGTERM|) = 0");
    expect(g.call("prctl", [PR.PR_GET_PDEATHSIG, g.words(15), 0, 0, 0], 0)).toBe(
      "prctl(PR_GET_PDEATHSIG, |[SIGTERM]) = 0",
    );
    expect(g.call("prctl", [PR.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0], 0)).toBe(
      "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0|) = 0",
    );
    expect(g.call("prctl", [PR.PR_GET_DUMPABLE, 0, 0, 0, 0], 1)).toBe("prctl(PR_GET_DUMPABLE|) = 1 (SUID_DUMP_USER)");
    expect(g.call("prctl", [9999, 1, 2, 3, 4], -E.EINVAL)).toBe(
      "prctl(0x270f /* PR_??? */, 0x1, 0x2, 0x3, 0x4|) = -1 EINVAL (Invalid argument)",
    );
  });

  test("futex has the arguments of its operation", () => {
    const time = g.longs(0, 1000);
    const futex = (args: number[]) =>
      g.call("futex", [4096, ...args], 0).slice("futex(0x1000, ".length, -"|) = 0".length);
    expect(futex([FX.FUTEX_WAKE | 128, 1, 0, 0, 0])).toBe("FUTEX_WAKE_PRIVATE, 1");
    expect(futex([FX.FUTEX_WAIT | 128, 1, 0, 0, 0])).toBe("FUTEX_WAIT_PRIVATE, 1, NULL");
    expect(futex([FX.FUTEX_WAIT, 0, time, 0, 0])).toBe("FUTEX_WAIT, 0, {tv_sec=0, tv_nsec=1000}");
    expect(futex([FX.FUTEX_WAIT_BITSET | 128 | 256, 0, time, 0, -1])).toBe(
      "FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=1000}, FUTEX_BITSET_MATCH_ANY",
    );
    expect(futex([FX.FUTEX_WAKE_BITSET, 1, 0, 0, 3])).toBe("FUTEX_WAKE_BITSET, 1, 0x3");
    expect(futex([FX.FUTEX_REQUEUE | 128, 1, 2, 4096, 0])).toBe("FUTEX_REQUEUE_PRIVATE, 1, 2, 0x1000");
    expect(futex([FX.FUTEX_CMP_REQUEUE, 1, 2, 4096, 0])).toBe("FUTEX_CMP_REQUEUE, 1, 2, 0x1000, 0");
    expect(futex([FX.FUTEX_WAKE_OP, 1, 2, 4096, 0x04005001])).toBe(
      "FUTEX_WAKE_OP, 1, 2, 0x1000, FUTEX_OP_SET<<28|0x5<<12|FUTEX_OP_CMP_GT<<24|0x1",
    );
    expect(futex([FX.FUTEX_LOCK_PI, 0, 0, 0, 0])).toBe("FUTEX_LOCK_PI, NULL");
    expect(futex([99, 1, 0, 4096, 0])).toBe("0x63 /* FUTEX_??? */, 1, NULL, 0x1000, 0");
  });
});

test("no call, whatever its arguments and result, makes the formatter throw", () => {
  const values = [0, 1, -1, 4096, 65535, 0x7fffffff, -0x80000000, 2 ** 40];
  for (const entry of SYSCALLS) {
    for (const value of values) {
      for (const result of [0, 5, -E.EFAULT, -999, 65536, -E.ERESTARTSYS]) {
        const line = g.call(entry.name, Array<number>(entry.args.length).fill(value), result);
        expect(line).toMatch(/^\w+\(.*\) = /);
        expect(line).not.toMatch(/undefined|NaN|\[object/);
      }
    }
  }
});
