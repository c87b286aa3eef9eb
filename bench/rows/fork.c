/* fork + exit + wait, in a program that has used BYTES. */
#include <sys/wait.h>
#include "bench.h"

static void setup(char **arguments)
{
	touched(number(arguments[0]));
}

static void run(long count)
{
	while (count--) {
		int status;
		pid_t child = MUST(fork());
		if (child == 0) _exit(0);
		MUST(waitpid(child, &status, 0));
		if (status) fail("a child ended with status %#x", status);
	}
}
