/* What makes sqlite a program that can fork: a function of SQL that runs a command, as sqlite's shell has edit(). */
#include "sqlite3.h"
#include "start.h"

static void run_command(sqlite3_context *context, int count, sqlite3_value **values)
{
	sqlite3_result_int(context, start_other((const char *)sqlite3_value_text(values[0])));
}

static int add_to(sqlite3 *db, char **error, const void *api)
{
	return sqlite3_create_function(db, "system", 1, SQLITE_UTF8, 0, run_command, 0, 0);
}

int bench_init(const char *nothing)
{
	return sqlite3_auto_extension((void (*)(void))add_to);
}
