// Threads take units in order, until there are none left.
#include "sim/sweep/sweep.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <mutex>
#include <thread>

#include "sim/kernel/plugin_call.h"
#include "sim/kernel/stop.h"
#include "sim/sweep/sweep_units.h"

namespace racelab {

namespace {

// Where a signal finds room when a plug-in has used up this thread's own.
class SpareStack {
 public:
  SpareStack() {
    const stack_t mine{room_.data(), 0, room_.size()};
    sigaltstack(&mine, nullptr);
  }
  SpareStack(const SpareStack&) = delete;
  SpareStack& operator=(const SpareStack&) = delete;
  ~SpareStack() {
    const stack_t none{nullptr, SS_DISABLE, 0};
    sigaltstack(&none, nullptr);
  }

 private:
  std::array<char, 65'536> room_;
};

class Work {
 public:
  explicit Work(const SweepPlan& plan) : plan_(plan), units_(plan), total_(plan, units_) {}

  // One thread's part.
  void work() {
    const StopsOn stops(stopped_);
    const WatchedThread watched;
#ifndef __SANITIZE_ADDRESS__  // it has one of its own
    const SpareStack spare;
#endif
    try {
      take_units();
    } catch (...) {  // out of memory: told by the thread that waits
      const std::lock_guard lock(mutex_);
      problem_ = std::current_exception();
      stopped_ = true;
    }
    const std::lock_guard lock(mutex_);
    ++threads_done_;
    changed_.notify_one();
  }

  void wait(unsigned threads, const SweepOptions& options) {
    const std::uint64_t runs = plan_.seeds * plan_.cells.size();
    std::unique_lock lock(mutex_);
    while (threads_done_ < threads) {
      changed_.wait_for(lock, std::chrono::milliseconds(50),
                        [&] { return threads_done_ == threads; });
      if (options.go_on) {
        lock.unlock();
        if (!options.go_on(runs_done_, runs)) {
          stopped_ = true;
        }
        lock.lock();
      }
    }
  }

  SweepResult result() && {
    if (problem_) {
      std::rethrow_exception(problem_);
    }
    return std::move(total_).result();
  }

 private:
  void take_units() {
    UnitRunner runner(plan_, units_);
    while (!stopped_) {
      const std::uint64_t unit = next_unit_++;
      if (unit >= units_.count()) {
        break;
      }
      if (std::optional<UnitTallies> done =
              runner.run(unit, [this](std::uint64_t runs) { runs_done_ += runs; })) {
        const std::lock_guard lock(mutex_);
        total_.add(unit, std::move(*done));
      }
    }
  }

  const SweepPlan& plan_;
  const SweepUnits units_;
  std::atomic<std::uint64_t> next_unit_ = 0;
  std::atomic<std::uint64_t> runs_done_ = 0;
  StopFlag stopped_ = false;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  unsigned threads_done_ = 0;
  std::exception_ptr problem_;
  SweepTotal total_;
};

}  // namespace

SweepResult sweep(const SweepPlan& plan, const SweepOptions& options) {
  Work work(plan);
  const unsigned threads =
      options.jobs > 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  boost::asio::thread_pool pool(threads);
  for (unsigned thread = 0; thread < threads; ++thread) {
    boost::asio::post(pool, [&work] { work.work(); });
  }
  work.wait(threads, options);
  pool.join();
  return std::move(work).result();
}

}  // namespace racelab
