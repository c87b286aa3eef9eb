/* A daemon: it forks so as not to lead a process group, becomes the leader of a session without a terminal (setsid(2)),
   forks again so that it can never get one, and leaves directory and descriptors behind. This one writes one line to
   a file and ends. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* Goes on in a child; the parent ends. */
static void leave_parent(void)
{
	pid_t pid = fork();
	if (pid == -1) fail("fork");
	if (pid > 0) _exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/tmp/daemon.log";
	FILE *log = fopen(path, "w");
	if (!log) fail(path);

	leave_parent();
	if (setsid() == -1) fail("setsid");
	leave_parent();
	umask(0);
	if (chdir("/") == -1) fail("chdir");

	int null = open("/dev/null", O_RDWR);
	if (null == -1) fail("/dev/null");
	for (int fd = 0; fd <= 2; fd++) dup2(null, fd);

	fprintf(log, "daemon: pid %d in session %d, %s terminal\n", getpid(), getsid(0),
		open("/dev/tty", O_RDWR) == -1 ? "no" : "with a");
	fclose(log);
	return EXIT_SUCCESS;
}
