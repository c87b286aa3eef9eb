/* Thread-local variables. The linker lays them out in one block; the global __tls_base of an instance points at its own.
 * The main thread's block is part of the program's data and was filled in by the module's start function. A new thread's
 * block and its struct pthread share the memory that pthread_create hands out:
 *
 *     mem: padding | thread-local variables | struct pthread        (libc.tls_size bytes)
 *
 * The new thread fills in its block itself: src/thread/wasm32/clone.c. */

#include <elf.h>
#include <limits.h>
#include <stddef.h>
#include "pthread_impl.h"
#include "libc.h"
#include "atomic.h"
#include "syscall.h"

volatile int __thread_list_lock;

_Thread_local uintptr_t __thread_pointer;

static struct pthread main_thread;

int __init_tp(void *p)
{
	pthread_t td = p;
	td->self = td;
	__thread_pointer = (uintptr_t)td;
	libc.can_do_threads = 1;
	td->detach_state = DT_JOINABLE;
	td->tid = __syscall(SYS_set_tid_address, &__thread_list_lock);
	td->locale = &libc.global_locale;
	td->robust_list.head = &td->robust_list.head;
	td->next = td->prev = td;
	return 0;
}

static uintptr_t align_up(uintptr_t x, uintptr_t alignment)
{
	return x + alignment-1 & -alignment;
}

static size_t tls_align(void)
{
	size_t align = __builtin_wasm_tls_align();
	return align > _Alignof(struct pthread) ? align : _Alignof(struct pthread);
}

void *__copy_tls(unsigned char *mem)
{
	uintptr_t base = align_up((uintptr_t)mem, tls_align());
	pthread_t td = (void *)align_up(base + __builtin_wasm_tls_size(), _Alignof(struct pthread));
	TLS_BASE(td) = (void *)base;
	return td;
}

static void init_tls(size_t *aux)
{
	libc.tls_align = tls_align();
	libc.tls_size = align_up(libc.tls_align-1 + __builtin_wasm_tls_size() + sizeof(struct pthread)
		+ _Alignof(struct pthread)-1, 16);
	__init_tp(&main_thread);
}

weak_alias(init_tls, __init_tls);
