/* A call that the cold half serves and that does nothing there; on Linux getpid stands for "a call that does nothing". */
#include <sched.h>
#include "bench.h"

static void setup(char **arguments) {}

static void run(long count)
{
#ifdef __wasm__
	while (count--) sched_get_priority_max(SCHED_OTHER);
#else
	while (count--) getpid();
#endif
}
