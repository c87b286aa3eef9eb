// link(2), unlink(2), and files that are open but have no name.
#include "../../harness.h"

static long links(const char *path) {
  struct stat st;
  return lstat(path, &st) == 0 ? (long)st.st_nlink : -1;
}

CASE(counts) {
  put("a", "text");
  NUM(links("a"));
  SHOW(link("a", "b"));
  SHOW(link("b", "c"));
  NUM(links("a"));
  struct stat a, c;
  MUST(stat("a", &a));
  MUST(stat("c", &c));
  NUM(a.st_ino == c.st_ino);
  SHOW(unlink("a"));
  NUM(links("b"));
  STR(get("c"));
  put("c", "changed");
  STR(get("b"));
}

CASE(directory_counts) {
  MUST(mkdir("d", 0755));
  NUM(links("d"));
  MUST(mkdir("d/one", 0755));
  MUST(mkdir("d/two", 0755));
  put("d/file", "");
  NUM(links("d"));
  MUST(rmdir("d/one"));
  NUM(links("d"));
  MUST(rename("d/two", "two"));
  NUM(links("d"));
}

CASE(errors) {
  put("a", "");
  MUST(mkdir("d", 0755));
  SHOW(link("absent", "x"));
  SHOW(link("a", "a"));
  SHOW(link("a", "d"));
  SHOW(link("d", "x"));
  SHOW(link("a", "absent/x"));
  SHOW(link("a", "a/x"));
  SHOW(link("a", "x/"));
  SHOW(unlink("d"));
  SHOW(unlink("absent"));
  SHOW(unlink(""));
  SHOW(unlink("a/x"));
  SHOW(unlink("."));
  SHOW(unlink("/"));
  SHOW(linkat(AT_FDCWD, "a", AT_FDCWD, "x", 0x1));
}

CASE(open_without_a_name) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "still here", 10));
  SHOW(unlink("file"));
  SHOW(access("file", F_OK));
  struct stat st;
  MUST(fstat(fd, &st));
  printf("links %ld size %ld\n", (long)st.st_nlink, (long)st.st_size);
  char text[16] = "";
  SHOW(pread(fd, text, sizeof text, 0));
  STR(text);
  SHOW(write(fd, " and grows", 10));
  SHOW(ftruncate(fd, 100));
  MUST(fstat(fd, &st));
  NUM(st.st_size);
  // A new file of that name is another file.
  put("file", "new");
  SHOW(pread(fd, text, 5, 0));
  STR(get("file"));
}

CASE(shared_without_a_name) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(unlink("file"));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(write(fd, "by the child", 12));
    _exit(0);
  }
  reap(pid);
  char text[16] = "";
  SHOW(pread(fd, text, sizeof text, 0));
  STR(text);
}

CASE(removed_name_in_proc) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  char path[32], text[4096] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  MUST(readlink(path, text, sizeof text));
  STR(strrchr(text, '/'));
  MUST(unlink("file"));
  memset(text, 0, sizeof text);
  MUST(readlink(path, text, sizeof text));
  STR(strrchr(text, '/'));
  // The link still opens the file, with an offset of its own.
  MUST(write(fd, "data", 4));
  int again = (int)SHOW(open(path, O_RDONLY));
  char data[8] = "";
  SHOW(read(again, data, sizeof data));
  STR(data);
}

CASE(remove_function) {
  put("file", "");
  MUST(mkdir("empty", 0755));
  MUST(mkdir("full", 0755));
  put("full/file", "");
  SHOW(remove("file"));
  SHOW(remove("empty"));
  SHOW(remove("full"));
  SHOW(remove("absent"));
}

CASE(many_links) {
  put("file", "");
  for (int i = 0; i < 200; i++) {
    char name[16];
    snprintf(name, sizeof name, "l%d", i);
    MUST(link("file", name));
  }
  NUM(links("l100"));
  for (int i = 0; i < 200; i += 2) {
    char name[16];
    snprintf(name, sizeof name, "l%d", i);
    MUST(unlink(name));
  }
  NUM(links("file"));
}
