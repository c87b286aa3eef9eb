/* BYTES through an AF_UNIX stream in one process, there and back: two writes and two reads. */
#include <sys/socket.h>
#include "bench.h"

static int ends[2];
static long size;
static char *data;

static void setup(char **arguments)
{
	size = number(arguments[0]);
	data = touched(size);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static void run(long count)
{
	while (count--) {
		MUST(write(ends[0], data, size));
		MUST(read(ends[1], data, size));
		MUST(write(ends[1], data, size));
		MUST(read(ends[0], data, size));
	}
}
