/* setjmp, sigsetjmp and longjmp as the imports that WALI's programs have. Every line that is printed ends a step. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WALI(name) __attribute__((import_module("wali"), import_name(name)))
WALI("setjmp") __attribute__((returns_twice)) int wali_setjmp(void *);
WALI("sigsetjmp") __attribute__((returns_twice)) int wali_sigsetjmp(void *, int);
WALI("longjmp") _Noreturn void wali_longjmp(void *, int);

static jmp_buf top, other;

static int descend(int depth)
{
	volatile char frame[100];
	frame[0] = depth;
	if (depth == 0) wali_longjmp(top, 42);
	return descend(depth - 1) + frame[0];
}

static void values(void)
{
	volatile int round = 0;
	int value = wali_setjmp(top);
	printf("value %d in round %d\n", value, round);
	switch (round++) {
	case 0: descend(20);
	case 1: wali_longjmp(top, 0);
	case 2: wali_longjmp(top, -512); /* the kernel's own codes mean nothing here */
	case 3: wali_longjmp(top, -100001);
	}
}

/* As bash does: the outer jump goes through a copy of its buffer. */
static void copies(void)
{
	jmp_buf saved;
	if (wali_setjmp(top) != 0) {
		puts("outer");
		return;
	}
	memcpy(saved, top, sizeof saved);
	if (wali_setjmp(top) == 0) wali_longjmp(top, 1);
	puts("inner");
	memcpy(other, saved, sizeof saved);
	wali_longjmp(other, 1);
}

static void on_signal(int signo)
{
	printf("handler of %d\n", signo);
	wali_longjmp(top, signo);
}

static int is_blocked(int signo)
{
	sigset_t mask;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	return sigismember(&mask, signo);
}

static void handlers(void)
{
	signal(SIGUSR1, on_signal);
	int value = wali_setjmp(top);
	if (value == 0) raise(SIGUSR1);
	printf("setjmp left with %d, blocked %d\n", value, is_blocked(SIGUSR1));
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	value = wali_sigsetjmp(top, 1);
	if (value == 0) raise(SIGUSR1);
	printf("sigsetjmp left with %d, blocked %d\n", value, is_blocked(SIGUSR1));
	/* Out of a handler that interrupted a wait; the next wait is a fresh one. */
	signal(SIGALRM, on_signal);
	value = wali_sigsetjmp(top, 1);
	if (value == 0) {
		ualarm(20000, 0);
		for (;;) pause();
	}
	usleep(1000);
	printf("wait left with %d\n", value);
}

static void forks(void)
{
	volatile pid_t child = 0;
	int value = wali_setjmp(top);
	if (value != 0) _exit(value);
	child = fork();
	if (child == 0) wali_longjmp(top, 7);
	int status;
	waitpid(child, &status, 0);
	printf("child left with %d\n", WEXITSTATUS(status));
}

static void many(void)
{
	volatile int sum = 0;
	for (volatile int i = 0; i < 5000; i++) {
		int value = wali_setjmp(top);
		if (value == 0) wali_longjmp(top, i % 3 + 1);
		sum += value;
	}
	printf("sum %d\n", sum);
}

static void *thread(void *argument)
{
	jmp_buf mine;
	volatile int rounds = 0;
	int value = wali_setjmp(mine);
	usleep(500);
	if (rounds++ < 20) wali_longjmp(mine, rounds);
	return (void *)(long)value;
}

static void threads(void)
{
	pthread_t ids[4];
	for (int i = 0; i < 4; i++) pthread_create(&ids[i], NULL, thread, NULL);
	for (int i = 0; i < 4; i++) {
		void *result;
		pthread_join(ids[i], &result);
		printf("thread left with %d\n", (int)(long)result);
	}
}

/* Each frame saves a longer stack: they count as memory. */
static int hoard(int depth, jmp_buf *buffers)
{
	volatile char frame[200];
	frame[0] = 1;
	if (wali_setjmp(buffers[depth % 1000]) != 0 || depth == 100000) return 0;
	return hoard(depth + 1, buffers) + frame[0];
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && !strcmp(argv[1], "stale")) wali_longjmp(top, 1);
	if (argc > 1 && !strcmp(argv[1], "hoard")) return hoard(0, malloc(1000 * sizeof(jmp_buf))) == 0;
	values();
	copies();
	handlers();
	forks();
	many();
	threads();
	return 0;
}
