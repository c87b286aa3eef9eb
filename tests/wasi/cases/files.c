/* Reading, writing, positions, sizes, times and flags of a file. */
#include "../wasi.h"

static void read_back(u32 fd, u64 offset) {
  char a[4], b[16];
  struct iovec parts[] = {{a, sizeof a}, {0, 0}, {b, sizeof b}};
  u32 n = 0;
  CALL(fd_pread(fd, parts, 3, offset, &n));
  show("read", n);
  put(a, n < 4 ? n : 4);
  if (n > 4) put(b, n - 4);
  print("\n");
}

void _start(void) {
  struct filestat st;
  struct fdstat fs;
  u64 at;
  u32 n;
  u32 fd = open_file("file", O_CREAT | O_EXCL);
  show("wrote", write_to(fd, "hello, world"));
  struct iovec many[] = {{"one", 3}, {"", 0}, {" two", 4}};
  CALL(fd_write(fd, many, 3, &n));
  show("count", n);
  CALL(fd_write(fd, many, 0, &n));
  show("count", n);
  read_back(fd, 0);
  read_back(fd, 10);
  read_back(fd, 1000);
  CALL(fd_tell(fd, &at));
  show("at", at);
  CALL(fd_seek(fd, -3, 2, &at));
  show("at", at);
  CALL(fd_seek(fd, 1, 1, &at));
  show("at", at);
  CALL(fd_seek(fd, 2, 0, &at));
  show("at", at);
  CALL(fd_seek(fd, -1, 0, &at));
  CALL(fd_seek(fd, 0, 3, &at));
  struct iovec x = {"XX", 2};
  CALL(fd_pwrite(fd, &x, 1, 20, &n));
  read_back(fd, 14);
  CALL(fd_filestat_get(fd, &st));
  show("size", st.size);
  show("type", st.type);
  show("nlink", st.nlink);
  CALL(fd_filestat_set_size(fd, 5));
  CALL(fd_filestat_get(fd, &st));
  show("size", st.size);
  CALL(fd_allocate(fd, 0, 100));
  CALL(fd_filestat_get(fd, &st));
  show("size", st.size);
  CALL(fd_filestat_set_times(fd, 1000000000000ull, 2000000000000ull, 1 | 4));
  CALL(fd_filestat_get(fd, &st));
  show("atim", st.atim);
  show("mtim", st.mtim);
  CALL(fd_filestat_set_times(fd, 0, 0, 1 | 2));
  CALL(fd_advise(fd, 0, 0, 3));
  CALL(fd_advise(fd, 0, 0, 9));
  CALL(fd_sync(fd));
  CALL(fd_datasync(fd));
  CALL(fd_fdstat_get(fd, &fs));
  show("type", fs.type);
  CALL(fd_fdstat_set_flags(fd, APPEND));
  CALL(fd_seek(fd, 0, 0, &at));
  show("wrote", write_to(fd, "end"));
  CALL(fd_tell(fd, &at));
  show("at", at);
  CALL(fd_close(fd));
  CALL(fd_close(fd));
  CALL(fd_close(1000));
  CALL(fd_close(-1));
  CALL(path_unlink_file(3, P("file")));
}
