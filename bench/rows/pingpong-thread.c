/* A turn to another thread and back, by a futex each. */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include "bench.h"

static atomic_int ours, theirs;

static void give(atomic_int *turn)
{
	atomic_store(turn, 1);
	MUST(syscall(SYS_futex, turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
}

static void take(atomic_int *turn)
{
	while (!atomic_exchange(turn, 0)) syscall(SYS_futex, turn, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void *other(void *nothing)
{
	for (;;) {
		take(&theirs);
		give(&ours);
	}
	return nothing;
}

static void setup(char **arguments)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, other, NULL);
	if (error) fail("pthread_create (%d)", error);
}

static void run(long count)
{
	while (count--) {
		give(&theirs);
		take(&ours);
	}
}
