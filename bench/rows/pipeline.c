/* Throughput of a pipeline: one process writes, one passes on, this one reads. An iteration is 1 MiB in pieces of 64 KiB. */
#include "bench.h"

enum { PIECE = 65536, MIB = 1 << 20 };

static char data[PIECE];
static int order, output;

static void write_all(int fd)
{
	for (ssize_t done = 0; done < PIECE;) done += MUST(write(fd, data + done, PIECE - done));
}

/* Writes a MiB for each byte that it is sent. */
static void produce(int orders, int to)
{
	char byte;
	while (read(orders, &byte, 1) == 1)
		for (int i = 0; i < MIB / PIECE; i++) write_all(to);
	_exit(0);
}

static void pass_on(int from, int to)
{
	for (ssize_t got; (got = MUST(read(from, data, PIECE))) > 0;)
		for (ssize_t done = 0; done < got;) done += MUST(write(to, data + done, got - done));
	_exit(0);
}

static void setup(char **arguments)
{
	int orders[2], middle[2], end[2];
	MUST(pipe(orders));
	MUST(pipe(middle));
	MUST(pipe(end));
	if (MUST(fork()) == 0) {
		close(orders[1]);
		produce(orders[0], middle[1]);
	}
	close(middle[1]);
	if (MUST(fork()) == 0) {
		close(orders[1]);
		pass_on(middle[0], end[1]);
	}
	close(end[1]);
	order = orders[1];
	output = end[0];
}

static void run(long count)
{
	while (count--) {
		MUST(write(order, "x", 1));
		for (long left = MIB; left > 0;) {
			ssize_t got = MUST(read(output, data, PIECE));
			if (got == 0) fail("the pipeline is broken");
			left -= got;
		}
	}
}
