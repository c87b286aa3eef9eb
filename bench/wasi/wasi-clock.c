#include "wasi.h"

static void setup(void) {}

static void run(uint64_t count)
{
	uint64_t time;
	while (count--) MUST(clock_time_get(CLOCK_MONOTONIC, 1, &time));
}
