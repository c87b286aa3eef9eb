/* A shell loop of TURNS, each starting TRUE: shell-true SHELL TRUE TURNS. */
#include "bench.h"
#include "exec.h"

static char *shell, script[512];

static void setup(char **arguments)
{
	shell = arguments[0];
	snprintf(script, sizeof script, "i=0; while [ $i -lt %ld ]; do %s; i=$((i+1)); done", number(arguments[2]), arguments[1]);
}

static void run(long count)
{
	while (count--) {
		pid_t child = vfork();
		if (child == 0) {
			execl(shell, "sh", "-c", script, NULL);
			_exit(127);
		}
		reap(MUST(child));
	}
}
