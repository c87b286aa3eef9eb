/* Names: directories, links, renaming, and what stays beneath the directory that a path begins at. */
#include "../wasi.h"

static void list(const char *path) {
  u32 fd, used;
  int error = path_open(3, 0, P(path), O_DIRECTORY, R_READDIR | R_READ, 0, 0, &fd);
  if (error) {
    show(path, (u32)error);
    return;
  }
  /* Small, so that it takes several calls. */
  char buffer[64];
  u64 cookie = 0;
  u32 count = 0, bytes = 0;
  do {
    error = fd_readdir(fd, buffer, sizeof buffer, cookie, &used);
    if (error) show("readdir", (u32)error);
    u32 at = 0;
    while (at + sizeof(struct dirent) <= used) {
      struct dirent d;
      __builtin_memcpy(&d, buffer + at, sizeof d);
      if (at + sizeof d + d.length > used) break;
      count++;
      bytes += d.length;
      cookie = d.next;
      at += sizeof d + d.length;
    }
  } while (used == sizeof buffer);
  show("entries", count);
  show("bytes of names", bytes);
  fd_close(fd);
}

void _start(void) {
  struct filestat st;
  char text[32];
  u32 n, fd;
  CALL(path_create_directory(3, P("d")));
  CALL(path_create_directory(3, P("d")));
  CALL(path_create_directory(3, P("d/e")));
  CALL(path_create_directory(3, P("no/e")));
  make_file("d/file", "text");
  list("d");
  list("d/file");
  CALL(path_filestat_get(3, 0, P("d/file"), &st));
  show("size", st.size);
  CALL(path_filestat_get(3, 0, P("d/e/../file"), &st));
  CALL(path_filestat_get(3, 0, P(""), &st));
  CALL(path_filestat_get(3, 0, P("d/file/"), &st));
  CALL(path_filestat_get(3, 0, "d\0file", 6, &st));
  CALL(path_symlink(P("file"), 3, P("d/link")));
  CALL(path_symlink(P("../d/file"), 3, P("d/upandback")));
  CALL(path_symlink(P("../../.."), 3, P("d/away")));
  CALL(path_readlink(3, P("d/link"), text, sizeof text, &n));
  put(text, n);
  print("\n");
  CALL(path_readlink(3, P("d/link"), text, 2, &n));
  show("bytes", n);
  CALL(path_readlink(3, P("d/file"), text, sizeof text, &n));
  CALL(path_filestat_get(3, 0, P("d/link"), &st));
  show("type", st.type);
  CALL(path_filestat_get(3, 1, P("d/link"), &st));
  show("type", st.type);
  CALL(path_open(3, 0, P("d/link"), 0, R_READ, 0, 0, &fd));
  CALL(path_open(3, 1, P("d/upandback"), 0, R_READ, 0, 0, &fd));
  CALL(path_link(3, 0, P("d/file"), 3, P("d/hard")));
  CALL(path_filestat_get(3, 0, P("d/hard"), &st));
  show("nlink", st.nlink);
  CALL(path_rename(3, P("d/hard"), 3, P("moved")));
  CALL(path_rename(3, P("d/hard"), 3, P("moved")));
  CALL(path_filestat_set_times(3, 0, P("moved"), 0, 5000000000ull, 4));
  CALL(path_filestat_get(3, 0, P("moved"), &st));
  show("mtim", st.mtim);
  CALL(path_open(3, 0, P("moved"), O_CREAT | O_EXCL, R_READ, 0, 0, &fd));
  CALL(path_open(3, 0, P("moved"), O_DIRECTORY, R_READ, 0, 0, &fd));
  CALL(path_open(3, 0, P("missing"), 0, R_READ, 0, 0, &fd));
  CALL(path_open(3, 0, P("moved"), O_TRUNC, R_READ | R_WRITE, 0, 0, &fd));
  CALL(path_filestat_get(3, 0, P("moved"), &st));
  show("size", st.size);
  CALL(path_unlink_file(3, P("d/e")));
  CALL(path_remove_directory(3, P("d")));
  CALL(path_remove_directory(3, P("moved")));
  CALL(path_remove_directory(3, P("d/e")));
  CALL(path_unlink_file(3, P("moved")));
  CALL(path_unlink_file(3, P("d/link")));
  CALL(path_unlink_file(3, P("d/upandback")));
  CALL(path_unlink_file(3, P("d/file")));
  CALL(path_unlink_file(3, P("d/away")));
  CALL(path_remove_directory(3, P("d")));
  CALL(path_unlink_file(77, P("d")));
}
