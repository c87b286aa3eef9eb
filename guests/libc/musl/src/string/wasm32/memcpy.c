#include <string.h>

/* The memory.copy instruction is fast for long runs, and a call out of the compiled code for short ones. */
void *memcpy(void *restrict dest, const void *restrict src, size_t n)
{
	unsigned char *d = dest;
	const unsigned char *s = src;
	if (n > 32) return __builtin_memmove(dest, src, n);
	typedef unsigned long __attribute__((__may_alias__, __aligned__(1))) word;
	for (; n >= 8; n -= 8, d += 8, s += 8) *(word *)d = *(const word *)s;
	for (; n; n--) *d++ = *s++;
	return dest;
}
