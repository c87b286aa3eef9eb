// Exceptions: through frames with destructors, by type, by base, rethrown, nested, out of constructors and callbacks; noexcept, RTTI.
#include <algorithm>
#include <any>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <memory_resource>
#include <new>
#include <optional>
#include <stdexcept>
#include <typeindex>
#include <typeinfo>
#include <variant>
#include <vector>

static int alive;

struct Guard {
  std::string name;
  explicit Guard(std::string n) : name(std::move(n)) { ++alive; }
  Guard(const Guard &other) : name(other.name) { ++alive; }
  ~Guard() {
    --alive;
    std::cout << "~" << name << (std::uncaught_exceptions() ? " while unwinding" : "") << '\n';
  }
};

struct Base {
  virtual ~Base() = default;
  virtual std::string who() const { return "base"; }
};
struct Left : virtual Base {
  std::string who() const override { return "left"; }
};
struct Right : virtual Base {};
struct Both : Left, Right {
  std::string who() const override { return "both"; }
};

struct Failure : std::runtime_error {
  int code;
  Failure(const std::string &what, int code) : std::runtime_error(what), code(code) {}
};

static int deep(int n) {
  Guard guard("frame " + std::to_string(n));
  if (n == 0) throw Failure("at the bottom", 7);
  int result = deep(n - 1) + 1;
  return result + (guard.name.empty() ? 1 : 0);
}

struct Member {
  Guard first{"member"};
  Member(int n) {
    if (n < 0) throw std::invalid_argument("negative");
  }
};
struct Whole {
  Guard before{"before"};
  Member member;
  Whole(int n) try : member(n) {
    std::cout << "whole\n";
  } catch (const std::exception &e) {
    std::cout << "constructor: " << e.what() << '\n';
  }
};

static void nested(int level) {
  try {
    if (level == 0) throw std::out_of_range("innermost");
    nested(level - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error("level " + std::to_string(level)));
  }
}

static void print(const std::exception &e, int indent = 0) {
  std::cout << std::string(indent, ' ') << e.what() << '\n';
  try {
    std::rethrow_if_nested(e);
  } catch (const std::exception &inner) {
    print(inner, indent + 1);
  }
}

template <typename F> static void attempt(const char *name, F &&f) {
  try {
    f();
    std::cout << name << ": nothing\n";
  } catch (const std::bad_alloc &) {
    std::cout << name << ": bad_alloc\n";
  } catch (const std::logic_error &e) {
    std::cout << name << ": logic_error\n";
  } catch (const std::exception &e) {
    std::cout << name << ": exception of another kind\n";
  } catch (int n) {
    std::cout << name << ": int " << n << '\n';
  } catch (const char *text) {
    std::cout << name << ": text " << text << '\n';
  } catch (...) {
    std::cout << name << ": something\n";
  }
}

static int noexceptCalls;
static int fails() noexcept(false) { throw 1; }

int main() {
  try {
    deep(3);
  } catch (const Failure &e) {
    std::cout << e.what() << ' ' << e.code << ", alive " << alive << '\n';
  }
  try {
    try {
      throw Both();
    } catch (Base &b) {
      std::cout << "caught a base: " << b.who() << '\n';
      throw;
    }
  } catch (Right &r) {
    std::cout << "again: " << r.who() << ' ' << (dynamic_cast<Left *>(&r) != nullptr) << '\n';
  }
  try {
    Whole whole(-1);
  } catch (const std::exception &e) {
    std::cout << "out of it: " << e.what() << '\n';
  }
  Whole fine(1);
  try {
    nested(2);
  } catch (const std::exception &e) {
    print(e);
  }
  attempt("at", [] { std::vector<int>{1}.at(5); });
  attempt("no memory", [] { std::pmr::null_memory_resource()->allocate(1); });
  attempt("length", [] { std::vector<long>().reserve(std::size_t(-1)); });
  attempt("int", [] { throw 5; });
  attempt("text", [] { throw "words"; });
  attempt("guard", [] { throw Guard("thrown"); });
  attempt("optional", [] { std::optional<int>().value(); });
  attempt("variant", [] { std::get<int>(std::variant<int, double>(1.5)); });
  attempt("any", [] { std::any_cast<int>(std::any(1.5)); });
  attempt("function", [] { std::function<void()>()(); });
  attempt("stoi", [] { std::stoi("x"); });
  attempt("weak", [] { std::shared_ptr<int> p{std::weak_ptr<int>()}; });
  attempt("cast", [] { Base b; dynamic_cast<Both &>(b); });
  attempt("in sort", [] {
    std::vector<int> v{3, 1, 2};
    std::sort(v.begin(), v.end(), [](int a, int b) -> bool { throw a + b > 0; });
  });
  attempt("many", [] {
    int caught = 0;
    for (int i = 0; i < 20000; i++) {
      try {
        if (i % 2) throw i;
        throw std::string("even");
      } catch (int n) {
        caught += n % 3;
      } catch (std::string &s) {
        caught += s.size();
      }
    }
    std::cout << caught << '\n';
  });
  std::exception_ptr kept;
  try {
    throw Failure("kept", 9);
  } catch (...) {
    kept = std::current_exception();
  }
  try {
    std::rethrow_exception(kept);
  } catch (Failure &e) {
    std::cout << e.what() << e.code << '\n';
  }
  Both both;
  Base &base = both;
  std::cout << typeid(base).name() << ' ' << (typeid(base) == typeid(Both)) << ' '
            << (std::type_index(typeid(int)) == std::type_index(typeid(long))) << '\n';
  std::cout << noexcept(fails()) << noexceptCalls << " alive " << alive << std::endl;
  std::set_terminate([] {
    std::cout << "terminate" << std::endl;
    _Exit(17);
  });
  []() noexcept { fails(); }();
}
