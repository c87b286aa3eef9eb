// Containers, algorithms, ranges, numbers, memory, time; the order of static initialisation.
#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <chrono>
#include <complex>
#include <concepts>
#include <coroutine>
#include <deque>
#include <forward_list>
#include <functional>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <numeric>
#include <queue>
#include <random>
#include <ranges>
#include <set>
#include <span>
#include <stack>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <valarray>
#include <vector>

static std::vector<std::string> &order() {
  static std::vector<std::string> list;
  return list;
}
struct Step {
  Step(const char *name) { order().push_back(name); }
};
static Step first("first"), second("second");
static Step third("third");
constinit static int ready = 5;

struct Generator {
  struct promise_type {
    int value = 0;
    Generator get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int v) {
      value = v;
      return {};
    }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
  ~Generator() {
    if (handle) handle.destroy();
  }
  bool next() {
    handle.resume();
    return !handle.done();
  }
};
static Generator fibonacci(int upto) {
  for (int a = 0, b = 1; a < upto; b += std::exchange(a, b)) co_yield a;
  throw std::string("the end");
}

template <typename T> static void show(const char *name, T &&range) {
  std::cout << name << ':';
  for (const auto &item : range) std::cout << ' ' << item;
  std::cout << '\n';
}

int main() {
  show("order", order());
  std::cout << ready << '\n';
  std::mt19937 random(12345);
  std::vector<int> numbers(2000);
  std::ranges::generate(numbers, [&] { return int(random() % 1000); });
  auto sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  auto stable = numbers;
  std::stable_sort(stable.begin(), stable.end(), [](int a, int b) { return a / 10 < b / 10; });
  std::nth_element(numbers.begin(), numbers.begin() + 1000, numbers.end());
  std::cout << sorted[0] << ' ' << sorted[1000] << ' ' << (numbers[1000] == sorted[1000]) << ' ' << stable[7] << ' '
            << std::accumulate(sorted.begin(), sorted.end(), 0LL) << ' ' << std::binary_search(sorted.begin(), sorted.end(), 500) << '\n';

  std::map<std::string, int> words;
  for (const char *word : {"the", "quick", "the", "lazy", "quick", "the"}) ++words[word];
  for (const auto &[word, count] : words) std::cout << word << '=' << count << ' ';
  std::unordered_map<int, std::string> hashed;
  for (int i = 0; i < 1000; i++) hashed[i * 7919] = std::to_string(i);
  hashed.erase(7919);
  std::unordered_set<std::string> set{"a", "b", "a"};
  std::multiset<int> multi{3, 1, 3};
  std::cout << hashed.size() << hashed.at(7919 * 5) << hashed.count(7919) << set.size() << multi.count(3) << '\n';
  std::list<int> list{5, 3, 1};
  list.sort();
  list.splice(list.end(), std::list<int>{9});
  std::deque<int> deque(list.begin(), list.end());
  deque.push_front(0);
  std::forward_list<int> forward{1, 2};
  forward.reverse();
  std::priority_queue<int> queue(list.begin(), list.end());
  show("list", list), show("deque", deque), show("forward", forward);
  std::cout << queue.top() << ' ' << std::bitset<10>(37) << ' ' << std::popcount(255u) << std::countl_zero(1u) << '\n';

  show("ranges", sorted | std::views::filter([](int n) { return n % 100 == 0; }) | std::views::transform([](int n) { return n / 100; }) |
                     std::views::take(8));
  show("split", std::views::iota(1, 6) | std::views::reverse);
  std::span<int> part(sorted.data() + 1, 3);
  std::valarray<double> values{1, 2, 3};
  values = values * values + 1.0;
  std::cout << part.size() << ' ' << values.sum() << ' ' << std::gcd(48, 18) << ' ' << std::abs(std::complex<double>(3, 4)) << ' '
            << std::midpoint(1, 4) << '\n';

  auto shared = std::make_shared<std::vector<int>>(3, 7);
  std::weak_ptr<std::vector<int>> weak = shared;
  auto copy = shared;
  std::cout << shared.use_count() << weak.lock()->size();
  shared.reset(), copy.reset();
  std::cout << weak.expired() << '\n';
  std::array<std::byte, 4096> buffer;
  std::pmr::monotonic_buffer_resource pool(buffer.data(), buffer.size());
  std::pmr::vector<std::pmr::string> strings(&pool);
  for (int i = 0; i < 10; i++) strings.emplace_back("a string that is too long for the small buffer " + std::to_string(i));
  std::cout << strings.back() << '\n';
  auto bound = std::bind([](int a, int b, int c) { return a * 100 + b * 10 + c; }, std::placeholders::_2, 5, std::placeholders::_1);
  std::cout << bound(1, 2) << ' ' << std::apply([](auto... n) { return (n + ...); }, std::tuple(1, 2.5, 3L)) << '\n';

  std::uniform_int_distribution<int> die(1, 6);
  std::mt19937_64 other(1);
  std::minstd_rand simple(2);
  std::cout << random() << ' ' << other() << ' ' << simple() << ' ' << (die(random) <= 6) << (std::random_device()() != std::random_device()())
            << '\n';

  using namespace std::chrono;
  sys_days day = year{2024} / February / last;
  std::cout << day.time_since_epoch().count() << ' ' << unsigned(weekday(day).iso_encoding()) << ' '
            << duration_cast<minutes>(hours(25) + seconds(59)).count() << ' ' << (year_month_day(day + days(1)).month() == March) << '\n';
  auto before = steady_clock::now();
  std::cout << (system_clock::now() > system_clock::from_time_t(1700000000)) << (before <= steady_clock::now()) << '\n';

  auto numbersOf = fibonacci(50);
  try {
    while (numbersOf.next()) std::cout << numbersOf.handle.promise().value << ' ';
  } catch (const std::string &s) {
    std::cout << s << '\n';
  }
  std::cout << sizeof(long) << ' ' << std::string(1000, 'x').size() << std::endl;
}
