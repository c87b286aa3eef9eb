# Sourced by the machine's cc, which is guests/bin/ring3-cc: where the C library and the tools are.
sysroot=/usr
resources=/usr/lib/clang
CLANG=clang
WASM_LD=/usr/lib/llvm/bin/wasm-ld
