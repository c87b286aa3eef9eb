#define _GNU_SOURCE
#include <sched.h>
#include <stdarg.h>
#include "pthread_impl.h"

/* A task in a new instance of the program on the same memory. Before it calls fn, the kernel sets the instance's
 * __stack_pointer and, with CLONE_SETTLS, its __tls_base. */
__attribute__((__import_module__("ring3"), __import_name__("clone")))
int __ring3_clone(int (*fn)(void *), void *stack, int flags, void *arg, pid_t *ptid, void *tls, pid_t *ctid);

/* What a new thread finds on its stack. */
struct start {
	int (*fn)(void *);
	void *arg;
	struct pthread *td;
	sigset_t mask;
};

extern hidden void __wasm_init_tls(void *);

static int start_thread(void *p)
{
	struct start *start = p;
	/* Copies the initial thread-local variables to where __tls_base already points. Until the thread pointer
	 * is there as well, no signal handler may run: all signals are blocked. */
	__wasm_init_tls(TLS_BASE(start->td));
	__thread_pointer = (uintptr_t)start->td;
	int (*fn)(void *) = start->fn;
	void *arg = start->arg;
	__restore_sigs(&start->mask);
	return fn(arg);
}

int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	va_list ap;
	pid_t *ptid = 0, *ctid = 0;
	struct pthread *td = 0;
	uintptr_t sp = (uintptr_t)stack;
	int wanted = CLONE_PARENT_SETTID | CLONE_SETTLS | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;

	if (flags & wanted) {
		va_start(ap, arg);
		ptid = va_arg(ap, pid_t *);
		td = va_arg(ap, struct pthread *);
		ctid = va_arg(ap, pid_t *);
		va_end(ap);
	}

	if (!(flags & CLONE_SETTLS)) /* a process that shares our memory, and our thread-local variables */
		return __ring3_clone(fn, (void *)(sp & -16), flags | CLONE_SETTLS, arg, ptid,
			__builtin_wasm_tls_base(), ctid);

	struct start *start = (void *)((sp - sizeof *start) & -16);
	start->fn = fn;
	start->arg = arg;
	start->td = td;
	__cancelable = 1;
	sigset_t mask;
	__block_all_sigs(&mask);
	start->mask.__bits[0] = mask.__bits[0];
	int ret = __ring3_clone(start_thread, start, flags, start, ptid, TLS_BASE(td), ctid);
	__restore_sigs(&mask);
	return ret;
}
