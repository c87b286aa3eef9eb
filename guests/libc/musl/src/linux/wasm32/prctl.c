#include <sys/prctl.h>
#include <stdarg.h>
#include "syscall.h"

#undef prctl

/* What <sys/prctl.h> makes of a call of prctl: the arguments have their full width. */
int __prctl(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return syscall(SYS_prctl, op, a, b, c, d);
}

/* For calls past the header: ints and pointers have the same width. */
int prctl(int op, ...)
{
	unsigned x[4];
	va_list ap;
	va_start(ap, op);
	for (int i=0; i<4; i++) x[i] = va_arg(ap, unsigned);
	va_end(ap);
	return syscall(SYS_prctl, op, x[0], x[1], x[2], x[3]);
}
