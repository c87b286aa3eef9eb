/* A signal to oneself with a handler. */
#include <signal.h>
#include "bench.h"

static pid_t self;
static volatile long handled;

static void handler(int signo)
{
	handled++;
}

static void setup(char **arguments)
{
	struct sigaction action = {.sa_handler = handler};
	MUST(sigaction(SIGUSR1, &action, NULL));
	self = getpid();
}

static void run(long count)
{
	handled = 0;
	for (long i = 0; i < count; i++) kill(self, SIGUSR1);
	if (handled != count) fail("%ld signals of %ld were handled", handled, count);
}
