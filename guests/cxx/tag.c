/* The tag of C++'s exceptions, number 0 in LLVM's count: `throw` and `catch` in every object name it. It carries the address of the
 * exception's _Unwind_Exception. */
__asm__(
	".tagtype __cpp_exception i32\n\t"
	".globl __cpp_exception\n"
	"__cpp_exception:\n");
