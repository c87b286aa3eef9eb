#include <fcntl.h>
#include "bench.h"

static int file;

static void setup(char **arguments)
{
	file = MUST(open("lseek", O_RDWR | O_CREAT, 0600));
}

static void run(long count)
{
	while (count--) lseek(file, count & 1023, SEEK_SET);
}
