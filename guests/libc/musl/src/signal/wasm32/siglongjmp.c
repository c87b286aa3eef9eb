#include <setjmp.h>
#include <signal.h>
#include "syscall.h"

hidden _Noreturn void __wasm_longjmp(void *, int);

_Noreturn void siglongjmp(sigjmp_buf env, int value)
{
	if (env->__fl) __syscall(SYS_rt_sigprocmask, SIG_SETMASK, env->__ss, 0, _NSIG/8);
	__wasm_longjmp(env, value);
}
