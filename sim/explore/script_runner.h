// Timed runs of endpoints in SQL: a setup and a seed in; out comes a run as any other, judged by the one-at-a-time rule.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/explore/one_at_a_time.h"
#include "sim/scenario/run.h"
#include "sim/scenario/script_setup.h"

namespace racelab {

/// Runs one experiment under one seed after another, reusing its memory. Not to be copied; one per thread.
class ScriptRunner {
 public:
  explicit ScriptRunner(std::shared_ptr<const ScriptSetup> setup);
  ~ScriptRunner();
  ScriptRunner(const ScriptRunner&) = delete;
  ScriptRunner& operator=(const ScriptRunner&) = delete;

  /// Virtual-time order; delays, faults and what the server is free to choose are drawn from the seed. `explain`: who depended on whom
  /// is worked out, too, where the run is wrong.
  RunResult run(std::uint64_t seed, bool keep_trace = false, bool explain = false);

  /// The run of that seed, made for its events alone. False: it was asked to stop, and not all were told.
  bool tell_events(std::uint64_t seed, TraceReader& reader);

 private:
  struct Memory;
  struct Execution;
  Execution execute(std::uint64_t seed, bool keep_trace, bool records);

  std::shared_ptr<const ScriptSetup> setup_;
  OneAtATime rule_;
  std::vector<std::vector<const Script*>> plan_;
  std::unique_ptr<Memory> memory_;
};

/// The faults of a timed run: one that has a budget and no rate strikes at every tenth chance.
FaultPlan timed_faults(const FaultPlan& plan);

}  // namespace racelab
