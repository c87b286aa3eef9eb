/* BYTES to /dev/null. */
#include <fcntl.h>
#include "bench.h"

static int null;
static long size;
static char *data;

static void setup(char **arguments)
{
	size = number(arguments[0]);
	data = touched(size);
	null = MUST(open("/dev/null", O_WRONLY));
}

static void run(long count)
{
	while (count--) MUST(write(null, data, size));
}
