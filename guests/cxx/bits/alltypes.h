/* Before musl's own: it gives C++ an unsigned long for pthread_t, so that names of functions are as glibc has them. Here that would have
 * 64 bits, and musl's functions take pointers of 32. */
#if defined(__NEED_pthread_t) && !defined(__DEFINED_pthread_t)
typedef __UINTPTR_TYPE__ pthread_t;
#define __DEFINED_pthread_t
#endif
#include_next <bits/alltypes.h>
