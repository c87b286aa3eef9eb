/* A file at the end of a path of COMPONENTS, in the working directory. */
#include <fcntl.h>
#include <sys/stat.h>

static char path[256];

static void make_path(long components)
{
	char *end = path;
	for (; components > 1; components--) {
		end += sprintf(end, "%sfolder", end == path ? "" : "/");
		if (mkdir(path, 0700) < 0 && errno != EEXIST) fail("mkdir %s", path);
	}
	sprintf(end, "%sfile", end == path ? "" : "/");
	MUST(close(MUST(open(path, O_RDWR | O_CREAT, 0600))));
}
