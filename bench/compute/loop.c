/* Little but loops of few instructions: the worst case for what is added to loops. */
#include "../rows/bench.h"
#include "start.h"

static volatile unsigned limit = 1000;

static void setup(char **arguments)
{
	if (arguments[0]) start_other(arguments[0]);
}

/* How long the longest Collatz sequence is that starts below `limit`. */
static int __attribute__((noinline)) longest(void)
{
	int most = 0;
	for (unsigned start = 1, end = limit; start < end; start++) {
		int steps = 0;
		for (unsigned n = start; n != 1; steps++) n = n & 1 ? 3 * n + 1 : n / 2;
		if (steps > most) most = steps;
	}
	return most;
}

static void run(long count)
{
	while (count--)
		if (longest() != 178) fail("longest");
}
