/* Little but calls, each of which could be on the stack when the program forks: the worst case for what is added to functions. */
#include "../rows/bench.h"
#include "start.h"

static volatile int depth = 20;

static void setup(char **arguments) {}

static int fibonacci(int n)
{
	if (n < 0) return start_other("echo negative");
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static void run(long count)
{
	while (count--)
		if (fibonacci(depth) != 6765) fail("fibonacci");
}
