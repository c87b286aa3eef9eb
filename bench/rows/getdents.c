/* Reads a directory of ENTRIES to its end. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "bench.h"

static int folder;
static char entries[32768];

static void setup(char **arguments)
{
	MUST(mkdir("getdents", 0700));
	for (long i = number(arguments[0]); i > 0; i--) {
		char name[64];
		sprintf(name, "getdents/entry-%ld", i);
		MUST(close(MUST(open(name, O_RDWR | O_CREAT, 0600))));
	}
	folder = MUST(open("getdents", O_RDONLY | O_DIRECTORY));
}

static void run(long count)
{
	while (count--) {
		MUST(lseek(folder, 0, SEEK_SET));
		while (MUST(syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0) {}
	}
}
