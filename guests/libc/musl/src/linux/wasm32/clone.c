#define _GNU_SOURCE
#include <stdarg.h>
#include <unistd.h>
#include <sched.h>
#include "pthread_impl.h"
#include "syscall.h"

int clone(int (*func)(void *), void *stack, int flags, void *arg, ...)
{
	va_list ap;
	pid_t *ptid, *ctid;
	void *tls;

	/* A copy of the memory is what fork makes, and it does not change stacks. A thread without our own
	 * thread-local variables could not run the C library. */
	if (!stack || !(flags & CLONE_VM) || flags & (CLONE_THREAD | CLONE_SETTLS))
		return __syscall_ret(-EINVAL);

	va_start(ap, arg);
	ptid = va_arg(ap, pid_t *);
	tls  = va_arg(ap, void *);
	ctid = va_arg(ap, pid_t *);
	va_end(ap);

	return __syscall_ret(__clone(func, stack, flags, arg, ptid, tls, ctid));
}
