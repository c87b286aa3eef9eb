/* Maps BYTES of memory, uses the first, and unmaps them. */
#include <sys/mman.h>
#include "bench.h"

static long size;

static void setup(char **arguments)
{
	size = number(arguments[0]);
}

static void run(long count)
{
	while (count--) {
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED) fail("mmap");
		*(volatile char *)memory = 1;
		MUST(munmap(memory, size));
	}
}
