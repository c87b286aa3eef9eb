#include "wasi.h"

static void setup(void) {}

static void run(uint64_t count)
{
	char bytes[16];
	while (count--) MUST(random_get(bytes, sizeof bytes));
}
