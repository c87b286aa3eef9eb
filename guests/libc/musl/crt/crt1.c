/* Where a program starts. The arguments come from WALI's calls, the environment from ring3's; both are put together with
 * an auxiliary vector the way Linux lays them out at the top of a new stack, which is what musl expects. */

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((__import_module__(module), __import_name__(name)))

IMPORT("wali", "__cl_get_argc") int argument_count(void);
IMPORT("wali", "__cl_get_argv_len") int argument_length(int i);
IMPORT("wali", "__cl_copy_argv") int argument_copy(char *buffer, int i);
IMPORT("ring3", "env_count") int environment_count(void);
IMPORT("ring3", "env_len") int environment_length(int i);
IMPORT("ring3", "env_copy") int environment_copy(char *buffer, int i);
IMPORT("wali", "SYS_mmap") long map(void *at, size_t length, int prot, int flags, int fd, long offset);

/* As much as goes onto the stack (1 MiB unless the linker was told otherwise); more gets a mapping of its own. */
#define MAX_ON_STACK 16384

int __main_void(void);
void __wasm_call_ctors(void);
int __libc_start_main(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void));

/* What a `main` without parameters is called by the compiler; for the others the C library defines it
 * (src/env/wasm32/__main_void.c), and takes the arguments from here. */
int __main_argc;
char **__main_argv;
extern char **__environ;

static int call_main(int argc, char **argv, char **envp)
{
	return __main_void();
}

/* musl's start-up calls this before main. */
void _init(void)
{
	__wasm_call_ctors();
}

void _start(void)
{
	static const size_t auxv[] = { AT_PAGESZ, 4096, AT_NULL, 0 };
	int argc = argument_count();
	int envc = environment_count();

	size_t pointers = argc+1 + envc+1 + sizeof auxv / sizeof *auxv;
	size_t size = pointers * sizeof(size_t);
	for (int i=0; i<argc; i++) size += argument_length(i)+1;
	for (int i=0; i<envc; i++) size += environment_length(i)+1;

	size_t *block = size <= MAX_ON_STACK
		? __builtin_alloca(size)
		: (size_t *)map(0, size, 3 /* PROT_READ|PROT_WRITE */, 0x22 /* MAP_PRIVATE|MAP_ANONYMOUS */, -1, 0);

	size_t *p = block;
	char *s = (char *)(block+pointers);
	for (int i=0; i<argc; i++) {
		*p++ = (size_t)s;
		argument_copy(s, i);
		s += argument_length(i)+1;
	}
	*p++ = 0;
	for (int i=0; i<envc; i++) {
		*p++ = (size_t)s;
		environment_copy(s, i);
		s += environment_length(i)+1;
	}
	*p++ = 0;
	for (int i=0; i<sizeof auxv / sizeof *auxv; i++) *p++ = auxv[i];

	__main_argc = argc;
	__main_argv = (char **)block;
	__libc_start_main(call_main, argc, __main_argv, 0, 0, 0);
}
