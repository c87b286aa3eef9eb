/* The unit of mmap and brk. WebAssembly's own pages (64 KiB) are the kernel's business. */
#define PAGESIZE 4096
