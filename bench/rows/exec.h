/* Waits for a child that executed a program. */
#include <sys/wait.h>

static inline void reap(pid_t child)
{
	int status;
	MUST(waitpid(child, &status, 0));
	if (status) fail("the program ended with status %#x", status);
}
