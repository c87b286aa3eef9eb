#define _BSD_SOURCE
#include <stdarg.h>
#include <unistd.h>
#include "syscall.h"
#include "syscall_longs.h"

#undef syscall

/* syscall(2) with a number that is only known at run time. <unistd.h> has widened the arguments. fork and its kin are
 * left out: a program that imports one of them is made restartable as a whole. */
long __syscall_any(long n, long a, long b, long c, long d, long e, long f)
{
	if (n == SYS_fork || n == SYS_vfork || n == SYS_clone || n == SYS_clone3) return __syscall_ret(-ENOSYS);
	return __syscall_ret(__syscall_number(n, a, b, c, d, e, f));
}

/* For calls past the header: each argument is taken to have the width that the system call gives it. */
long syscall(long n, ...)
{
	long x[6];
	unsigned longs = n >= 0 && n < sizeof __syscall_longs ? __syscall_longs[n] : 0;
	va_list ap;
	va_start(ap, n);
	for (int i=0; i<6; i++) x[i] = longs & 1<<i ? va_arg(ap, long) : va_arg(ap, unsigned);
	va_end(ap);
	return __syscall_any(n, x[0], x[1], x[2], x[3], x[4], x[5]);
}
