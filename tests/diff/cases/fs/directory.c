// mkdir(2), rmdir(2), and reading directories.
#include <dirent.h>
#include "../../harness.h"

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}
// The entries in sorted order (the kernel's is not fixed), with their types.
static void list(const char *path) {
  DIR *dir = opendir(path);
  if (!dir) {
    printf("opendir: %s\n", errname(errno));
    return;
  }
  char *lines[64];
  int count = 0;
  struct dirent *entry;
  while ((entry = readdir(dir))) {
    static const struct name types[] = {N(DT_REG), N(DT_DIR), N(DT_LNK), N(DT_FIFO), N(DT_CHR), N(DT_UNKNOWN)};
    char line[300];
    snprintf(line, sizeof line, "%s %s", entry->d_name, name_in(types, COUNT(types), entry->d_type));
    lines[count++] = strdup(line);
  }
  closedir(dir);
  qsort(lines, (size_t)count, sizeof lines[0], compare);
  for (int i = 0; i < count; i++) printf("  %s\n", lines[i]);
}

CASE(entries_and_types) {
  put("file", "");
  MUST(mkdir("folder", 0755));
  MUST(symlink("file", "link"));
  MUST(mkfifo("fifo", 0600));
  put(".hidden", "");
  list(".");
  list("folder");
  list("file");
  list("absent");
}

CASE(inode_numbers_match) {
  put("file", "");
  MUST(mkdir("folder", 0755));
  DIR *dir = opendir(".");
  struct dirent *entry;
  int good = 0, bad = 0;
  while ((entry = readdir(dir))) {
    struct stat st;
    MUST(lstat(entry->d_name, &st));
    // At the top of a mount `..` lies outside.
    if (strcmp(entry->d_name, "..") == 0) continue;
    *(st.st_ino == entry->d_ino ? &good : &bad) += 1;
  }
  closedir(dir);
  printf("good %d bad %d\n", good, bad);
}

CASE(mkdir_errors) {
  put("file", "");
  SHOW(mkdir("a", 0755));
  SHOW(mkdir("a", 0755));
  SHOW(mkdir("file", 0755));
  SHOW(mkdir("a/b/c", 0755));
  SHOW(mkdir("file/b", 0755));
  SHOW(mkdir("", 0755));
  SHOW(mkdir(".", 0755));
  SHOW(mkdir("..", 0755));
  SHOW(mkdir("/", 0755));
  struct stat st;
  SHOW(mkdir("bits", 07777));
  MUST(stat("bits", &st));
  printf("%o\n", st.st_mode);
}

CASE(rmdir_errors) {
  put("file", "");
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  MUST(symlink("a", "link"));
  SHOW(rmdir("a"));
  SHOW(rmdir("file"));
  SHOW(rmdir("absent"));
  SHOW(rmdir("link"));
  SHOW(rmdir("a/."));
  SHOW(rmdir("a/b/.."));
  SHOW(rmdir("."));
  SHOW(rmdir(""));
  SHOW(rmdir("a/b"));
  SHOW(rmdir("a"));
}

CASE(removed_working_directory) {
  MUST(mkdir("gone", 0755));
  MUST(chdir("gone"));
  SHOW(rmdir("../gone"));
  char path[4096];
  SHOW(getcwd(path, sizeof path) == NULL);
  STR(errname(errno));
  SHOW(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(mkdir("sub", 0755));
  SHOW(access(".", F_OK));
  struct stat st;
  MUST(stat(".", &st));
  NUM(st.st_nlink);
  list(".");
  SHOW(chdir(".."));
}

CASE(removed_while_open) {
  MUST(mkdir("gone", 0755));
  int fd = (int)MUST(open("gone", O_RDONLY | O_DIRECTORY));
  MUST(rmdir("gone"));
  SHOW(openat(fd, "file", O_RDWR | O_CREAT, 0600));
  SHOW(fchdir(fd));
  struct stat st;
  SHOW(fstat(fd, &st));
}

CASE(five_hundred_entries) {
  MUST(mkdir("many", 0755));
  for (int i = 0; i < 500; i++) {
    char name[40];
    snprintf(name, sizeof name, "many/entry-with-a-longer-name-%d", i);
    close((int)MUST(creat(name, 0600)));
  }
  DIR *dir = opendir("many");
  int count = 0;
  struct dirent *entry;
  while ((entry = readdir(dir))) count++;
  NUM(count);
  rewinddir(dir);
  // Removing what one reads is safe.
  MUST(chdir("many"));
  int removed = 0;
  while ((entry = readdir(dir)))
    if (entry->d_name[0] == 'e') removed += unlink(entry->d_name) == 0;
  NUM(removed);
  closedir(dir);
  MUST(chdir(".."));
  SHOW(rmdir("many"));
}

CASE(seek_and_tell) {
  for (int i = 0; i < 10; i++) put((char[]){(char)('a' + i), 0}, "");
  DIR *dir = opendir(".");
  char first[20][16];
  for (int i = 0; i < 5; i++) strcpy(first[i], readdir(dir)->d_name);
  long at = telldir(dir);
  char next[16];
  strcpy(next, readdir(dir)->d_name);
  while (readdir(dir)) {
  }
  seekdir(dir, at);
  NUM(strcmp(readdir(dir)->d_name, next));
  rewinddir(dir);
  NUM(strcmp(readdir(dir)->d_name, first[0]));
  int count = 1;
  while (readdir(dir)) count++;
  NUM(count);
  closedir(dir);
}

CASE(getdents_call) {
  put("a-file-name-of-thirty-letters..", "");
  int fd = (int)MUST(open(".", O_RDONLY | O_DIRECTORY));
  char block[1024];
  SHOW(SYS3(SYS_getdents64, fd, block, 10));
  long got = SYS3(SYS_getdents64, fd, block, sizeof block);
  NUM(got);
  // linux_dirent64: 8 inode, 8 offset, 2 record length, 1 type, name; padded to 8.
  int sum = 0;
  for (long at = 0; at < got; at += *(unsigned short *)(block + at + 16)) sum += *(unsigned short *)(block + at + 16);
  NUM(sum);
  SHOW(SYS3(SYS_getdents64, fd, block, sizeof block));
  SHOW(lseek(fd, 0, SEEK_SET));
  NUM(SYS3(SYS_getdents64, fd, block, sizeof block));
  int file = (int)MUST(open("a-file-name-of-thirty-letters..", O_RDONLY));
  SHOW(SYS3(SYS_getdents64, file, block, sizeof block));
  SHOW(SYS3(SYS_getdents64, 99, block, sizeof block));
}

CASE(scan_directory) {
  put("b", "");
  put("a", "");
  put("c", "");
  struct dirent **entries;
  int count = scandir(".", &entries, NULL, alphasort);
  for (int i = 0; i < count; i++) printf("%s ", entries[i]->d_name);
  printf("%d\n", count);
  SHOW(scandir("absent", &entries, NULL, alphasort));
  DIR *dir = fdopendir((int)MUST(open(".", O_RDONLY)));
  NUM(dir != NULL);
  NUM(dirfd(dir));
  SHOW(closedir(dir));
  NUM(fdopendir(99) == NULL);
  STR(errname(errno));
}
