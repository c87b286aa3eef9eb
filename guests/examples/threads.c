/* pthreads(7): tasks that share one address space. Eight of them count the primes below a limit together: each takes the
   next block of numbers under a mutex, and counts into a variable of its own. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 8, LIMIT = 200000, BLOCK = 1000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int next = 2;
static _Thread_local long mine;

static int is_prime(int n)
{
	for (int d = 2; d * d <= n; d++)
		if (n % d == 0) return 0;
	return 1;
}

static void *count(void *unused)
{
	(void)unused;
	for (;;) {
		pthread_mutex_lock(&lock);
		int from = next;
		next += BLOCK;
		pthread_mutex_unlock(&lock);
		if (from >= LIMIT) return (void *)mine;
		int to = from + BLOCK < LIMIT ? from + BLOCK : LIMIT;
		for (int n = from; n < to; n++) mine += is_prime(n);
	}
}

int main(void)
{
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, count, NULL) != 0) {
			fputs("pthread_create failed\n", stderr);
			return EXIT_FAILURE;
		}
	}
	long primes = 0;
	for (int i = 0; i < THREADS; i++) {
		void *counted;
		pthread_join(threads[i], &counted);
		primes += (long)counted;
	}
	printf("%ld primes below %d, found by %d threads\n", primes, LIMIT, THREADS);
	return EXIT_SUCCESS;
}
