/*
 * What every row is written with. A row defines setup() and run(), and includes this file first.
 *
 * The program stays alive between rounds, so that what setup() made (descriptors, processes, files) is made once and
 * V8's optimising compiler has its time: for each count that it reads on standard input, one a line, it runs that many
 * iterations and answers with their nanoseconds. By hand: echo 1000000 | ./row
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Ends the row: the runner shows the line. */
static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vdprintf(2, format, ap);
	va_end(ap);
	dprintf(2, ": %s\n", strerror(errno));
	_exit(1);
}

/* A call that must not fail. */
#define MUST(call) must((long)(call), #call)
static inline long must(long result, const char *call)
{
	if (result == -1) fail("%s", call);
	return result;
}

/* An argument of the row that is a number, such as a size in bytes. */
static inline long number(const char *argument)
{
	if (!argument) fail("an argument is missing");
	return strtol(argument, NULL, 10);
}

/* Memory that the program uses: every page is written to, and the compiler does not see that nobody reads it. */
static inline void *touched(size_t size)
{
	char *memory = malloc(size);
	if (!memory) fail("malloc of %zu bytes", size);
	memset(memory, 'x', size);
	__asm__ volatile("" : : "r"(memory) : "memory");
	return memory;
}

static void setup(char **arguments);
static void run(long count);

/* A function of its own: V8 changes to optimised code where a function is entered, never inside its loop. */
static long long __attribute__((noinline)) timed(long count)
{
	struct timespec from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	run(count);
	clock_gettime(CLOCK_MONOTONIC, &to);
	return (to.tv_sec - from.tv_sec) * 1000000000LL + (to.tv_nsec - from.tv_nsec);
}

/* The next count, or 0 at the end of input. */
static long next_count(void)
{
	char line[32];
	for (size_t length = 0; length < sizeof line - 1; length++) {
		ssize_t got = read(0, line + length, 1);
		if (got < 0 && errno == EINTR) length--;
		else if (got <= 0) return 0;
		else if (line[length] == '\n') {
			line[length] = 0;
			return strtol(line, NULL, 10);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	setup(argv + 1);
	dprintf(1, "ready\n");
	for (long count; (count = next_count()) > 0;) dprintf(1, "%lld\n", timed(count));
	return 0;
}
