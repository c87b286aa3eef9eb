#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

#define IPC_64 0

/* Made from the kernel's table of system calls: the imports, and __syscall_number(n, a, b, c, d, e, f), which folds to
   one call of an import where n is a constant. That keeps a program's imports to the calls that it can make. */
#include "syscall_imports.h"

static inline __attribute__((__always_inline__)) long __syscall0(long n)
{
	return __syscall_number(n, 0, 0, 0, 0, 0, 0);
}

static inline __attribute__((__always_inline__)) long __syscall1(long n, long a)
{
	return __syscall_number(n, a, 0, 0, 0, 0, 0);
}

static inline __attribute__((__always_inline__)) long __syscall2(long n, long a, long b)
{
	return __syscall_number(n, a, b, 0, 0, 0, 0);
}

static inline __attribute__((__always_inline__)) long __syscall3(long n, long a, long b, long c)
{
	return __syscall_number(n, a, b, c, 0, 0, 0);
}

static inline __attribute__((__always_inline__)) long __syscall4(long n, long a, long b, long c, long d)
{
	return __syscall_number(n, a, b, c, d, 0, 0);
}

static inline __attribute__((__always_inline__)) long __syscall5(long n, long a, long b, long c, long d, long e)
{
	return __syscall_number(n, a, b, c, d, e, 0);
}

static inline __attribute__((__always_inline__)) long __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	return __syscall_number(n, a, b, c, d, e, f);
}

/* Cancellation points: src/thread/wasm32/pthread_cancel.c. A program that never makes a thread or cancels one pays for
   one test of __cancelable. */
extern hidden char __cancelable;
hidden long __cancel_enter(unsigned sp);
hidden long __cancel_leave(long result, int is_close);

static inline __attribute__((__always_inline__)) unsigned __get_stack_pointer(void)
{
	unsigned sp;
	__asm__ __volatile__ (
		".globaltype __stack_pointer, i32\n\t"
		"global.get __stack_pointer\n\t"
		"local.set %0" : "=r"(sp));
	return sp;
}

static inline __attribute__((__always_inline__)) long __syscall_cp(long n, long a, long b, long c, long d, long e, long f)
{
	if (__cancelable) {
		long canceled = __cancel_enter(__get_stack_pointer());
		if (canceled) return canceled;
	}
	long result = __syscall_number(n, a, b, c, d, e, f);
	return __cancelable ? __cancel_leave(result, n == SYS_close) : result;
}
