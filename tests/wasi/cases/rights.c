/* Rights: what is not granted can not be done, and what is given up does not come back. */
#include "../wasi.h"

static void rights(const char *what, u32 fd) {
  struct fdstat fs;
  show(what, (u32)fd_fdstat_get(fd, &fs));
  show("  type", fs.type);
  show("  flags", fs.flags);
  show("  base", fs.base);
  show("  inheriting", fs.inheriting);
}

void _start(void) {
  u32 fd, other, n;
  u64 at;
  char text[4];
  struct iovec part = {text, sizeof text};
  struct filestat st;
  rights("preopen", 3);
  CALL(path_open(3, 0, P("file"), O_CREAT, R_READ | R_TELL, 0, APPEND | SYNC, &fd));
  rights("file", fd);
  CALL(fd_read(fd, &part, 1, &n));
  CALL(fd_write(fd, &part, 1, &n));
  CALL(fd_seek(fd, 0, 0, &at));
  CALL(fd_seek(fd, 0, 1, &at));
  CALL(fd_tell(fd, &at));
  CALL(fd_pread(fd, &part, 1, 0, &n));
  CALL(fd_filestat_get(fd, &st));
  CALL(fd_filestat_set_size(fd, 1));
  CALL(fd_filestat_set_times(fd, 0, 0, 0));
  CALL(fd_sync(fd));
  CALL(fd_datasync(fd));
  CALL(fd_advise(fd, 0, 0, 0));
  CALL(fd_allocate(fd, 0, 1));
  CALL(fd_fdstat_set_flags(fd, 0));
  CALL(fd_readdir(fd, text, 4, 0, &n));
  CALL(path_open(fd, 0, P("x"), 0, 0, 0, 0, &other));
  CALL(fd_fdstat_set_rights(fd, R_READ | R_WRITE, 0));
  CALL(fd_fdstat_set_rights(fd, R_READ, 0));
  CALL(fd_tell(fd, &at));
  CALL(fd_fdstat_set_rights(fd, R_READ | R_TELL, 0));
  CALL(fd_close(fd));

  CALL(path_create_directory(3, P("d")));
  CALL(path_open(3, 0, P("d"), O_DIRECTORY, R_OPEN | R_SEEK, R_READ | R_FILESTAT_GET, 0, &fd));
  rights("directory", fd);
  CALL(path_open(fd, 0, P("new"), O_CREAT, R_READ, 0, 0, &other));
  CALL(path_create_directory(fd, P("e")));
  make_file("d/f", "text");
  CALL(path_open(fd, 0, P("f"), 0, R_READ | R_WRITE, 0, 0, &other));
  CALL(path_open(fd, 0, P("f"), O_TRUNC, R_READ, 0, 0, &other));
  CALL(path_open(fd, 0, P("f"), 0, R_READ, 0, SYNC, &other));
  CALL(path_open(fd, 0, P("f"), 0, R_READ, 0, 0, &other));
  rights("beneath", other);
  CALL(fd_close(other));
  CALL(fd_seek(fd, 0, 1, &at));
  CALL(fd_read(fd, &part, 1, &n));
  CALL(path_unlink_file(fd, P("f")));
  CALL(fd_close(fd));

  fd = open_file("a", O_CREAT);
  other = open_file("b", O_CREAT);
  write_to(fd, "of a");
  CALL(fd_renumber(fd, other));
  CALL(fd_tell(fd, &at));
  CALL(fd_tell(other, &at));
  show("at", at);
  CALL(fd_renumber(other, fd));
  CALL(fd_renumber(other, 500));
  CALL(fd_renumber(other, other));
  CALL(fd_close(other));
  CALL(sock_shutdown(3, 3));
  CALL(sock_shutdown(99, 3));
  CALL(path_unlink_file(3, P("a")));
  CALL(path_unlink_file(3, P("b")));
  CALL(path_unlink_file(3, P("file")));
  CALL(path_unlink_file(3, P("d/f")));
  CALL(path_remove_directory(3, P("d")));
}
