#include "bench.h"

static void setup(char **arguments) {}

static void run(long count)
{
	while (count--) MUST(close(MUST(dup(0))));
}
