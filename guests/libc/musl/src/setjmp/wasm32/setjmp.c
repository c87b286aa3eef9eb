/* What clang's lowering of setjmp and longjmp calls (-mllvm -wasm-enable-sjlj).
 *
 * A function that calls setjmp keeps running in its own frame: each call in it is wrapped in a `try`. longjmp throws an
 * exception with the jump buffer; the frame that called setjmp on it catches the exception, finds by its own address
 * (`invocation`) which of its setjmp calls is meant (`label`), and goes on there. */

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include "pthread_impl.h"

struct jump {
	void *invocation;
	uint32_t label;
	/* What the exception carries. */
	struct thrown {
		void *env;
		int value;
	} thrown;
};

_Static_assert(sizeof(struct jump) <= sizeof(__jmp_buf), "jmp_buf is too small");

/* The exception's tag, and its index in LLVM's numbering (0 is C++'s). */
__asm__(
	".tagtype __c_longjmp i32\n\t"
	".globl __c_longjmp\n\t"
	"__c_longjmp:\n");
#define C_LONGJMP 1

void __wasm_setjmp(void *env, uint32_t label, void *invocation)
{
	struct jump *jump = env;
	jump->invocation = invocation;
	jump->label = label;
}

uint32_t __wasm_setjmp_test(void *env, void *invocation)
{
	struct jump *jump = env;
	return jump->invocation == invocation ? jump->label : 0;
}

_Noreturn void __wasm_longjmp(void *env, int value)
{
	struct jump *jump = env;
	jump->thrown = (struct thrown){ env, value ? value : 1 };
	__builtin_wasm_throw(C_LONGJMP, &jump->thrown);
}

/* For code that takes its address, or was compiled without the lowering. */
_Noreturn void _longjmp(jmp_buf env, int value)
{
	__wasm_longjmp(env, value);
}

weak_alias(_longjmp, longjmp);
