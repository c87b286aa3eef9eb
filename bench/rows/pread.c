/* BYTES from a file of 64 times as many that was just written. */
#include <fcntl.h>
#include "bench.h"

enum { BLOCKS = 64 };

static int file;
static long size;
static char *data;

static void setup(char **arguments)
{
	size = number(arguments[0]);
	data = touched(size);
	file = MUST(open("pread", O_RDWR | O_CREAT | O_TRUNC, 0600));
	for (int i = 0; i < BLOCKS; i++) MUST(write(file, data, size));
}

static void run(long count)
{
	while (count--) MUST(pread(file, data, size, size * (count % BLOCKS)));
}
