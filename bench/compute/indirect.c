/* Little but calls through pointers, of the type that a function has which forks: nothing tells that it is not the one called. */
#include "../rows/bench.h"
#include "start.h"

typedef int operation(int);

static int add(int x) { return x + 7; }
static int xor(int x) { return x ^ 0x5a5a; }
static int twice(int x) { return x * 2; }
static int half(int x) { return x / 2; }
static int shell(int x) { return start_other("echo indirect") + x; }

static operation *const operations[] = {add, xor, twice, half, shell};
static unsigned char program[4096];

static void setup(char **arguments)
{
	unsigned state = 1;
	for (size_t i = 0; i < sizeof program; i++) program[i] = (state = state * 1103515245u + 12345u) >> 24 & 3;
	if (arguments[0]) program[0] = 4;
}

static void run(long count)
{
	int x = 1;
	while (count--)
		for (size_t i = 0; i < sizeof program; i++) x = operations[program[i]](x);
	if (x == 0x12345678) fail("x");
}
