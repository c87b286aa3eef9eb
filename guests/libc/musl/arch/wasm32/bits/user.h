#undef __WORDSIZE
#define __WORDSIZE 32

/* The registers of a task, as far as a WebAssembly program has any. */
struct user_regs_struct {
	unsigned long sp;
	unsigned long tls;
};
#define ELF_NGREG 2
typedef unsigned long elf_greg_t, elf_gregset_t[ELF_NGREG];
typedef struct { int __none; } elf_fpregset_t;

struct user {
	struct user_regs_struct regs;
	char u_comm[32];
};
