/* vfork + exec of PROGRAM + wait. */
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
		pid_t child = vfork();
		if (child == 0) {
			execl(program, program, NULL);
			_exit(127);
		}
		reap(MUST(child));
	}
}
