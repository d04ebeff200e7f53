// The kernel's speed, as ratios to a floor measured in the same process: a bare timing wheel that calls a function
// pointer per event, the least that any simulator must do. Compare `ratio_to_floor`, not nanoseconds: those belong to the
// machine. Targets: timer event 20/13 of the floor, two-event call 60/13.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#include "bench/floor.h"
#include "sim/kernel/arena.h"
#include "sim/kernel/choice.h"
#include "sim/kernel/task.h"

namespace racelab {

namespace {

constexpr int tasks = 64;
constexpr int steps_per_round = 50'000;

// What a coroutine needs to run here: frames, and the choice that its waits are offered to.
struct Bench {
  Arena arena;
  Timed timed{1, {}};
  std::array<TaskRoot, tasks> roots;
  [[nodiscard]] Arena& frames() { return arena; }
};

struct Sleep : Pending {
  Sleep(Bench& bench_, TaskRoot& root_, Duration span)
      : Pending(Happening::timer, {}), bench(bench_), root(root_) {
    delay = Delay::exactly(span);
  }
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;
  ~Sleep() {
    if (offered) {
      bench.timed.withdraw(*this);
    }
  }
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) { bench.timed.offer(*this); }
  void await_resume() const noexcept {}

  Bench& bench;
  TaskRoot& root;
};

Task<> sleeper(Bench& bench, int number) {
  const Duration span = microseconds(700 + (number * 7));
  while (true) {
    co_await Sleep(bench, bench.roots[static_cast<std::size_t>(number)], span);
  }
}

// A call: a reply after a while, a timeout that the reply cancels.
struct Call : Pending {
  Call(Bench& bench_, TaskRoot& root_, Duration span)
      : Pending(Happening::timeout, {}), bench(bench_), reply(Happening::reply, {}), root(root_) {
    delay = Delay::exactly(milliseconds(50));
    reply.delay = Delay::exactly(span);
    reply.call = this;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    if (offered) {
      bench.timed.withdraw(*this);
    }
    if (reply.offered) {
      bench.timed.withdraw(reply);
    }
  }
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) {
    bench.timed.offer(*this);
    bench.timed.offer(reply);
  }
  void await_resume() const noexcept {}

  struct Reply : Pending {
    using Pending::Pending;
    Call* call = nullptr;
  };
  Bench& bench;
  Reply reply;
  TaskRoot& root;
};

Task<> caller(Bench& bench, int number) {
  const Duration span = microseconds(700 + (number * 7));
  while (true) {
    co_await Call(bench, bench.roots[static_cast<std::size_t>(number)], span);
  }
}

void timer_event(benchmark::State& state) {
  Bench bench;
  for (int i = 0; i < tasks; ++i) {
    TaskRoot& root = bench.roots[static_cast<std::size_t>(i)];
    spawn(root, bench.arena, sleeper(bench, i));
    root.run();
  }
  run_against_floor(state, steps_per_round, [&bench]() -> std::uint64_t {
    const Occurrence occurrence = bench.timed.next();
    static_cast<Sleep*>(occurrence.pending)->root.run();
    return 1;
  });
  for (TaskRoot& root : bench.roots) {
    root.kill();
  }
}

void two_event_call(benchmark::State& state) {
  Bench bench;
  for (int i = 0; i < tasks; ++i) {
    TaskRoot& root = bench.roots[static_cast<std::size_t>(i)];
    spawn(root, bench.arena, caller(bench, i));
    root.run();
  }
  run_against_floor(state, steps_per_round, [&bench]() -> std::uint64_t {
    const Occurrence occurrence = bench.timed.next();
    Call* call = static_cast<Call::Reply*>(occurrence.pending)->call;
    bench.timed.withdraw(*call);
    call->root.run();
    return 1;
  });
  for (TaskRoot& root : bench.roots) {
    root.kill();
  }
}

BENCHMARK(bare_wheel_floor);
BENCHMARK(timer_event);
BENCHMARK(two_event_call);

}  // namespace

}  // namespace racelab
