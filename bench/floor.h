// The floor that other figures are quoted against: a bare timing wheel, one slot per tick, that calls a function pointer
// per event. Events of one instant keep their order, and stand where they could be taken out again, as every queue here must
// have it; but none is cancelled, none is far away, and there is no clock to keep: the least a simulator can do.
#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace racelab {

/// Nanoseconds per event of the bare wheel, over one round of about a millisecond.
double floor_round();

/// The same as a benchmark of its own: the floor against itself, which should come out at 1.
void bare_wheel_floor(benchmark::State& state);

/// Wall time, for ratios within one benchmark.
class Stopwatch {
 public:
  [[nodiscard]] double nanoseconds() const {
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A round of a benchmark and the round of the floor that followed it, in nanoseconds per event.
struct Round {
  double event;
  double floor;
};

/// Adds the counters `event_ns`, `floor_ns` and `ratio_to_floor`: each the median over the rounds.
void report_ratio(benchmark::State& state, const std::vector<Round>& rounds);

/// Runs `step`, which answers how many events it was, and quotes it against the floor. The two take turns, and the ratio is
/// taken round by round: what the machine does to one of them (its clock, its other guests) it does to both. Choose
/// `steps_per_round` so that a round takes about a millisecond, as one of the floor does.
template <class Step>
void run_against_floor(benchmark::State& state, benchmark::IterationCount steps_per_round,
                       Step step) {
  std::vector<Round> rounds;
  while (state.KeepRunningBatch(steps_per_round)) {
    std::uint64_t events = 0;
    const Stopwatch watch;
    for (benchmark::IterationCount i = 0; i < steps_per_round; ++i) {
      events += step();
    }
    const double event = watch.nanoseconds() / static_cast<double>(events);
    state.PauseTiming();
    rounds.push_back({event, floor_round()});
    state.ResumeTiming();
  }
  report_ratio(state, rounds);
}

}  // namespace racelab
