// How deep calls may go: less far than on Linux, but not nothing.
#include "../../harness.h"

static volatile int one = 1;

static __attribute__((noinline)) int depth(int n) { return n == 0 ? 0 : depth(n - one) + one; }

CASE(calls_20000_deep) { NUM(depth(20000)); }
