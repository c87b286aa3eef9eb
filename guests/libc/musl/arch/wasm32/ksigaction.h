#include <features.h>

/* Packed: 24 bytes (WALI). */
struct __attribute__((__packed__)) k_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned mask[2];
};

/* Returning from a handler is all there is to sigreturn. */
#define __restore ((void (*)(void))0)
#define __restore_rt ((void (*)(void))0)
