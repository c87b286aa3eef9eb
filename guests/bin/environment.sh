# Sourced by ring3-cc and its companions: sets root and the paths of the tools.
# $0 may be a link to one of them.
script=$0
[ -L "$script" ] && script=$(readlink -f "$script")
case $script in
  */*) root=${script%/*}/../.. ;;
  *) root=../.. ;;
esac
if [ ! -r "$root/.build/toolchain/env" ]; then
  echo "${0##*/}: there is no toolchain yet: run 'npm run build' in $(cd "$root" && pwd)" >&2
  exit 1
fi
. "$root/.build/toolchain/env"
if [ -n "$LIBRARIES" ]; then
  LD_LIBRARY_PATH=$LIBRARIES${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export LD_LIBRARY_PATH
fi
