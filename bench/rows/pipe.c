/* BYTES through a pipe in one process: a write and a read. */
#include "bench.h"

static int ends[2];
static long size;
static char *data;

static void setup(char **arguments)
{
	size = number(arguments[0]);
	data = touched(size);
	MUST(pipe(ends));
}

static void run(long count)
{
	while (count--) {
		MUST(write(ends[1], data, size));
		MUST(read(ends[0], data, size));
	}
}
