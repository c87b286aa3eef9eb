/* No path leads out of the directory that it begins at: every way there is says NOTCAPABLE (76). */
#include "../wasi.h"

void _start(void) {
  struct filestat st;
  u32 fd;
  CALL(path_create_directory(3, P("d")));
  CALL(path_symlink(P("../.."), 3, P("d/up")));
  CALL(path_symlink(P("/etc"), 3, P("d/absolute")));
  make_file("file", "x");
  CALL(path_open(3, 1, P("/etc/passwd"), 0, R_READ, 0, 0, &fd));
  CALL(path_open(3, 1, P("../etc/passwd"), 0, R_READ, 0, 0, &fd));
  CALL(path_open(3, 1, P("d/../../etc/passwd"), 0, R_READ, 0, 0, &fd));
  CALL(path_open(3, 1, P("d/up/etc/passwd"), 0, R_READ, 0, 0, &fd));
  CALL(path_open(3, 1, P(".."), O_DIRECTORY, R_READ, 0, 0, &fd));
  CALL(path_open(3, 1, P("../new"), O_CREAT, R_READ, 0, 0, &fd));
  CALL(path_open(3, 1, P("d/up"), O_DIRECTORY, R_READ, 0, 0, &fd));
  CALL(path_filestat_get(3, 1, P(".."), &st));
  CALL(path_filestat_get(3, 1, P("/"), &st));
  CALL(path_filestat_get(3, 1, P("d/up"), &st));
  CALL(path_filestat_set_times(3, 1, P("../tmp"), 0, 0, 4));
  CALL(path_create_directory(3, P("../new")));
  CALL(path_remove_directory(3, P("../tmp")));
  CALL(path_unlink_file(3, P("../etc/passwd")));
  CALL(path_rename(3, P("file"), 3, P("../file")));
  CALL(path_rename(3, P("../etc/passwd"), 3, P("passwd")));
  CALL(path_link(3, 0, P("../etc/passwd"), 3, P("passwd")));
  CALL(path_symlink(P("x"), 3, P("../x")));
  CALL(path_readlink(3, P("../etc/mtab"), (char *)&st, sizeof st, &fd));
  CALL(path_open(3, 0, P("d"), O_DIRECTORY, R_READ, 0, 0, &fd));
  CALL(path_filestat_get(3, 0, P("d/../file"), &st));
  CALL(path_unlink_file(3, P("d/up")));
  CALL(path_remove_directory(3, P("d")));
  CALL(path_unlink_file(3, P("file")));
}
