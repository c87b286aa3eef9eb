// What fork can not do on ring3: `limits handler` calls it in a handler of a signal, `limits destructor` while an exception is on its way.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

static void forks() {
  std::printf("fork\n");
  std::fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(0);
  std::printf("%s\n", child < 0 && errno == EAGAIN ? "EAGAIN" : "a child");
  while (wait(nullptr) > 0) {}
}

struct Forks {
  ~Forks() { forks(); }
};

int main(int, char **arguments) {
  if (arguments[1] == std::string("handler")) {
    std::signal(SIGUSR1, [](int) { forks(); });
    std::raise(SIGUSR1);
  } else {
    try {
      Forks here;
      throw 1;
    } catch (int) {
      std::printf("caught\n");
    }
  }
  forks();
}
