/*
 * What the rows of WASI are written with: WebAssembly without a C library, and the same protocol as rows/bench.h. For each count that
 * comes on standard input, one a line, that many iterations are run and answered with their nanoseconds.
 */
#include <stddef.h>
#include <stdint.h>

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int name

struct iovec {
	void *base;
	size_t length;
};

WASI(fd_read)(int fd, const struct iovec *parts, size_t count, size_t *done);
WASI(fd_write)(int fd, const struct iovec *parts, size_t count, size_t *done);
WASI(fd_pread)(int fd, const struct iovec *parts, size_t count, uint64_t offset, size_t *done);
WASI(fd_pwrite)(int fd, const struct iovec *parts, size_t count, uint64_t offset, size_t *done);
WASI(path_open)(int fd, int lookup, const char *path, size_t length, int how, uint64_t rights, uint64_t inheriting, int flags, int *opened);
WASI(clock_time_get)(int clock, uint64_t precision, uint64_t *time);
WASI(random_get)(void *to, size_t length);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_exit"), noreturn)) void proc_exit(int status);

#define CLOCK_MONOTONIC 1
#define CREATE 1
#define RIGHT_READ 2
#define RIGHT_SEEK 4
#define RIGHT_WRITE 64
#define PREOPENED 3

/* Where an error leads: the number is what the call gave. */
#define MUST(call) \
	do { \
		int error = (call); \
		if (error) fail(#call, error); \
	} while (0)

static void put(int fd, const char *text)
{
	size_t length = 0, done;
	while (text[length]) length++;
	fd_write(fd, &(struct iovec){(void *)text, length}, 1, &done);
}

static const char *decimal(uint64_t value)
{
	static char text[24];
	char *at = text + sizeof text - 1;
	do *--at = (char)('0' + value % 10);
	while (value /= 10);
	return at;
}

static _Noreturn void fail(const char *call, int error)
{
	put(2, call);
	put(2, ": ");
	put(2, decimal((uint64_t)error));
	put(2, "\n");
	proc_exit(1);
}

static void setup(void);
static void run(uint64_t count);

static uint64_t now(void)
{
	uint64_t time;
	MUST(clock_time_get(CLOCK_MONOTONIC, 1, &time));
	return time;
}

/* A function of its own: V8 changes to optimised code where a function is entered, never inside its loop. */
static __attribute__((noinline)) uint64_t timed(uint64_t count)
{
	uint64_t from = now();
	run(count);
	return now() - from;
}

/* The next count, or 0 at the end of input. */
static uint64_t next_count(void)
{
	uint64_t count = 0;
	for (;;) {
		char digit;
		size_t done;
		MUST(fd_read(0, &(struct iovec){&digit, 1}, 1, &done));
		if (done == 0) return 0;
		if (digit == '\n') return count;
		count = 10 * count + (uint64_t)(digit - '0');
	}
}

void _start(void)
{
	setup();
	put(1, "ready\n");
	for (uint64_t count; (count = next_count()) > 0;) {
		const char *nanoseconds = decimal(timed(count));
		put(1, nanoseconds);
		put(1, "\n");
	}
}
