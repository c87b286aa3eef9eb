/* wait(2): how a child ended, by the macros of <sys/wait.h>. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void returns(void)
{
	_exit(7);
}

static void killed(void)
{
	raise(SIGKILL);
}

static void aborts(void)
{
	abort();
}

static void divides(void)
{
	volatile int one = 1, zero = 0; /* the compiler must not see it coming */
	_exit(one / zero);
}

static void stops(void)
{
	raise(SIGSTOP);
	_exit(0);
}

static const struct {
	const char *what;
	void (*run)(void);
} CHILDREN[] = {
	{ "returns 7", returns },
	{ "kills itself", killed },
	{ "aborts", aborts },
	{ "divides by zero", divides },
	{ "stops", stops },
};

static void report(const char *what, int status)
{
	printf("a child that %s: ", what);
	if (WIFEXITED(status)) printf("exited with %d\n", WEXITSTATUS(status));
	else if (WIFSIGNALED(status)) printf("ended by %s\n", strsignal(WTERMSIG(status)));
	else if (WIFSTOPPED(status)) printf("stopped by %s\n", strsignal(WSTOPSIG(status)));
	else if (WIFCONTINUED(status)) printf("continued\n");
}

int main(void)
{
	for (size_t i = 0; i < sizeof CHILDREN / sizeof *CHILDREN; i++) {
		fflush(stdout);
		pid_t pid = fork();
		if (pid == -1) {
			perror("fork");
			return EXIT_FAILURE;
		}
		if (pid == 0) CHILDREN[i].run();

		int status;
		if (waitpid(pid, &status, WUNTRACED) != pid) {
			perror("waitpid");
			return EXIT_FAILURE;
		}
		report(CHILDREN[i].what, status);
		if (WIFSTOPPED(status)) {
			kill(pid, SIGCONT);
			waitpid(pid, &status, 0);
			report("went on", status);
		}
	}
	return EXIT_SUCCESS;
}
