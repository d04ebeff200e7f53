// One run of a scenario: settings, a fleet and a seed in; everything that can be said about it out, as data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/check/dependencies.h"
#include "sim/check/judge.h"
#include "sim/client/world.h"
#include "sim/handler/script_operation.h"
#include "sim/kernel/choice.h"
#include "sim/scenario/registry.h"
#include "sim/scenario/settings.h"
#include "sim/scenario/setup.h"

namespace racelab {

enum class Verdict : std::uint8_t { holds, violated, gave_up, idle };

struct Counts {
  ServiceCounts service;
  ClientCounts clients;
  GatewayCounts gateways;
  std::uint64_t operations =
      0;  // that were issued, or would have been, had the run not ended before
};

/// Percentiles by nearest rank.
struct Latency {
  Duration p50{};
  Duration p90{};
  Duration p99{};
  Duration max{};
};

/// What a run of endpoints in SQL left behind, judged by the one-at-a-time rule.
struct ScriptRunEnding {
  ScriptEnding ending;
  Circle circle;                        // of what depended on what; no name: there is none
  std::vector<std::size_t> done_twice;  // operations of which several executions were committed
  std::vector<TraceText> texts;         // of the trace's statements
};

struct RunResult {
  std::uint64_t seed = 0;
  Verdict verdict = Verdict::holds;
  World::End end = World::End::finished;
  History history;
  Judgement judgement;
  bool invariant_broken = false;
  Counts counts;
  Instant ended{};               // virtual time of the last happening
  std::uint64_t events = 0;      // that the trace hash covers
  std::uint64_t happenings = 0;  // that the loop took
  std::uint64_t trace_hash = 0;
  std::vector<Service::Wait> waits;       // of a run that is stuck or was given up
  std::vector<OperationName> unanswered;  // clients that still wait
  std::vector<TraceEvent> trace;          // empty unless it was kept
  std::vector<TraceRow> trace_rows;
  std::shared_ptr<const ScriptRunEnding>
      scripts;  // of endpoints in SQL; nullptr: of strategies, which
                // the history and the judgement tell of

  /// From issue to told, over the operations that ended; nothing when none did.
  [[nodiscard]] std::optional<Latency> latency() const;
  /// Operations that never ended in a run that is stuck.
  [[nodiscard]] std::uint64_t stuck() const;
  /// The finding of the operation that ended first; nullptr when there is none.
  [[nodiscard]] const Finding* first_finding() const;
  /// A lost update's first lost version on its row, and the one that replaced it; nullptr where there is none.
  struct Loss {
    const HistoryVersion* lost = nullptr;
    const HistoryVersion* overwriter = nullptr;
  };
  [[nodiscard]] Loss loss(const Finding& finding) const;
};

/// Runs one experiment under one seed after another, reusing its memory. Not to be copied; one per thread.
class Runner {
 public:
  /// The fleet must apply to the workload (problem_with says so). The memory is kept between runs.
  Runner(const Settings& settings, const Fleet& fleet);
  explicit Runner(Setup setup);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// A timed run: virtual-time order, delays and faults drawn from the seed.
  RunResult run(std::uint64_t seed, bool keep_trace = false);

  /// A timed run of any length, with the events that explain its first finding: if they were not kept, it is run again
  /// (it is the same run) and those of the operations concerned are kept.
  RunResult run_explained(std::uint64_t seed, bool keep_trace);

  /// The run of that seed, made for its events alone. False: it was asked to stop, and not all were told.
  bool tell_events(std::uint64_t seed, TraceReader& reader);

  /// The same under another choice, which must be at its start.
  RunResult run_under(Choice& choice, bool keep_trace = false);

  /// Runs without judging: for measuring. Returns the trace hash.
  std::uint64_t run_only(std::uint64_t seed);

  [[nodiscard]] const std::vector<std::string>& row_names() const { return setup_.row_names; }

 private:
  struct Memory;
  RunResult run_keeping(Choice& choice, const TraceKeeping& keeping);

  Setup setup_;
  std::unique_ptr<Memory> memory_;
};

}  // namespace racelab
