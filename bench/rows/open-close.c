#include "bench.h"
#include "path.h"

static void setup(char **arguments)
{
	make_path(1);
}

static void run(long count)
{
	while (count--) MUST(close(MUST(open(path, O_RDONLY))));
}
