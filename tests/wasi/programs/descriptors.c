/* Lists its descriptors up to 63: the names of preopened directories, and the types of the others. */
#include "../wasi.h"

void _start(void) {
  char name[256];
  struct prestat st;
  struct fdstat fs;
  for (u32 fd = 0; fd < 64; fd++) {
    if (fd_prestat_get(fd, &st) == 0) {
      fd_prestat_dir_name(fd, name, sizeof name);
      print("preopen ");
      put(name, st.length);
      print("\n");
    } else if (fd_fdstat_get(fd, &fs) == 0) {
      print("type ");
      number(fs.type);
      print("\n");
    }
  }
}
