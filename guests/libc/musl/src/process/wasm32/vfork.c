#define _GNU_SOURCE
#include <unistd.h>
#include "syscall.h"

/* The kernel lets the child go on from here in the parent's memory, until it calls exec or exits. */
pid_t vfork(void)
{
	return __syscall_ret(__syscall(SYS_vfork));
}
