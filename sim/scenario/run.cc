// Settings become a world; a world that has run becomes a result.
#include "sim/scenario/run.h"

#include <algorithm>

#include "sim/kernel/stop.h"
#include "sim/scenario/verdict.h"

namespace racelab {

// The world's memory and the queue of its events: kept from run to run.
struct Runner::Memory {
  Arena arena;
  Timed timed{0, {}};
};

Runner::Runner(const Settings& settings, const Fleet& fleet) : Runner(Setup(settings, fleet)) {}

Runner::Runner(Setup setup) : setup_(std::move(setup)), memory_(std::make_unique<Memory>()) {}

Runner::~Runner() = default;

RunResult Runner::run(std::uint64_t seed, bool keep_trace) {
  memory_->timed.restart(seed, setup_.faults);
  RunResult result = run_under(memory_->timed, keep_trace);
  result.seed = seed;
  return result;
}

std::uint64_t Runner::run_only(std::uint64_t seed) {
  memory_->timed.restart(seed, setup_.faults);
  memory_->arena.reset();
  World world(memory_->arena, memory_->timed, *setup_.workload, setup_.endpoints, setup_.world);
  world.run();
  return world.trace().hash();
}

bool Runner::tell_events(std::uint64_t seed, TraceReader& reader) {
  memory_->timed.restart(seed, setup_.faults);
  memory_->arena.reset();
  WorldSettings settings = setup_.world;
  settings.keep_trace = {.everything = true, .reader = &reader};
  World world(memory_->arena, memory_->timed, *setup_.workload, setup_.endpoints, settings);
  world.run();
  return !stop_asked();
}

RunResult Runner::run_explained(std::uint64_t seed, bool keep_trace) {
  RunResult result = run(seed, keep_trace);
  const Finding* finding = result.first_finding();
  if (keep_trace || finding == nullptr || stop_asked()) {
    return result;
  }
  std::vector<OperationName> concerned{result.history.operations[finding->operation].name};
  if (const HistoryVersion* overwriter = result.loss(*finding).overwriter) {
    const Application& application = result.history.applications[overwriter->application];
    concerned.push_back(result.history.operations[application.operation].name);
  }
  result = {};  // before the same run is made again: two histories would be the peak of memory
  memory_->timed.restart(seed, setup_.faults);
  result = run_keeping(memory_->timed, {.everything = false, .only = &concerned});
  result.seed = seed;
  return result;
}

RunResult Runner::run_under(Choice& choice, bool keep_trace) {
  return run_keeping(choice, {.everything = keep_trace, .only = nullptr});
}

RunResult Runner::run_keeping(Choice& choice, const TraceKeeping& keeping) {
  memory_->arena.reset();
  WorldSettings settings = setup_.world;
  settings.keep_trace = keeping;
  World world(memory_->arena, choice, *setup_.workload, setup_.endpoints, settings);

  RunResult result;
  result.end = world.run();
  result.history = history_of(world, *setup_.workload, settings);
  result.judgement = judge(result.history);
  result.counts = {world.service().counts(), world.clients().counts(), world.gateways().counts(),
                   result.history.operations.size()};
  result.ended = world.ended();
  result.events = world.trace().count();
  result.happenings = world.happenings();
  result.trace_hash = world.trace().hash();
  if (result.end != World::End::finished) {
    result.waits = world.service().waits();
    result.unanswered = world.clients().unanswered();
  }
  result.trace.assign(world.trace().events().begin(), world.trace().events().end());
  result.trace_rows.assign(world.trace().rows().begin(), world.trace().rows().end());

  if (result.end == World::End::finished) {
    std::vector<std::int64_t> final;
    for (const HistoryRow& row : result.history.rows) {
      final.push_back(row.final);
    }
    result.invariant_broken = breaks_invariant(setup_, final);
  }
  const bool violated = !result.judgement.findings.empty() || !result.judgement.defects.empty() ||
                        result.invariant_broken || result.end == World::End::stuck;
  result.verdict =
      verdict_of({.violated = violated, .complete = result.end != World::End::gave_up});
  return result;
}

std::optional<Latency> RunResult::latency() const {
  std::vector<Duration> spans;
  for (const HistoryOperation& operation : history.operations) {
    if (operation.finished) {
      spans.push_back(operation.ended - operation.started);
    }
  }
  if (spans.empty()) {
    return std::nullopt;
  }
  std::sort(spans.begin(), spans.end());
  const auto rank = [&spans](std::size_t percent) {
    return spans[((spans.size() * percent) + 99) / 100 - 1];
  };
  return Latency{rank(50), rank(90), rank(99), spans.back()};
}

std::uint64_t RunResult::stuck() const {
  if (end != World::End::stuck) {
    return 0;
  }
  return static_cast<std::uint64_t>(
             std::count_if(history.operations.begin(), history.operations.end(),
                           [](const HistoryOperation& operation) { return !operation.finished; })) +
         (unanswered.empty() ? waits.size() : 0);
}

const Finding* RunResult::first_finding() const {
  const Finding* first = nullptr;
  for (const Finding& finding : judgement.findings) {
    if (first == nullptr ||
        history.operations[finding.operation].ended < history.operations[first->operation].ended) {
      first = &finding;
    }
  }
  return first;
}

RunResult::Loss RunResult::loss(const Finding& finding) const {
  for (std::size_t i = 0; i < history.versions.size(); ++i) {
    const HistoryVersion& version = history.versions[i];
    const VersionId overwriter = judgement.overwritten_by[i];
    if (overwriter == no_version || version.row != finding.row ||
        history.applications[version.application].operation != finding.operation) {
      continue;
    }
    const auto by =
        std::find_if(history.versions.begin(), history.versions.end(),
                     [overwriter](const HistoryVersion& other) { return other.id == overwriter; });
    return {&version, &*by};
  }
  return {};
}

}  // namespace racelab
