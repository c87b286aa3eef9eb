/*
 * A TCP connection in one process: socket, connect, accept, and both ends closed. The client's end is closed by a reset: thousands of connections
 * that wait for their ports to be free again would be a row of their own.
 */
#include "bench.h"
#include "tcp.h"

static int listener;

static void setup(char **arguments)
{
	(void)arguments;
	listener = tcp_listener();
}

static void run(long count)
{
	struct linger hard = { .l_onoff = 1 };
	while (count--) {
		int client = tcp_client();
		int server = MUST(accept(listener, NULL, NULL));
		MUST(setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard));
		MUST(close(client));
		MUST(close(server));
	}
}
