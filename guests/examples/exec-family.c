/* exec(3): six ways to become another program. l takes a list, v a vector; p searches the PATH, e takes an environment. */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char *environment[] = { "HOW=an environment of its own", NULL };

static void with_execl(void)
{
	execl("/bin/echo", "echo", "execl: a path and a list", (char *)NULL);
}

static void with_execlp(void)
{
	execlp("echo", "echo", "execlp: a name and a list", (char *)NULL);
}

static void with_execle(void)
{
	execle("/bin/sh", "sh", "-c", "echo \"execle: $HOW\"", (char *)NULL, environment);
}

static void with_execv(void)
{
	char *argv[] = { "echo", "execv: a path and a vector", NULL };
	execv("/bin/echo", argv);
}

static void with_execvp(void)
{
	char *argv[] = { "echo", "execvp: a name and a vector", NULL };
	execvp("echo", argv);
}

static void with_execvpe(void)
{
	char *argv[] = { "sh", "-c", "echo \"execvpe: $HOW\"", NULL };
	execvpe("sh", argv, environment);
}

static void (*const FAMILY[])(void) = {
	with_execl, with_execlp, with_execle, with_execv, with_execvp, with_execvpe,
};

int main(void)
{
	for (size_t i = 0; i < sizeof FAMILY / sizeof *FAMILY; i++) {
		pid_t pid = fork();
		if (pid == -1) {
			perror("fork");
			return EXIT_FAILURE;
		}
		if (pid == 0) {
			FAMILY[i]();
			perror("exec"); /* it only comes back when it failed */
			_exit(127);
		}
		waitpid(pid, NULL, 0);
	}
	return EXIT_SUCCESS;
}
