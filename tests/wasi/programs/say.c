/* Shows its arguments and its environment; the last argument is its exit code. */
#include "../wasi.h"

void _start(void) {
  static char *pointers[64], strings[4096];
  u32 count, bytes, status = 0;
  args_sizes_get(&count, &bytes);
  args_get(pointers, strings);
  for (u32 i = 0; i < count; i++) {
    print("[");
    print(pointers[i]);
    print("]");
  }
  for (const char *c = pointers[count - 1]; *c >= '0' && *c <= '9'; c++) status = status * 10 + (u32)(*c - '0');
  print("\n");
  environ_sizes_get(&count, &bytes);
  environ_get(pointers, strings);
  for (u32 i = 0; i < count; i++) {
    print("{");
    print(pointers[i]);
    print("}");
  }
  print("\n");
  proc_exit(status);
}
