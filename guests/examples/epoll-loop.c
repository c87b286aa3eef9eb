/* epoll(7): one process that waits for many descriptors at once. Children write to pipes in their own time; the loop
   reads whatever is ready and ends when every pipe has. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 4, EVENTS = 8 };

static void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* Starts a child that writes `lines` lines, and returns the end of the pipe to read them from. */
static int start(int number, int lines)
{
	int ends[2];
	if (pipe(ends) == -1) fail("pipe");
	switch (fork()) {
	case -1:
		fail("fork");
		break;
	case 0:
		close(ends[0]);
		for (int i = 1; i <= lines; i++) {
			usleep(1000 * number);
			dprintf(ends[1], "%d", number);
		}
		_exit(EXIT_SUCCESS);
	}
	close(ends[1]);
	return ends[0];
}

int main(void)
{
	int poll = epoll_create1(EPOLL_CLOEXEC);
	if (poll == -1) fail("epoll_create1");

	int counts[CHILDREN] = { 0 };
	int fds[CHILDREN];
	for (int i = 0; i < CHILDREN; i++) {
		fds[i] = start(i + 1, 3 * (CHILDREN - i));
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };
		if (epoll_ctl(poll, EPOLL_CTL_ADD, fds[i], &event) == -1) fail("epoll_ctl");
	}

	for (int open = CHILDREN; open > 0;) {
		struct epoll_event events[EVENTS];
		int ready = epoll_wait(poll, events, EVENTS, -1);
		if (ready == -1) fail("epoll_wait");
		for (int i = 0; i < ready; i++) {
			int which = events[i].data.u32;
			char buffer[64];
			ssize_t got = read(fds[which], buffer, sizeof buffer);
			if (got == -1) fail("read");
			counts[which] += got;
			if (got == 0) {
				/* Closing alone would not do: later children have the pipe open as well. */
				if (epoll_ctl(poll, EPOLL_CTL_DEL, fds[which], NULL) == -1) fail("epoll_ctl");
				close(fds[which]);
				open--;
			}
		}
	}

	for (int i = 0; i < CHILDREN; i++) printf("child %d wrote %d times\n", i + 1, counts[i]);
	while (wait(NULL) > 0) continue;
	return EXIT_SUCCESS;
}
