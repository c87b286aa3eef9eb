/* Two processes that hand the CPU to each other: an iteration is a switch. */
#include <sched.h>
#include "bench.h"

static int orders[2];

static void setup(char **arguments)
{
	MUST(pipe(orders));
	if (MUST(fork()) == 0) {
		long count;
		close(orders[1]);
		while (read(orders[0], &count, sizeof count) == sizeof count)
			while (count--) sched_yield();
		_exit(0);
	}
	close(orders[0]);
}

static void run(long count)
{
	long each = count / 2;
	MUST(write(orders[1], &each, sizeof each));
	while (each--) sched_yield();
}
