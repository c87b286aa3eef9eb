/* Thread create + join. */
#include <pthread.h>
#include "bench.h"

static void setup(char **arguments) {}

static void *nothing(void *argument)
{
	return argument;
}

static void run(long count)
{
	while (count--) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, nothing, NULL)) fail("pthread_create");
		if (pthread_join(thread, NULL)) fail("pthread_join");
	}
}
