#include <setjmp.h>
#include <signal.h>
#include "syscall.h"

/* The part of sigsetjmp that is a function: <setjmp.h> has it as a macro, because the compiler has to see the setjmp. */
struct __jmp_buf_tag *__sigsetjmp_save(sigjmp_buf env, int save)
{
	env->__fl = save;
	if (save) __syscall(SYS_rt_sigprocmask, SIG_SETMASK, 0, env->__ss, _NSIG/8);
	return env;
}
