// #! scripts: how the interpreter's command line is put together (execve(2), "Interpreter scripts").
#include "../../harness.h"

// argv[1] chooses the body, so a script names it as its one argument: "#!self arguments".
PROGRAM(arguments) {
  for (int i = 2; i < case_argc; i++) printf("[%s]\n", case_argv[i]);
}

static void script(const char *path, const char *first_line) {
  static char text[8192];
  snprintf(text, sizeof text, "%s\nbody\n", first_line);
  put(path, text);
  MUST(chmod(path, 0755));
}
static const char *line(const char *format) {
  static char text[4096];
  snprintf(text, sizeof text, format, self);
  return text;
}
static void run(const char *path) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    execl(path, "ignored argv0", "a", "b c", (char *)0);
    printf("exec: %s\n", errname(errno));
    _exit(1);
  }
  reap(pid);
}

CASE(one_argument) {
  script("s", line("#!%s arguments"));
  run("./s");
  script("s", line("#! \t %s \t arguments \t "));
  run("./s");
}

// All that follows the interpreter's name is one argument.
CASE(argument_with_spaces) {
  script("s", line("#!%s arguments and more"));
  run("./s"); // "arguments and more" names no body: status 98
}

CASE(no_newline) {
  put("s", line("#!%s arguments"));
  MUST(chmod("s", 0755));
  run("./s");
}

CASE(errors) {
  script("s", "#!/absent/interpreter");
  run("./s");
  script("s", "#!");
  run("./s");
  script("s", "#!   ");
  run("./s");
  script("s", "#!.");
  run("./s");
  script("s", "#!/dev/null");
  run("./s");
  script("s", " #!/bin/sh");
  run("./s");
  script("s", line("#!%s arguments"));
  MUST(chmod("s", 0644));
  run("./s");
}

// A script may be the interpreter of a script: each level adds its own line and path.
CASE(nested) {
  script("one", line("#!%s arguments"));
  script("two", "#!./one second");
  script("three", "#!./two third");
  run("./two");
  run("./three");
}

CASE(loop) {
  script("self", "#!./self");
  run("./self");
  script("ping", "#!./pong");
  script("pong", "#!./ping");
  run("./ping");
}

CASE(depth_limit) {
  script("s0", line("#!%s arguments"));
  for (int i = 1; i <= 6; i++) {
    char path[8], first[16];
    snprintf(path, sizeof path, "s%d", i);
    snprintf(first, sizeof first, "#!./s%d", i - 1);
    script(path, first);
  }
  run("./s3");
  run("./s4");
  run("./s5");
  run("./s6");
}

CASE(relative_to_working_directory) {
  MUST(mkdir("below", 0755));
  copy_self("tool");
  script("below/s", "#!./tool arguments");
  run("./below/s");
  MUST(chdir("below"));
  run("./s");
}

CASE(needs_execute_on_interpreter) {
  copy_self("tool");
  MUST(chmod("tool", 0644));
  script("s", "#!./tool arguments");
  run("./s");
}

// The kernel itself has no fallback to the shell (glibc's execvp has, musl's has not).
CASE(no_shell_fallback) {
  put("plain", "echo run by the shell\n");
  MUST(chmod("plain", 0755));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    execv("./plain", (char *[]){"plain", "x", NULL});
    printf("execv: %s\n", errname(errno));
    _exit(9);
  }
  reap(pid);
}

CASE(by_the_shell) {
  script("s", "#!");
  put("s", "#!/bin/sh\necho \"$#: $1, $2\"\nexit 6\n");
  run("./s");
  put("s", "#!/bin/sh -e\nfalse\necho not reached\n");
  run("./s");
}
