#include <string.h>

void *memset(void *dest, int c, size_t n)
{
	unsigned char *d = dest;
	if (n > 32) return __builtin_memset(dest, c, n);
	typedef unsigned long __attribute__((__may_alias__, __aligned__(1))) word;
	word pattern = (c & 255) * 0x0101010101010101UL;
	for (; n >= 8; n -= 8, d += 8) *(word *)d = pattern;
	for (; n; n--) *d++ = c;
	return dest;
}
