#include "pthread_impl.h"

/* Set when the first thread is made, and when a thread is first canceled. */
char __cancelable;

/* What a program without pthread_cancel does at a cancellation point. */
static long enter(unsigned sp)
{
	return 0;
}

static long leave(long result, int is_close)
{
	return result;
}

weak_alias(enter, __cancel_enter);
weak_alias(leave, __cancel_leave);
