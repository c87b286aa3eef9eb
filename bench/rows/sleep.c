/* flags: -Wl,-z,stack-size=16384 */
/*
 * Makes processes that sleep, until there are as many as the count says; they end with this one. The file memory-size says how
 * many bytes a process's linear memory has.
 */
#include <fcntl.h>
#include "bench.h"

static long asleep;
static int end[2];

static void setup(char **arguments)
{
	MUST(pipe(end));
}

static void run(long count)
{
	for (; asleep < count; asleep++) {
		if (MUST(fork()) == 0) {
			char byte;
			close(end[1]);
			_exit(read(end[0], &byte, 1) != 0);
		}
	}
#ifdef __wasm__
	int file = MUST(open("memory-size", O_WRONLY | O_CREAT | O_TRUNC, 0600));
	dprintf(file, "%zu\n", (size_t)__builtin_wasm_memory_size(0) * 65536);
	close(file);
#endif
}
