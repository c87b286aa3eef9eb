/* A token on its way around a ring of PROCESSES. An iteration is one hop. */
#include "bench.h"

static long processes;
static int first, last;

static void setup(char **arguments)
{
	int ends[2], input;
	processes = number(arguments[0]);
	MUST(pipe(ends));
	first = ends[1];
	input = ends[0];
	for (long i = 1; i < processes; i++) {
		MUST(pipe(ends));
		if (MUST(fork()) == 0) {
			char token;
			close(first);
			close(ends[0]);
			while (read(input, &token, 1) == 1) MUST(write(ends[1], &token, 1));
			_exit(0);
		}
		close(input);
		close(ends[1]);
		input = ends[0];
	}
	last = input;
}

static void run(long count)
{
	char token = 'x';
	for (; count > 0; count -= processes) {
		MUST(write(first, &token, 1));
		if (read(last, &token, 1) != 1) fail("the ring is broken");
	}
}
