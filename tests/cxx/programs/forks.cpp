// fork in handlers of exceptions: of a type, of all; in what they call; before they pass the exception on; behind them; in both processes
// the exception goes on.
#include <iostream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

struct Loud {
  std::string name;
  ~Loud() { std::cout << "~" << name << '\n'; }
};

// The parent waits until the child, which goes on with 0, has ended.
static int forks() {
  std::cout.flush();
  pid_t child = fork();
  if (child == 0) return 0;
  int status;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int deep(int n) {
  Loud here{"deep " + std::to_string(n)};
  return n ? deep(n - 1) : forks();
}

static void thrower(int n) {
  if (n == 1) throw std::out_of_range("first");
  if (n == 2) throw std::string("second");
  if (n == 3) throw 3;
}

// A handler for a type tests for it first, and else rethrows: the compiler's own rethrow.
static int typed(int n) {
  Loud here{"typed"};
  try {
    thrower(n);
  } catch (const std::logic_error &error) {
    std::string text = error.what();
    int status = forks();
    std::cout << text << ' ' << error.what() << ' ' << status << '\n';
    return status;
  } catch (const std::string &text) {
    int status = deep(2);
    std::cout << text << ' ' << status << '\n';
    return status;
  }
  return -1;
}

static int passes() {
  try {
    try {
      thrower(1);
    } catch (const std::logic_error &error) {
      int status = deep(1);
      std::cout << "passes on " << status << '\n';
      if (status == 0) throw std::string("another");
      throw;
    }
  } catch (const std::string &text) {
    std::cout << "the child threw " << text << '\n';
    return 0;
  } catch (const std::out_of_range &error) {
    std::cout << "came on: " << error.what() << '\n';
    return 1;
  }
  return 2;
}

static int nested() {
  try {
    thrower(3);
  } catch (int n) {
    try {
      thrower(2);
    } catch (...) {
      int status = forks();
      std::cout << "all " << n << ' ' << status << '\n';
      return status;
    }
  }
  return -1;
}

static int behind() {
  try {
    throw 1;
  } catch (int) {
    std::cout << "caught\n";
  }
  return forks();
}

static void run(const char *name, int (*function)(), int code) {
  std::cout << "-- " << name << std::endl;
  int status = function();
  std::cout << name << ": " << status << std::endl;
  if (status == 0) _exit(code);
}

int main() {
  run("typed", [] { return typed(1); }, 11);
  run("deep", [] { return typed(2); }, 12);
  run("other", [] {
    try {
      return typed(3);
    } catch (int n) {
      return n;
    }
  }, 13);
  run("passes", passes, 14);
  run("nested", nested, 15);
  run("behind", behind, 16);
}
