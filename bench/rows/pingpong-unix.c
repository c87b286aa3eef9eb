/* 1 byte to another process and back, over a connected AF_UNIX stream. */
#include <sys/socket.h>
#include "bench.h"

static int end;

static void setup(char **arguments)
{
	int ends[2];
	(void)arguments;
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	if (MUST(fork()) == 0) {
		char byte;
		close(ends[0]);
		while (read(ends[1], &byte, 1) == 1) MUST(write(ends[1], &byte, 1));
		_exit(0);
	}
	close(ends[1]);
	end = ends[0];
}

static void run(long count)
{
	char byte = 'x';
	while (count--) {
		MUST(write(end, &byte, 1));
		if (MUST(read(end, &byte, 1)) != 1) fail("the other process is gone");
	}
}
