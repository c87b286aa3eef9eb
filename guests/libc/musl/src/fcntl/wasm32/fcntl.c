#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include "syscall.h"

int fcntl(int fd, int cmd, ...)
{
	/* Variable arguments keep the width that the caller gave them: ints and pointers, which is all that fcntl takes,
	 * have 32 bits here. */
	unsigned arg;
	va_list ap;
	va_start(ap, cmd);
	arg = va_arg(ap, unsigned);
	va_end(ap);
	if (cmd == F_SETFL) arg |= O_LARGEFILE;
	if (cmd == F_SETLKW) return syscall_cp(SYS_fcntl, fd, cmd, arg);
	if (cmd == F_GETOWN) {
		/* The result of F_GETOWN cannot be told from an error for a process group. */
		struct f_owner_ex ex;
		int ret = __syscall(SYS_fcntl, fd, F_GETOWN_EX, &ex);
		if (ret) return __syscall_ret(ret);
		return ex.type == F_OWNER_PGRP ? -ex.pid : ex.pid;
	}
	return syscall(SYS_fcntl, fd, cmd, arg);
}
