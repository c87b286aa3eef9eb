/*
 * A program that can fork, as most that do more than compute: start_other() is what system() is in a C library that knows
 * fork alone.
 */
#include <sys/wait.h>
#include <unistd.h>

static int __attribute__((noinline)) start_other(const char *command)
{
	int status = -1;
	pid_t child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)0);
		_exit(127);
	}
	if (child > 0) waitpid(child, &status, 0);
	return status;
}
