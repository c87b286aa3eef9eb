# Sourced by ring3-cc and its companions, which set self to where they stand: sets root, the C library's place and the paths of the tools.
# In a machine guests/llvm/environment.sh stands in its place.
root=${self%/*}/../..
if [ ! -r "$root/.build/toolchain/env" ]; then
  echo "${0##*/}: there is no toolchain yet: run 'npm run build' in $(cd "$root" && pwd)" >&2
  exit 1
fi
. "$root/.build/toolchain/env"
if [ -n "$LIBRARIES" ]; then
  LD_LIBRARY_PATH=$LIBRARIES${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export LD_LIBRARY_PATH
fi
sysroot=$root/.build/sysroot
resources=$sysroot/clang
