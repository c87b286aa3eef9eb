/* A call by its import, without the C library between: import getpid|cold. Only for ring3. */
#include "bench.h"

__attribute__((import_module("wali"), import_name("SYS_getpid"))) long long sys_getpid(void);
__attribute__((import_module("wali"), import_name("SYS_sched_get_priority_max"))) long long sys_cold(int policy);

static int cold;

static void setup(char **arguments)
{
	cold = !strcmp(arguments[0], "cold");
}

static void run(long count)
{
	if (cold)
		while (count--) sys_cold(0);
	else
		while (count--) sys_getpid();
}
