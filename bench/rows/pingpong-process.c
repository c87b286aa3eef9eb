/* One byte to another process and back, through two pipes. */
#include "bench.h"

static int there[2], back[2];

static void setup(char **arguments)
{
	MUST(pipe(there));
	MUST(pipe(back));
	if (MUST(fork()) == 0) {
		char byte;
		close(there[1]);
		close(back[0]);
		while (read(there[0], &byte, 1) == 1) MUST(write(back[1], &byte, 1));
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
}

static void run(long count)
{
	char byte = 'x';
	while (count--) {
		MUST(write(there[1], &byte, 1));
		if (read(back[0], &byte, 1) != 1) fail("the other process is gone");
	}
}
