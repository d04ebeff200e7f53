// The floor that other figures are quoted against: a bare timing wheel, one slot per tick, that calls a function pointer
// per event. No cancelling, no far events, no clock to keep: the least a simulator can do.
#pragma once

#include <benchmark/benchmark.h>

#include <chrono>

namespace racelab {

/// Nanoseconds per event of the bare wheel, measured once per process (the best of several rounds).
double floor_nanoseconds();

/// The same as a benchmark of its own.
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

/// Adds the counters `floor_ns` and `ratio_to_floor`, per iteration, or per `events_per_iteration`.
void report_ratio(benchmark::State& state, const Stopwatch& watch, double floor,
                  double events_per_iteration = 1);

}  // namespace racelab
