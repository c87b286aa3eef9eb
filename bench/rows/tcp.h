/* A TCP connection over the loopback interface, for rows about it. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static struct sockaddr_in address;

/* Listens on a port that the kernel chooses; `address` is then its name. */
static int tcp_listener(void)
{
	socklen_t length = sizeof address;
	int listener = MUST(socket(AF_INET, SOCK_STREAM, 0));
	address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	MUST(bind(listener, (struct sockaddr *)&address, length));
	MUST(getsockname(listener, (struct sockaddr *)&address, &length));
	MUST(listen(listener, 16));
	return listener;
}

static int tcp_client(void)
{
	int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(connect(fd, (struct sockaddr *)&address, sizeof address));
	return fd;
}

/* Both ends of a connection, which sends small pieces at once. */
static inline void tcp_pair(int ends[2])
{
	int listener = tcp_listener(), on = 1;
	ends[0] = tcp_client();
	ends[1] = MUST(accept(listener, NULL, NULL));
	close(listener);
	for (int i = 0; i < 2; i++) MUST(setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}
