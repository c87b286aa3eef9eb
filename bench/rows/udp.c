/* BYTES by UDP in one process: a datagram sent and received. */
#include "bench.h"
#include <netinet/in.h>
#include <sys/socket.h>

static int from, to;
static long size;
static char *data;

static void setup(char **arguments)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	size = number(arguments[0]);
	data = touched(size);
	from = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	to = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	MUST(bind(to, (struct sockaddr *)&address, length));
	MUST(getsockname(to, (struct sockaddr *)&address, &length));
	MUST(connect(from, (struct sockaddr *)&address, length));
}

static void run(long count)
{
	while (count--) {
		MUST(write(from, data, size));
		MUST(read(to, data, size));
	}
}
