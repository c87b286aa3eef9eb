/* What the compiler's lowering of setjmp keeps in it: see src/setjmp/wasm32/setjmp.c. */
typedef unsigned long __jmp_buf[4];
