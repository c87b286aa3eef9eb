#include "file.h"

static void run(uint64_t count)
{
	size_t done;
	while (count--) MUST(fd_pread(fd, &part, 1, 0, &done));
}
