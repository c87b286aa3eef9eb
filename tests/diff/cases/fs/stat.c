// stat(2) and its relatives, statx(2), statfs(2).
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include "../../harness.h"

static void print(const char *path) {
  struct stat st;
  if (lstat(path, &st) == -1) {
    printf("%s: %s\n", path, errname(errno));
    return;
  }
  printf("%s: mode %o links %ld owner %d %d", path, st.st_mode, (long)st.st_nlink, st.st_uid == geteuid(),
         st.st_gid == getegid());
  if (!S_ISDIR(st.st_mode)) printf(" size %ld", (long)st.st_size);
  if (S_ISCHR(st.st_mode)) printf(" device %d:%d", (int)major(st.st_rdev), (int)minor(st.st_rdev));
  printf("\n");
}

CASE(kinds) {
  put("file", "content");
  MUST(mkdir("folder", 0750));
  MUST(symlink("file", "link"));
  MUST(mkfifo("fifo", 0640));
  print("file");
  print("folder");
  print("link");
  print("fifo");
  print("/dev/null");
  print("/dev/zero");
  print("/dev/full");
  print("absent");
}

CASE(by_descriptor) {
  struct stat a, b;
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), ends[2];
  MUST(write(fd, "12345", 5));
  SHOW(fstat(fd, &a));
  SHOW(stat("file", &b));
  NUM(a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_size == b.st_size);
  SHOW(fstat(99, &a));
  MUST(pipe(ends));
  SHOW(fstat(ends[0], &a));
  printf("%o %ld\n", a.st_mode, (long)a.st_size);
  SHOW(fstat(ends[1], &b));
  NUM(a.st_ino == b.st_ino);
}

CASE(at) {
  MUST(mkdir("folder", 0755));
  put("folder/file", "123");
  MUST(symlink("file", "folder/link"));
  struct stat st;
  int folder = (int)MUST(open("folder", O_RDONLY));
  SHOW(fstatat(folder, "file", &st, 0));
  NUM(st.st_size);
  SHOW(fstatat(folder, "link", &st, AT_SYMLINK_NOFOLLOW));
  NUM(S_ISLNK(st.st_mode));
  SHOW(fstatat(folder, "", &st, 0));
  SHOW(fstatat(folder, "", &st, AT_EMPTY_PATH));
  NUM(S_ISDIR(st.st_mode));
  SHOW(fstatat(AT_FDCWD, "folder/file", &st, 0));
  SHOW(fstatat(99, "file", &st, 0));
  SHOW(fstatat(99, "/", &st, 0));
  int file = (int)MUST(open("folder/file", O_RDONLY));
  SHOW(fstatat(file, "x", &st, 0));
  SHOW(fstatat(folder, "file", &st, 0x4));
}

// struct statx, by offset: 0 mask, 4 blksize, 16 nlink, 20 uid, 28 mode, 32 ino, 40 size, 48 blocks, 112 mtime.
CASE(extended) {
  put("file", "content");
  unsigned char x[256];
  memset(x, 0xff, sizeof x);
  SHOW(SYS5(SYS_statx, AT_FDCWD, "file", 0, 0x7ff /* STATX_BASIC_STATS */, x));
  struct stat st;
  MUST(stat("file", &st));
  printf("mask %d\n", (*(uint32_t *)x & 0x7ff) == 0x7ff);
  printf("links %u, mode %o, size %ld\n", *(uint32_t *)(x + 16), *(uint16_t *)(x + 28), (long)*(int64_t *)(x + 40));
  printf("inode %d, blocks %d, mtime %d\n", *(uint64_t *)(x + 32) == st.st_ino,
         *(int64_t *)(x + 48) == (int64_t)st.st_blocks, *(int64_t *)(x + 112) == (int64_t)st.st_mtime);
  SHOW(SYS5(SYS_statx, AT_FDCWD, "absent", 0, 0x7ff, x));
  SHOW(SYS5(SYS_statx, AT_FDCWD, "file", 0x4, 0x7ff, x));
  SHOW(SYS5(SYS_statx, AT_FDCWD, "file", 0, 0x80000000, x));
  SHOW(SYS5(SYS_statx, 0, "", AT_EMPTY_PATH, 0x7ff, x));
}

CASE(blocks) {
  struct stat st;
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  static char block[40960];
  memset(block, 'x', sizeof block);
  MUST(write(fd, block, sizeof block));
  MUST(fsync(fd));
  MUST(fstat(fd, &st));
  NUM(st.st_blocks * 512 >= (long)sizeof block);
  NUM(st.st_blksize >= 512 && st.st_blksize % 512 == 0);
  MUST(ftruncate(fd, 0));
  MUST(fsync(fd));
  MUST(fstat(fd, &st));
  NUM(st.st_blocks);
}

CASE(file_system) {
  struct statfs fs;
  SHOW(statfs(".", &fs));
  NUM(fs.f_bsize >= 512);
  NUM(fs.f_namelen);
  NUM(fs.f_bfree <= fs.f_blocks && fs.f_bavail <= fs.f_bfree);
  SHOW(statfs("/proc", &fs));
  printf("%lx\n", (long)fs.f_type & 0xffffffffL);
  SHOW(statfs("absent", &fs));
  SHOW(fstatfs(99, &fs));
  put("file", "");
  SHOW(fstatfs((int)MUST(open("file", O_RDONLY)), &fs));
  SHOW(statfs("file/x", &fs));
  struct statvfs vfs;
  SHOW(statvfs(".", &vfs));
  NUM(vfs.f_namemax);
}

CASE(same_file) {
  put("a", "");
  MUST(link("a", "b"));
  MUST(symlink("a", "c"));
  put("d", "");
  struct stat a, other;
  MUST(stat("a", &a));
  for (const char *name = "bcd"; *name; name++) {
    MUST(stat((char[]){*name, 0}, &other));
    printf("%c %d\n", *name, a.st_ino == other.st_ino && a.st_dev == other.st_dev);
  }
}
