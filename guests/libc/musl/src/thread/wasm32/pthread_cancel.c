/* Cancellation.
 *
 * On other machines the handler of SIGCANCEL compares the interrupted program counter with the few instructions
 * between the test for a pending cancellation and the system call. WebAssembly shows no program counter. Instead a
 * cancellation point notes its stack pointer for as long as it is in its system call, and the kernel tells in
 * mcontext whether the signal came before a call had an effect, and at which stack pointer: together they say whether
 * it is safe to act. Nothing can interrupt the code between the test and the call, as signals are only delivered in
 * calls, at loop heads and at the entry of functions. */

#define _GNU_SOURCE
#include <string.h>
#include "pthread_impl.h"
#include "syscall.h"

/* What the kernel says in mcontext[0], and what a handler may answer there. */
#define NO_EFFECT_YET 1
#define RETURN_EINTR 2

/* The stack pointer of the cancellation point that this thread is in, 0 outside of one. */
hidden _Thread_local unsigned __cancel_sp;

hidden long __cancel(void);

long __cancel(void)
{
	pthread_t self = __pthread_self();
	if (self->canceldisable == PTHREAD_CANCEL_ENABLE || self->cancelasync)
		pthread_exit(PTHREAD_CANCELED);
	self->canceldisable = PTHREAD_CANCEL_DISABLE;
	return -ECANCELED;
}

long __cancel_enter(unsigned sp)
{
	pthread_t self = __pthread_self();
	if (self->canceldisable == PTHREAD_CANCEL_DISABLE) return 0;
	__cancel_sp = sp;
	if (!self->cancel) return 0;
	__cancel_sp = 0;
	return __cancel();
}

long __cancel_leave(long result, int is_close)
{
	pthread_t self = __pthread_self();
	if (!__cancel_sp) return result;
	__cancel_sp = 0;
	if (result == -EINTR && !is_close && self->cancel && self->canceldisable != PTHREAD_CANCEL_DISABLE)
		return __cancel();
	return result;
}

static void handler(int sig, siginfo_t *info, void *context)
{
	pthread_t self = __pthread_self();
	ucontext_t *uc = context;
	unsigned long *mc = uc->uc_mcontext.__ctx;

	a_barrier();
	if (!self->cancel || self->canceldisable == PTHREAD_CANCEL_DISABLE) return;

	int at_point = __cancel_sp && mc[0] == NO_EFFECT_YET && mc[1] == __cancel_sp;

	if (at_point && self->canceldisable == PTHREAD_CANCEL_MASKED) {
		/* pthread_cond_timedwait: it has to get the mutex back first. */
		mc[0] = RETURN_EINTR;
		return;
	}

	uc->uc_sigmask.__bits[0] |= 1UL << (SIGCANCEL-1);

	if (at_point || self->cancelasync) {
		/* Cleanup handlers run with the signal mask of the interrupted code. */
		__cancel_sp = 0;
		__syscall(SYS_rt_sigprocmask, SIG_SETMASK, &uc->uc_sigmask, 0, _NSIG/8);
		__cancel();
	}

	/* In a signal handler that interrupted a cancellation point: when the outer mask is back, it is the point's turn. */
	__syscall(SYS_tkill, self->tid, SIGCANCEL);
}

void __testcancel()
{
	pthread_t self = __pthread_self();
	if (self->cancel && !self->canceldisable)
		__cancel();
}

static void init(void)
{
	/* Without SA_RESTART: a wait in pthread_cond_timedwait ends with EINTR even where the kernel overlooks the
	 * handler's RETURN_EINTR. */
	struct sigaction sa = {
		.sa_flags = SA_SIGINFO,
		.sa_sigaction = handler
	};
	memset(&sa.sa_mask, -1, _NSIG/8);
	__libc_sigaction(SIGCANCEL, &sa, 0);
	__cancelable = 1;
}

int pthread_cancel(pthread_t t)
{
	static int initialized;
	if (!initialized) {
		init();
		initialized = 1;
	}
	a_store(&t->cancel, 1);
	if (t == pthread_self()) {
		if (t->canceldisable == PTHREAD_CANCEL_ENABLE && t->cancelasync)
			pthread_exit(PTHREAD_CANCELED);
		return 0;
	}
	return pthread_kill(t, SIGCANCEL);
}
