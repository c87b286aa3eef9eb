// fork inside of try blocks; setjmp beside exceptions; what a child inherits; exit handlers and static destructors.
#include <csetjmp>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

struct Loud {
  std::string name;
  ~Loud() { std::cout << "~" << name << " " << std::endl; }
};
static Loud global{"global"};

static int status(pid_t child) {
  int word;
  waitpid(child, &word, 0);
  return WIFEXITED(word) ? WEXITSTATUS(word) : 128 + WTERMSIG(word);
}

static pid_t recurse(int n, const std::string &text) {
  Loud here{"recurse " + std::to_string(n)};
  if (n) return recurse(n - 1, text + std::to_string(n));
  pid_t child = fork();
  if (child == 0) throw std::runtime_error(text);
  int ended = status(child);
  std::cout << "child ended with " << ended << '\n';
  return 0;
}

static std::jmp_buf place;

static void jump(int n) {
  if (n == 0) std::longjmp(place, 5);
  jump(n - 1);
}

// A function of its own: clang's lowering of longjmp destroys what the function that calls setjmp has (guests/README.md).
static int jumps() {
  int jumped = setjmp(place);
  if (jumped == 0) {
    try {
      jump(4);
    } catch (...) {
      std::cout << "longjmp is no exception\n";
    }
  }
  return jumped;
}

int main(int argc, char **) {
  std::cout << std::unitbuf;
  try {
    pid_t child = recurse(3, "carried ");
    int ended = child ? status(child) : 0;
    if (child) std::cout << "parent sees " << ended << '\n';
    if (argc) throw std::string("parent");
  } catch (const std::runtime_error &e) {
    std::cout << "child: " << e.what() << '\n';
    _exit(3);
  } catch (const std::string &s) {
    std::cout << s << " goes on\n";
  }
  try {
    if (argc) throw 1;
  } catch (int n) {
    int result = std::system("exit 9");
    std::cout << "system in a handler " << WEXITSTATUS(result) << ' ' << n << '\n';
  }
  std::vector<pid_t> children;
  for (int i = 0; i < 5; i++) {
    pid_t child = fork();
    if (child == 0) {
      int sum = 0;
      for (int k = 0; k <= i; k++) {
        try {
          throw k;
        } catch (int n) {
          sum += n;
        }
      }
      _exit(sum);
    }
    children.push_back(child);
  }
  for (pid_t child : children) std::cout << status(child) << ' ';
  std::cout << '\n';
  int jumped = jumps();
  std::cout << "jumped " << jumped << '\n';
  pid_t child = fork();
  if (child == 0) throw std::logic_error("nobody catches it"); // terminate, abort
  int uncaught = status(child);
  std::cout << "uncaught " << uncaught << std::endl;
  std::atexit([] { std::cout << "atexit\n"; });
  static Loud local{"static in main"};
  std::at_quick_exit([] {});
  return 6;
}
