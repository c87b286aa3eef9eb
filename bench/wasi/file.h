/* A file of 64 bytes in the working directory, the first of the preopened folders. */
#include "wasi.h"

static char bytes[64];
static const struct iovec part = {bytes, sizeof bytes};
static int fd;

static void setup(void)
{
	size_t done;
	MUST(path_open(PREOPENED, 0, "file", 4, CREATE, RIGHT_READ | RIGHT_SEEK | RIGHT_WRITE, 0, 0, &fd));
	MUST(fd_pwrite(fd, &part, 1, 0, &done));
}
