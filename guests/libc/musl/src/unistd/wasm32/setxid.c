#include <unistd.h>
#include <signal.h>
#include "syscall.h"
#include "libc.h"

struct ctx {
	int id, eid, sid;
	int nr, ret;
};

/* System calls are imports by name: each number that is asked for has to be spelled out. */
static long set(struct ctx *c)
{
	switch (c->nr) {
	case SYS_setuid: return __syscall(SYS_setuid, c->id);
	case SYS_setgid: return __syscall(SYS_setgid, c->id);
	case SYS_setreuid: return __syscall(SYS_setreuid, c->id, c->eid);
	case SYS_setregid: return __syscall(SYS_setregid, c->id, c->eid);
	case SYS_setresuid: return __syscall(SYS_setresuid, c->id, c->eid, c->sid);
	case SYS_setresgid: return __syscall(SYS_setresgid, c->id, c->eid, c->sid);
	}
	return -ENOSYS;
}

static void do_setxid(void *p)
{
	struct ctx *c = p;
	if (c->ret<0) return;
	int ret = set(c);
	if (ret && !c->ret) {
		/* Some threads have the new ids and this one cannot: no state to go on from. */
		__block_all_sigs(0);
		__syscall(SYS_kill, __syscall(SYS_getpid), SIGKILL);
	}
	c->ret = ret;
}

int __setxid(int nr, int id, int eid, int sid)
{
	/* Positive until the first thread has tried: its failure harms nobody. */
	struct ctx c = { .nr = nr, .id = id, .eid = eid, .sid = sid, .ret = 1 };
	__synccall(do_setxid, &c);
	return __syscall_ret(c.ret);
}
