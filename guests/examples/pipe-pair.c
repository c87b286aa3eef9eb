/* pipe(2): bytes from one process to another. The reader sees the end when the last writer has closed its end. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void child(int from)
{
	char c;
	while (read(from, &c, 1) == 1) {
		c = toupper((unsigned char)c);
		if (write(STDOUT_FILENO, &c, 1) != 1) fail("write");
	}
	exit(EXIT_SUCCESS);
}

int main(void)
{
	int ends[2];
	if (pipe(ends) == -1) fail("pipe");

	pid_t pid = fork();
	if (pid == -1) fail("fork");
	if (pid == 0) {
		close(ends[1]); /* or the child would wait for itself to write */
		child(ends[0]);
	}

	close(ends[0]);
	if (dprintf(ends[1], "a line through a pipe\n") < 0) fail("dprintf");
	close(ends[1]);
	if (waitpid(pid, NULL, 0) == -1) fail("waitpid");
	return EXIT_SUCCESS;
}
