/* Nothing is ever relocated: programs are static. */
#define LDSO_ARCH "wasm32"

#define CRTJMP(pc, sp) __builtin_trap()
