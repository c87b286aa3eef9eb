/* The thread pointer: a thread-local variable, which is a load relative to the global __tls_base. */
extern hidden _Thread_local uintptr_t __thread_pointer;

static inline uintptr_t __get_tp()
{
	return __thread_pointer;
}

/* Where the task's thread-local variables start: musl's field for a dynamic linker's table, which there is not. */
#define TLS_BASE(td) ((td)->dtv)
