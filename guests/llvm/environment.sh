# Sourced by the machine's cc and c++, which are guests/bin/ring3-cc and ring3-c++: where the libraries and the tools are.
root=
library=/usr/lib/c++
sysroot=/usr
resources=/usr/lib/clang
CLANG=clang
WASM_LD=/usr/lib/llvm/bin/wasm-ld
