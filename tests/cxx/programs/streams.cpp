// Streams: formatting, parsing, files, strings, the classic locale.
#include <charconv>
#include <cmath>
#include <codecvt>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <limits>
#include <locale>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>

int main() {
  std::cout << 1 << ' ' << -2L << ' ' << 3ULL << ' ' << true << std::boolalpha << true << ' ' << 'c' << " \"s\" " << 1.5f << ' ' << 1e100
            << ' ' << 0.1 << ' ' << 100000.0 << ' ' << 1e6 << '\n';
  std::cout << std::hex << std::showbase << 255 << ' ' << std::oct << 8 << std::dec << ' ' << std::showpos << 5 << std::noshowpos << '\n';
  std::cout << std::setw(8) << std::setfill('.') << 42 << '|' << std::left << std::setw(8) << "left" << '|' << std::internal << std::setw(8)
            << -42 << '|' << std::right << std::setfill(' ') << '\n';
  for (double d : {0.0, -0.0, 3.14159265358979, 1e-10, 123456789.125, 1.0 / 3}) {
    std::cout << std::fixed << std::setprecision(3) << d << ' ' << std::scientific << d << ' ' << std::defaultfloat << std::setprecision(17)
              << d << ' ' << std::hexfloat << d << std::defaultfloat << std::setprecision(6) << '\n';
  }
  std::cout << INFINITY << ' ' << -INFINITY << ' ' << std::numeric_limits<double>::max() << ' ' << std::numeric_limits<long>::min() << '\n';
  std::cout << std::quoted("with \"quotes\"") << ' ' << 1.25L << '\n';

  std::istringstream in("  12 0x1f 3.5e2 word \"two words\" x 7 rest of it\nsecond line\n");
  int n, hex;
  double d;
  std::string word, quoted, line;
  in >> n >> std::hex >> hex >> std::dec >> d >> word >> std::quoted(quoted);
  std::cout << n << ' ' << hex << ' ' << d << ' ' << word << ' ' << quoted << '\n';
  int bad = 5;
  in >> bad;
  std::cout << bad << in.fail() << in.eof() << '\n';
  in.clear();
  in >> word >> bad;
  std::getline(in, line);
  std::cout << word << bad << '[' << line << "]\n";
  std::getline(in, line);
  std::cout << '[' << line << ']' << in.good() << (std::getline(in, line) ? 1 : 0) << in.eof() << '\n';

  {
    std::ofstream out("file");
    for (int i = 0; i < 1000; i++) out << "line " << i << '\n';
  }
  std::fstream file("file", std::ios::in | std::ios::out);
  file.seekg(-9, std::ios::end);
  std::getline(file, line);
  file.clear();
  file.seekp(5);
  file << "X";
  file.seekg(0);
  std::getline(file, word);
  file.seekg(0, std::ios::end);
  std::cout << line << '|' << word << '|' << file.tellg() << '\n';
  std::ifstream missing("nosuch");
  std::cout << missing.is_open() << missing.fail() << '\n';
  std::ifstream again("file");
  std::cout << std::count(std::istreambuf_iterator<char>(again), {}, '\n') << '\n';

  std::stringstream hexdump;
  for (unsigned char c : std::string("\x01\xff~")) hexdump << std::setw(2) << std::setfill('0') << std::hex << int(c);
  std::cout << hexdump.str() << '\n';
  char digits[64];
  auto end = std::to_chars(digits, digits + sizeof digits, 0.1).ptr;
  std::cout << std::string_view(digits, end - digits) << ' ';
  end = std::to_chars(digits, digits + sizeof digits, 123456789012345678LL, 36).ptr;
  std::cout << std::string_view(digits, end - digits) << ' ';
  int parsed = 0;
  auto result = std::from_chars("-77x", "-77x" + 4, parsed);
  std::cout << parsed << *result.ptr << ' ' << std::stod("1e-3") << ' ' << std::to_string(2.5) << '\n';

  std::regex date(R"((\d{4})-(\d\d)-(\d\d))");
  std::string dates = "from 2024-01-31 to 2025-12-01.";
  for (std::sregex_iterator it(dates.begin(), dates.end(), date), none; it != none; ++it) std::cout << (*it)[3] << '.' << (*it)[2] << ' ';
  std::cout << std::regex_replace(dates, date, "$3/$2") << '\n';

  std::cout << std::locale().name() << ' ' << std::toupper('x', std::locale::classic()) << ' ' << std::isalpha('1', std::locale()) << '\n';
  std::tm when{};
  when.tm_year = 124, when.tm_mon = 1, when.tm_mday = 29, when.tm_wday = 4;
  std::cout << std::put_time(&when, "%Y-%m-%d %a %B") << '\n';
  std::istringstream("2023-11-05") >> std::get_time(&when, "%Y-%m-%d");
  std::cout << when.tm_year << ' ' << when.tm_mon << ' ' << when.tm_mday << '\n';
  std::wstring_convert<std::codecvt_utf8<char32_t>, char32_t> convert;
  std::cout << convert.from_bytes("ä€😀").size() << ' ' << convert.to_bytes(U"€") << '\n';
  std::wostringstream wide;
  wide << L"wide " << 5;
  std::cout << wide.str().size() << '\n';
  std::string all((std::istreambuf_iterator<char>(std::cin)), {});
  std::cout << all.size() << std::endl;
  std::cerr << "to the other stream " << 1 << '\n';
  std::clog << "logged\n";
}
