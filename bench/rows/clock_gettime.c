#include "bench.h"

static void setup(char **arguments) {}

static void run(long count)
{
	struct timespec now;
	while (count--) clock_gettime(CLOCK_MONOTONIC, &now);
}
