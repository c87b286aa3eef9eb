/* Arguments, environment, clocks, random bytes, yielding: what does not depend on files. */
#include "../wasi.h"

void _start(void) {
  u32 count, bytes, n = 0;
  char *pointers[8], strings[256];
  u64 time, later, wall, res;
  u8 random[300];
  CALL(args_sizes_get(&count, &bytes));
  show("count", count);
  CALL(args_get(pointers, strings));
  for (u32 i = 1; i < count; i++) {
    print(pointers[i]);
    print("\n");
  }
  show("strings follow each other", pointers[0] == strings);
  CALL(environ_sizes_get(&count, &bytes));
  CALL(clock_time_get(1, 0, &time));
  CALL(sched_yield());
  CALL(clock_time_get(1, 0, &later));
  show("goes on", later >= time);
  CALL(clock_time_get(0, 0, &wall));
  show("after 2026", wall > 1767225600000000000ull);
  CALL(clock_time_get(2, 0, &time));
  CALL(clock_time_get(3, 0, &time));
  CALL(clock_res_get(1, &res));
  show("fine", res < 1000000000);
  CALL(random_get(random, sizeof random));
  CALL(random_get(random, 0));
  for (u32 i = 0; i < sizeof random; i++) n += random[i] == 0;
  show("few zeros", n < 30);
  proc_exit(7);
}
