/* BYTES to another process over TCP: written here and read there, one piece after the other without an answer. */
#include "bench.h"
#include "tcp.h"

static int end;
static long size;
static char *data;

/* Reads as many pieces as it is told to, then says so. */
static void consume(int fd)
{
	long count;
	while (read(fd, &count, sizeof count) == sizeof count) {
		for (long left = count * size; left > 0;) {
			ssize_t got = MUST(read(fd, data, left < size ? left : size));
			if (got == 0) _exit(1);
			left -= got;
		}
		MUST(write(fd, "x", 1));
	}
	_exit(0);
}

static void setup(char **arguments)
{
	int ends[2];
	size = number(arguments[0]);
	data = touched(size);
	tcp_pair(ends);
	if (MUST(fork()) == 0) {
		close(ends[0]);
		consume(ends[1]);
	}
	close(ends[1]);
	end = ends[0];
}

static void run(long count)
{
	char byte;
	MUST(write(end, &count, sizeof count));
	while (count--)
		for (long done = 0; done < size;) done += MUST(write(end, data + done, size - done));
	if (MUST(read(end, &byte, 1)) != 1) fail("the other process is gone");
}
