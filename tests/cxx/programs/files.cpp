// std::filesystem, std::error_code and what their exceptions say.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

namespace fs = std::filesystem;

template <typename F> static void attempt(const char *name, F &&f) {
  try {
    f();
    std::cout << name << " went well\n";
  } catch (const fs::filesystem_error &e) {
    std::cout << name << ": " << e.code() << ' ' << e.code().message() << '\n'; // the libraries differ in the paths
  } catch (const std::system_error &e) {
    std::cout << name << ": " << e.what() << '\n';
  }
}

int main() {
  fs::create_directories("tree/a/b/c");
  fs::create_directory("tree/d");
  for (const char *name : {"tree/one", "tree/a/two", "tree/a/b/three", "tree/d/four"}) std::ofstream(name) << name;
  fs::create_symlink("../one", "tree/d/link");
  fs::create_symlink("nowhere", "tree/broken");
  fs::create_hard_link("tree/one", "tree/hard");
  fs::permissions("tree/one", fs::perms::owner_all | fs::perms::group_read);

  std::vector<std::string> found;
  for (const auto &entry : fs::recursive_directory_iterator("tree")) {
    auto status = entry.symlink_status();
    std::string line = entry.path().generic_string() + ' ' + std::to_string(int(status.type()));
    if (entry.is_symlink()) line += " -> " + fs::read_symlink(entry.path()).string();
    else if (entry.is_regular_file()) line += ' ' + std::to_string(entry.file_size()) + ' ' + std::to_string(int(status.permissions()));
    found.push_back(line);
  }
  std::sort(found.begin(), found.end());
  for (const auto &line : found) std::cout << line << '\n';
  std::cout << fs::hard_link_count("tree/one") << fs::exists("tree/broken") << fs::equivalent("tree/one", "tree/hard")
            << fs::is_empty("tree/a/b/c") << '\n';

  std::cout << fs::path("/a/b/../c/./d.tar.gz").lexically_normal() << fs::path("a/b.txt").stem() << fs::path("a/b.txt").extension()
            << fs::path("/x/y").lexically_relative("/x/z") << (fs::path("a") / "b" / "/c") << '\n';
  for (const auto &part : fs::path("/usr//lib/../x/")) std::cout << part << ' ';
  std::cout << '\n' << fs::relative(fs::canonical("tree/d/link")) << ' ' << fs::weakly_canonical("tree/none/x").filename() << '\n';

  fs::copy("tree", "copy", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  fs::copy_file("tree/one", "copy/one", fs::copy_options::overwrite_existing);
  fs::rename("copy/a", "copy/moved");
  fs::resize_file("copy/one", 3);
  std::cout << std::distance(fs::recursive_directory_iterator("copy"), {}) << ' ' << fs::file_size("copy/one") << ' '
            << fs::exists("copy/moved/b/three") << '\n';
  auto time = fs::file_time_type::clock::now() - std::chrono::hours(48);
  fs::last_write_time("copy/one", time);
  auto age = fs::last_write_time("tree/one") - fs::last_write_time("copy/one");
  std::cout << (age > std::chrono::hours(47)) << ' ' << (fs::space("/").capacity > 0) << '\n';

  attempt("size", [] { fs::file_size("nosuch"); });
  attempt("mkdir", [] { fs::create_directory("tree/one/x"); });
  attempt("rmdir", [] { fs::remove("tree/a"); });
  attempt("iterate", [] { fs::directory_iterator it("tree/one"); });
  attempt("rename", [] { fs::rename("nosuch", "other"); });
  attempt("copy_file", [] { fs::copy_file("tree/one", "copy/one"); });
  attempt("link", [] { fs::create_hard_link("nosuch", "other"); });
  attempt("current_path", [] { fs::current_path("nosuch"); });
  attempt("plain", [] { throw std::system_error(EACCES, std::generic_category(), "opening"); });
  attempt("condition", [] { throw std::system_error(make_error_code(std::errc::file_exists)); });
  attempt("not one", [] { std::cout << fs::exists("nosuch") << fs::remove("nosuch") << ' '; });
  std::error_code error;
  fs::file_size("nosuch", error);
  std::cout << error << ' ' << (error == std::errc::no_such_file_or_directory) << ' ' << error.category().name() << '\n';
  std::cout << std::error_code(EAGAIN, std::system_category()).default_error_condition().message() << '\n';

  std::cout << fs::remove_all("tree") << ' ' << fs::remove_all("copy") << ' ' << fs::exists("tree") << '\n';
  fs::create_directory("here");
  fs::current_path("here");
  std::cout << fs::current_path().filename() << fs::temp_directory_path() << std::endl;
}
