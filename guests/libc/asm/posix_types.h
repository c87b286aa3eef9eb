#ifndef __ASM_POSIX_TYPES_H
#define __ASM_POSIX_TYPES_H
/* 32 bits as pointers have, where the generic header goes by the size of `long`. */
typedef unsigned int __kernel_size_t;
typedef int __kernel_ssize_t;
typedef int __kernel_ptrdiff_t;
#define __kernel_size_t __kernel_size_t
#include <asm-generic/posix_types.h>
#endif
