/* stat of a path of COMPONENTS. */
#include "bench.h"
#include "path.h"

static void setup(char **arguments)
{
	make_path(number(arguments[0]));
}

static void run(long count)
{
	struct stat status;
	while (count--) MUST(stat(path, &status));
}
