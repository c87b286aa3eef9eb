// open(2): every flag, and the errors of each.
#include <sys/resource.h>
#include "../../harness.h"

CASE(create_and_exclusive) {
  SHOW(open("file", O_RDWR));
  SHOW(open("file", O_RDWR | O_CREAT, 0640));
  struct stat st;
  MUST(stat("file", &st));
  printf("mode %o, size %ld\n", st.st_mode, (long)st.st_size);
  SHOW(open("file", O_RDWR | O_CREAT | O_EXCL, 0640));
  SHOW(open("new", O_RDWR | O_CREAT | O_EXCL, 0));
  // The mode holds for later opens; this descriptor may write.
  SHOW(write(4, "x", 1));
  MUST(symlink("target", "dangling"));
  SHOW(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600));
  SHOW(open("dangling", O_RDWR));
  SHOW(open("dangling", O_RDWR | O_CREAT, 0600));
  SHOW(access("target", F_OK));
}

CASE(access_modes) {
  put("file", "content");
  char text[8];
  int r = (int)SHOW(open("file", O_RDONLY)), w = (int)SHOW(open("file", O_WRONLY)), rw = (int)SHOW(open("file", O_RDWR));
  SHOW(read(r, text, 3));
  SHOW(write(r, "x", 1));
  SHOW(read(w, text, 3));
  SHOW(write(w, "CON", 3));
  SHOW(read(rw, text, 7));
  SHOW(write(rw, "!", 1));
  STR(get("file"));
  printf("%o %o %o\n", fcntl(r, F_GETFL) & O_ACCMODE, fcntl(w, F_GETFL) & O_ACCMODE, fcntl(rw, F_GETFL) & O_ACCMODE);
  SHOW(ftruncate(r, 0));
}

CASE(truncate) {
  put("file", "content");
  int reader = (int)MUST(open("file", O_RDONLY));
  char text[8];
  SHOW(read(reader, text, 3));
  close((int)SHOW(open("file", O_WRONLY | O_TRUNC)));
  SHOW(read(reader, text, 3));
  SHOW(lseek(reader, 0, SEEK_CUR));
  STR(get("file"));
  put("file", "again");
  STR(get("file"));
}

CASE(append) {
  put("file", "one");
  int a = (int)MUST(open("file", O_RDWR | O_APPEND)), b = (int)MUST(open("file", O_WRONLY | O_APPEND));
  SHOW(lseek(a, 0, SEEK_CUR));
  SHOW(write(a, "two", 3));
  SHOW(write(b, "three", 5));
  SHOW(lseek(a, 0, SEEK_SET));
  SHOW(write(a, "four", 4));
  SHOW(lseek(a, 0, SEEK_CUR));
  // On Linux O_APPEND wins over pwrite's offset (pwrite(2), BUGS).
  SHOW(pwrite(a, "five", 4, 0));
  STR(get("file"));
  SHOW(fcntl(a, F_SETFL, 0));
  SHOW(pwrite(a, "ONE", 3, 0));
  STR(get("file"));
}

CASE(directory) {
  put("file", "");
  MUST(mkdir("folder", 0755));
  MUST(symlink("folder", "link"));
  SHOW(open("folder", O_RDONLY));
  SHOW(open("folder", O_RDONLY | O_DIRECTORY));
  SHOW(open("folder", O_WRONLY));
  SHOW(open("folder", O_RDWR));
  SHOW(open("folder", O_RDONLY | O_CREAT, 0600));
  SHOW(open("folder", O_RDONLY | O_CREAT | O_EXCL, 0600));
  SHOW(open("file", O_RDONLY | O_DIRECTORY));
  SHOW(open("link", O_RDONLY | O_DIRECTORY));
  SHOW(open("link", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  SHOW(open("folder/", O_RDONLY));
  SHOW(open("file/", O_RDONLY));
  SHOW(open("new/", O_RDWR | O_CREAT, 0600));
  char text[8];
  SHOW(read(3, text, 8));
  SHOW(write(3, text, 8));
}

CASE(no_follow) {
  put("file", "");
  MUST(symlink("file", "link"));
  MUST(mkdir("folder", 0755));
  put("folder/inside", "");
  MUST(symlink("folder", "way"));
  SHOW(open("link", O_RDONLY | O_NOFOLLOW));
  SHOW(open("file", O_RDONLY | O_NOFOLLOW));
  // Only the last component counts.
  SHOW(open("way/inside", O_RDONLY | O_NOFOLLOW));
  SHOW(open("link", O_PATH | O_NOFOLLOW));
  struct stat st;
  SHOW(fstat(5, &st));
  NUM(S_ISLNK(st.st_mode));
  char text[8] = "";
  SHOW(readlinkat(5, "", text, sizeof text));
  STR(text);
}

CASE(path_only) {
  put("file", "content");
  MUST(mkdir("folder", 0755));
  put("folder/inside", "deep");
  int fd = (int)SHOW(open("file", O_PATH));
  char text[8];
  SHOW(read(fd, text, 3));
  SHOW(write(fd, text, 3));
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(SYS2(SYS_fchmod, fd, 0600)); // the function has a fallback through /proc in musl
  SHOW(ftruncate(fd, 0));
  SHOW(fcntl(fd, F_GETFL) == O_PATH);
  SHOW(fcntl(fd, F_DUPFD, 10));
  struct stat st;
  SHOW(fstat(fd, &st));
  NUM(st.st_size);
  int folder = (int)SHOW(open("folder", O_PATH | O_DIRECTORY));
  SHOW(openat(folder, "inside", O_RDONLY));
  SHOW(fchdir(folder));
  SHOW(access("inside", F_OK));
  SHOW(close(fd));
}

CASE(temporary_file) {
  MUST(mkdir("folder", 0755));
  int fd = (int)SHOW(open("folder", O_TMPFILE | O_RDWR, 0640));
  SHOW(write(fd, "hidden", 6));
  struct stat st;
  MUST(fstat(fd, &st));
  printf("links %ld, mode %o, size %ld\n", (long)st.st_nlink, st.st_mode & 07777, (long)st.st_size);
  SHOW(rmdir("folder"));
  MUST(mkdir("folder", 0755));
  fd = (int)SHOW(open("folder", O_TMPFILE | O_WRONLY, 0600));
  SHOW(write(fd, "shown", 5));
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "folder/name", AT_SYMLINK_FOLLOW));
  STR(get("folder/name"));
  SHOW(open("folder", O_TMPFILE | O_RDONLY, 0600));
  put("file", "");
  SHOW(open("file", O_TMPFILE | O_RDWR, 0600));
}

CASE(umask_applies) {
  struct stat st;
  umask(0);
  close((int)MUST(open("a", O_CREAT | O_WRONLY, 0777)));
  umask(0777);
  close((int)MUST(open("b", O_CREAT | O_WRONLY, 0777)));
  umask(026);
  close((int)MUST(open("c", O_CREAT | O_WRONLY, 06666)));
  MUST(mkdir("d", 0777));
  MUST(mknod("e", S_IFIFO | 0666, 0));
  for (const char *name = "abcde"; *name; name++) {
    MUST(stat((char[]){*name, 0}, &st));
    printf("%c %o\n", *name, st.st_mode & 07777);
  }
  printf("%o\n", umask(07777));
  printf("%o\n", umask(0));
}

CASE(lowest_descriptor) {
  put("file", "");
  SHOW(open("file", O_RDONLY));
  SHOW(open("file", O_RDONLY));
  SHOW(open("file", O_RDONLY));
  SHOW(close(4));
  SHOW(close(3));
  SHOW(open("file", O_RDONLY));
  SHOW(open("file", O_RDONLY));
  SHOW(open("file", O_RDONLY));
  SHOW(close(99));
  SHOW(close(-1));
}

CASE(descriptor_limit) {
  struct rlimit limit = {10, 10};
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  put("file", "");
  int count = 0;
  while (open("file", O_RDONLY) != -1) count++;
  printf("%d, then %s\n", count, errname(errno));
  SHOW(dup(0));
  SHOW(dup2(0, 10));
  SHOW(dup2(0, 9));
  SHOW(fcntl(0, F_DUPFD, 10));
  SHOW(fcntl(0, F_DUPFD, 9));
  int ends[2];
  close(9);
  SHOW(pipe(ends));
  SHOW(open("file", O_RDONLY));
}

// Without permission nothing is created or truncated.
CASE(denied) {
  put("file", "content");
  MUST(chmod("file", 0444));
  MUST(mkdir("folder", 0755));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setresuid(12345, 12345, 12345));
    SHOW(open("file", O_RDWR));
    SHOW(open("file", O_WRONLY | O_TRUNC));
    SHOW(open("file", O_RDONLY | O_TRUNC));
    SHOW(open("folder/new", O_WRONLY | O_CREAT, 0600));
    SHOW(open("file", O_RDONLY));
    _exit(0);
  }
  reap(pid);
  STR(get("file"));
  SHOW(access("folder/new", F_OK));
}
