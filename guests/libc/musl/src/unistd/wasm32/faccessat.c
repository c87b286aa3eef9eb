#include <unistd.h>
#include "syscall.h"

/* faccessat2 is always there: no need for a child with other ids to find out. */
int faccessat(int fd, const char *filename, int amode, int flag)
{
	if (flag) return syscall(SYS_faccessat2, fd, filename, amode, flag);
	return syscall(SYS_faccessat, fd, filename, amode);
}
