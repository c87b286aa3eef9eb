// Threads, what they share and what each has of its own.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <future>
#include <iostream>
#include <latch>
#include <map>
#include <mutex>
#include <numeric>
#include <queue>
#include <semaphore>
#include <shared_mutex>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

struct Counter {
  static inline std::atomic<int> made{0}, gone{0};
  int uses = 0;
  Counter() { ++made; }
  ~Counter() { ++gone; }
};
static thread_local Counter counter;
static thread_local std::string text = "fresh";

static std::once_flag once;
static int onceRuns;

template <typename T> class Queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::queue<T> items;
  bool closed = false;

public:
  void put(T item) {
    std::lock_guard lock(mutex);
    items.push(std::move(item));
    changed.notify_one();
  }
  void close() {
    std::lock_guard lock(mutex);
    closed = true;
    changed.notify_all();
  }
  bool take(T &item) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return closed || !items.empty(); });
    if (items.empty()) return false;
    item = std::move(items.front());
    items.pop();
    return true;
  }
};

int main() {
  {
    std::mutex mutex;
    long total = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; i++) {
      threads.emplace_back([&, i] {
        std::call_once(once, [] { ++onceRuns; });
        counter.uses += i;
        text += std::to_string(i);
        for (int k = 0; k < 500; k++) {
          std::lock_guard lock(mutex);
          total += i;
        }
        std::lock_guard lock(mutex);
        total += text.size() + counter.uses;
      });
    }
    for (auto &thread : threads) thread.join();
    std::cout << total << ' ' << onceRuns << ' ' << Counter::made << ' ' << Counter::gone << ' ' << text << '\n';
  }
  {
    Queue<int> work, results;
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; i++) {
      workers.emplace_back([&] {
        for (int n; work.take(n);) results.put(n * n);
      });
    }
    for (int i = 0; i < 200; i++) work.put(i);
    work.close();
    for (auto &worker : workers) worker.join();
    results.close();
    std::vector<int> all;
    for (int n; results.take(n);) all.push_back(n);
    std::sort(all.begin(), all.end());
    std::cout << all.size() << ' ' << all.back() << ' ' << std::accumulate(all.begin(), all.end(), 0L) << '\n';
  }
  {
    auto answer = std::async(std::launch::async, [] { return 42; });
    auto failure = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a thread"); });
    std::promise<std::string> promise;
    std::thread([&] { promise.set_value("promised"); }).join();
    std::packaged_task<int(int)> task([](int n) { return n + 1; });
    auto packaged = task.get_future();
    std::thread(std::move(task), 6).join();
    std::cout << answer.get() << ' ' << promise.get_future().get() << ' ' << packaged.get() << '\n';
    try {
      failure.get();
    } catch (const std::exception &e) {
      std::cout << e.what() << '\n';
    }
  }
  {
    std::shared_mutex mutex;
    std::map<int, int> shared;
    std::atomic<int> seen{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) {
      threads.emplace_back([&, i] {
        for (int k = 0; k < 50; k++) {
          if (k % 10 == 0) {
            std::unique_lock lock(mutex);
            shared[i * 100 + k] = k;
          } else {
            std::shared_lock lock(mutex);
            seen += shared.count(i * 100);
          }
        }
      });
    }
    for (auto &thread : threads) thread.join();
    std::cout << shared.size() << ' ' << seen << '\n';
  }
  {
    std::barrier barrier(3);
    std::latch latch(3);
    std::counting_semaphore<2> slots(2);
    std::atomic<int> inside{0}, most{0}, rounds{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; i++) {
      threads.emplace_back([&] {
        for (int k = 0; k < 5; k++) {
          barrier.arrive_and_wait();
          slots.acquire();
          int now = ++inside;
          for (int old = most; now > old && !most.compare_exchange_weak(old, now);) {}
          --inside;
          slots.release();
          ++rounds;
        }
        latch.count_down();
      });
    }
    latch.wait();
    std::cout << rounds << ' ' << (most <= 2) << '\n';
  }
  {
    std::atomic<int> phase{0};
    std::thread waiter([&] {
      phase.wait(0);
      phase = 2;
      phase.notify_all();
    });
    phase = 1;
    phase.notify_all();
    phase.wait(1);
    waiter.join();
    std::condition_variable_any changed;
    std::mutex mutex;
    std::stop_source source;
    bool stopped = false;
    std::thread sleeper([&] {
      std::unique_lock lock(mutex);
      changed.wait(lock, source.get_token(), [] { return false; });
      stopped = true;
    });
    source.request_stop();
    sleeper.join();
    std::cout << phase << ' ' << stopped << '\n';
  }
  {
    using namespace std::chrono_literals;
    std::timed_mutex mutex;
    std::lock_guard lock(mutex);
    bool got = true;
    std::thread([&] { got = mutex.try_lock_for(5ms); }).join();
    std::condition_variable never;
    std::mutex own;
    std::unique_lock held(own);
    auto start = std::chrono::steady_clock::now();
    bool timeout = never.wait_for(held, 5ms) == std::cv_status::timeout;
    std::this_thread::sleep_for(2ms);
    bool enough = std::chrono::steady_clock::now() - start >= 2ms;
    std::cout << got << timeout << enough << '\n';
  }
  int caught = 0;
  std::thread([&] {
    try {
      std::thread([] {}).detach();
      throw 3;
    } catch (int n) {
      caught = n;
    }
  }).join();
  std::cout << caught << ' ' << (std::thread::hardware_concurrency() > 0) << std::endl;
}
