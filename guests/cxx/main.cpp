// `main` under C++'s rule that an exception which leaves it ends the program by std::terminate. crt1.o calls __main_void, and ring3-c++
// links with --wrap=__main_void. (A `noexcept` would do the same, but then std::terminate could not say what the exception was.)

namespace std {
[[noreturn]] void terminate() noexcept;
}

extern "C" int __real___main_void();

extern "C" int __wrap___main_void() {
  try {
    return __real___main_void();
  } catch (...) {
    std::terminate();
  }
}
