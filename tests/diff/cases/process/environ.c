// The environment: environ, getenv, setenv, putenv, and its way through exec.
#include "../../harness.h"

static int entries(void) {
  int count = 0;
  while (environ && environ[count]) count++;
  return count;
}
static const char *value(const char *name) {
  const char *text = getenv(name);
  return text ? text : "(none)";
}

CASE(set_and_unset) {
  int before = entries();
  SHOW(setenv("ONE", "1", 0));
  SHOW(setenv("ONE", "2", 0));
  STR(value("ONE"));
  SHOW(setenv("ONE", "3", 1));
  STR(value("ONE"));
  SHOW(setenv("EMPTY", "", 1));
  STR(value("EMPTY"));
  NUM(entries() - before);
  SHOW(unsetenv("ONE"));
  SHOW(unsetenv("NEVER"));
  STR(value("ONE"));
  NUM(entries() - before);
}

CASE(invalid_names) {
  SHOW(setenv("", "x", 1));
  SHOW(setenv("A=B", "x", 1));
  SHOW(unsetenv(""));
  SHOW(unsetenv("A=B"));
  STR(value(""));
  STR(value("A=B"));
}

CASE(putenv_keeps_the_string) {
  static char entry[] = "PUT=before";
  SHOW(putenv(entry));
  STR(value("PUT"));
  memcpy(entry + 4, "afterw", 6);
  STR(value("PUT"));
  SHOW(unsetenv("PUT"));
  STR(value("PUT"));
}

CASE(clear) {
  SHOW(clearenv());
  NUM(entries());
  SHOW(setenv("ONLY", "one", 1));
  NUM(entries());
  STR(value("ONLY"));
}

PROGRAM(print_all) {
  for (int i = 0; environ[i]; i++) printf("%s\n", environ[i]);
}
CASE(order_through_exec) {
  clearenv();
  setenv("CASE_STARTED", "1", 1);
  setenv("Z", "first", 1);
  setenv("A", "second", 1);
  setenv("M", "a\nb\nc", 1);
  setenv("U", "\xc3\xbc", 1);
  fflush(stdout);
  execl(self, self, "print_all", (char *)0);
}

PROGRAM(length) {
  printf("%zu %s\n", strlen(value("BIG")), value("SMALL"));
}
CASE(big_value) {
  static char big[100001];
  memset(big, 'b', 100000);
  setenv("BIG", big, 1);
  setenv("SMALL", "s", 1);
  execl(self, self, "length", (char *)0);
}

CASE(replaced_environ) {
  char *mine[] = {"X=1", "Y=2", NULL};
  environ = mine;
  STR(value("X"));
  STR(value("PATH"));
  SHOW(setenv("Z", "3", 1));
  STR(value("Z"));
  NUM(entries());
}
