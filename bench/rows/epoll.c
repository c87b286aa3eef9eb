/* epoll_wait for one of DESCRIPTORS + 1 eventfds, the others being idle: write, epoll_wait, read. */
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include "bench.h"

static int epoll, busy;

static int add(void)
{
	int fd = MUST(eventfd(0, EFD_NONBLOCK));
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	return fd;
}

static void setup(char **arguments)
{
	struct rlimit limit;
	MUST(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max;
	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	epoll = MUST(epoll_create1(0));
	for (long i = number(arguments[0]); i > 0; i--) add();
	busy = add();
}

static void run(long count)
{
	uint64_t value = 1;
	struct epoll_event event;
	while (count--) {
		MUST(write(busy, &value, sizeof value));
		if (epoll_wait(epoll, &event, 1, -1) != 1 || event.data.fd != busy) fail("epoll_wait");
		MUST(read(busy, &value, sizeof value));
	}
}
