/* A file of 64 bytes in the working directory, the last of the preopened folders. */
#include "wasi.h"

static char bytes[64];
static const struct iovec part = {bytes, sizeof bytes};
static int fd;

static void setup(void)
{
	size_t done;
	int folder = PREOPENED;
	while (path_open(folder, 0, "file", 4, CREATE, RIGHT_READ | RIGHT_SEEK | RIGHT_WRITE, 0, 0, &fd)) {
		if (++folder == PREOPENED + 64) fail("path_open", 0);
	}
	MUST(fd_pwrite(fd, &part, 1, 0, &done));
}
