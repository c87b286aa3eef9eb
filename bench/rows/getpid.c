/* The cheapest call there is. */
#include "bench.h"

static void setup(char **arguments) {}

static void run(long count)
{
	while (count--) getpid();
}
