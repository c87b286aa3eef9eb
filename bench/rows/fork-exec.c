/* fork + exec of PROGRAM + wait. */
#include "bench.h"
#include "exec.h"

static char *program;

static void setup(char **arguments)
{
	program = arguments[0];
}

static void run(long count)
{
	while (count--) {
		pid_t child = MUST(fork());
		if (child == 0) {
			execl(program, program, NULL);
			fail("exec %s", program);
		}
		reap(child);
	}
}
