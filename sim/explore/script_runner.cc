// A run is judged by sequences that its commits suggest. Where none of them explains it, the same run is made again, and everything
// that is read and written is recorded: who depended on whom suggests one more, and tells what went wrong.
#include "sim/explore/script_runner.h"

#include <algorithm>

#include "sim/check/refusal.h"
#include "sim/client/script_world.h"
#include "sim/kernel/stop.h"
#include "sim/scenario/setup.h"
#include "sim/scenario/verdict.h"

namespace racelab {

struct ScriptRunner::Memory {
  Arena arena;
  Timed timed{0, {}};
};

struct ScriptRunner::Execution {
  RunResult result;
  ScriptEnding ending;
  std::vector<ScriptDeed> deeds;
  sql::Database database;
  std::vector<DependencyEdge> dependencies;  // where they were recorded
  std::vector<std::size_t> done_twice;
  std::vector<TraceText> texts;
};

namespace {

using DeedOrder = std::vector<std::size_t>;

// By their first change, or, of those that changed nothing, their last commit or answer.
DeedOrder by_commits(const ScriptEnding& ending, const std::vector<ScriptDeed>& deeds) {
  constexpr std::size_t never = SIZE_MAX;
  std::vector<std::size_t> effect(ending.operations.size(), never);
  std::vector<bool> changed(ending.operations.size());
  for (std::size_t at = 0; at < deeds.size(); ++at) {
    const std::size_t operation = deeds[at].operation;
    if (!changed[operation]) {
      effect[operation] = at;
      changed[operation] = deeds[at].changed;
    }
  }
  DeedOrder sequence;
  for (std::size_t i = 0; i < ending.operations.size(); ++i) {
    const ScriptOperation& operation = ending.operations[i];
    const bool in_doubt =
        operation.told == ScriptTold::unknown || operation.told == ScriptTold::nothing;
    if (operation.answered() || (in_doubt && changed[i])) {
      sequence.push_back(i);
    }
  }
  std::stable_sort(sequence.begin(), sequence.end(),
                   [&](std::size_t a, std::size_t b) { return effect[a] < effect[b]; });
  return sequence;
}

// Those of a sequence, whoever was depended on first, and nobody before one that was answered before it was issued; what closes
// a circle comes as in the sequence.
DeedOrder by_dependencies(const DeedOrder& commits, const std::vector<DependencyEdge>& edges,
                          const std::vector<ScriptOperation>& operations) {
  std::vector<std::vector<std::size_t>> after(operations.size());
  std::vector<std::size_t> waits_for(operations.size());
  std::vector<bool> there(operations.size());
  for (const std::size_t i : commits) {
    there[i] = true;
  }
  for (const DependencyEdge& it : edges) {
    if (there[it.before] && there[it.after]) {
      after[it.before].push_back(it.after);
      ++waits_for[it.after];
    }
  }
  DeedOrder sequence;
  DeedOrder left = commits;
  while (!left.empty()) {
    std::uint32_t answered_next = UINT32_MAX;  // of those that are left
    for (const std::size_t i : left) {
      const std::uint32_t answered_as = operations[i].answered_as;
      answered_next = answered_as == 0 ? answered_next : std::min(answered_next, answered_as);
    }
    auto next = std::find_if(left.begin(), left.end(), [&](std::size_t i) {
      return waits_for[i] == 0 && operations[i].issued_after < answered_next;
    });
    next = next == left.end() ? left.begin() : next;
    const std::size_t placed = *next;
    sequence.push_back(placed);
    left.erase(next);
    for (const std::size_t i : after[placed]) {
      waits_for[i] -= waits_for[i] > 0 ? 1 : 0;
    }
  }
  return sequence;
}

ScriptWorldSettings world_settings_of(const ScriptSetup& setup, std::uint64_t seed,
                                      bool keep_trace) {
  const WorldSettings shared = world_settings(setup.settings, 0);
  ScriptWorldSettings settings{shared};
  static_cast<ServiceSettings&>(settings.service) = shared.service;
  settings.service.rules = setup.rules;
  settings.service.rules.seed = seed;
  settings.service.deadlock_timeout = setup.deadlock_timeout;
  settings.service.clock = script_clock;
  settings.service.seed = seed;
  settings.clients = shared.clients;
  settings.keep_trace.everything = keep_trace;
  return settings;
}

HistoryOperation history_of(const ScriptOperation& operation, const OperationRecord& record) {
  HistoryOperation made;
  made.name = {operation.client, operation.number};
  made.told = record.told;
  made.finished = record.finished;
  made.started = record.started;
  made.ended = record.ended;
  made.attempts = record.attempts;
  return made;
}

void count_told(RunResult& result) {
  for (const HistoryOperation& operation : result.history.operations) {
    const bool done = operation.told == Told::ok;
    if (operation.finished && operation.told != Told::refused) {
      ++result.judgement.told[static_cast<std::size_t>(operation.told)][done ? 1 : 0];
    }
  }
}

}  // namespace

FaultPlan timed_faults(const FaultPlan& plan) {
  constexpr std::uint32_t every_tenth = 100'000'000;  // parts per billion
  FaultPlan timed = plan;
  for (FaultSetting& fault : timed.settings) {
    if (fault.rate_parts_per_billion == 0 && fault.max.value_or(0) > 0) {
      fault.rate_parts_per_billion = every_tenth;
    }
  }
  return timed;
}

ScriptRunner::ScriptRunner(std::shared_ptr<const ScriptSetup> setup)
    : setup_(std::move(setup)), rule_(*setup_), memory_(std::make_unique<Memory>()) {
  for (const std::vector<std::size_t>& scripts : setup_->plan) {
    std::vector<const Script*>& of_client = plan_.emplace_back();
    for (const std::size_t script : scripts) {
      of_client.push_back(setup_->scripts[script].get());
    }
  }
}

ScriptRunner::~ScriptRunner() = default;

ScriptRunner::Execution ScriptRunner::execute(std::uint64_t seed, bool keep_trace, bool records) {
  memory_->timed.restart(seed, timed_faults(setup_->faults));
  memory_->arena.reset();
  ScriptWorld world(memory_->arena, memory_->timed, *setup_->start, plan_, setup_->parameters,
                    world_settings_of(*setup_, seed, keep_trace));
  Dependencies dependencies([&world](sql::SessionId session) {
    const ScriptService::Worker worker = world.service().worker_of(session);
    return Dependencies::Execution{worker.operation,
                                   (std::size_t{worker.attempt} * 2) + worker.copy};
  });
  if (records) {
    world.service().record(&dependencies);
  }
  RunResult result;
  result.seed = seed;
  result.end = world.run();
  ScriptEnding ending = world.ending();
  ending.seed = seed;
  for (const ScriptOperation& operation : ending.operations) {
    const std::size_t place = (operation.client * world.clients().operations_per_client()) +
                              std::size_t{operation.number};
    result.history.operations.push_back(history_of(operation, world.clients().operations()[place]));
  }
  result.counts = {
      world.service().counts(), world.clients().counts(), {}, result.history.operations.size()};
  result.ended = world.ended();
  result.events = world.trace().count();
  result.happenings = world.happenings();
  result.trace_hash = world.trace().hash();
  if (result.end != World::End::finished) {
    result.waits = world.service().waits();
    result.unanswered = world.clients().unanswered();
  }
  result.trace.assign(world.trace().events().begin(), world.trace().events().end());
  count_told(result);
  Execution made{std::move(result),
                 std::move(ending),
                 world.service().deeds(),
                 world.service().database(),
                 {},
                 {},
                 {}};
  made.database.record(nullptr);
  if (made.result.end == World::End::stuck) {
    made.ending.stuck = static_cast<std::uint32_t>(made.result.waits.size());
    made.ending.unanswered = static_cast<std::uint32_t>(made.result.unanswered.size());
  }
  world.service().record(nullptr);
  if (records) {
    made.dependencies = dependencies.all();
    made.done_twice = dependencies.done_twice(made.ending.operations.size());
  }
  made.texts = world.trace().texts();
  return made;
}

bool ScriptRunner::tell_events(std::uint64_t seed, TraceReader& reader) {
  memory_->timed.restart(seed, timed_faults(setup_->faults));
  memory_->arena.reset();
  ScriptWorldSettings settings = world_settings_of(*setup_, seed, true);
  settings.keep_trace.reader = &reader;
  ScriptWorld world(memory_->arena, memory_->timed, *setup_->start, plan_, setup_->parameters,
                    settings);
  world.run();
  return !stop_asked();
}

RunResult ScriptRunner::run(std::uint64_t seed, bool keep_trace, bool explain) {
  // Of more operations nobody reads who depended on whom, and to work it out takes long.
  constexpr std::size_t recorded_operations_max = 500;
  std::size_t operations = 0;
  for (const auto& scripts : plan_) {
    operations += scripts.size();
  }
  const bool may_record = operations <= recorded_operations_max;
  Execution made = execute(seed, keep_trace, explain && may_record);
  bool complete = made.result.end != World::End::gave_up;
  const auto judge = [&] {
    const DeedOrder commits = by_commits(made.ending, made.deeds);
    std::vector<DeedOrder> likely{commits};
    if (!made.dependencies.empty()) {
      likely.push_back(by_dependencies(commits, made.dependencies, made.ending.operations));
    }
    rule_.judge_run(made.ending, likely);
  };
  if (complete) {
    judge();
    if (made.ending.by_dependency && !explain && may_record && !stop_asked()) {
      made = execute(seed, keep_trace, true);
      judge();
    }
    complete = !stop_asked();  // else nothing is judged
    made.ending.checks = rule_.checks(made.database, made.ending.operations);
    made.result.invariant_broken = !made.ending.checks_hold();
  }
  RunResult result = std::move(made.result);
  result.verdict =
      verdict_of({.violated = complete && made.ending.violated(), .complete = complete});
  const bool anything_done =
      std::any_of(made.ending.operations.begin(), made.ending.operations.end(),
                  [](const ScriptOperation& it) { return it.told == ScriptTold::ok; }) ||
      std::any_of(made.deeds.begin(), made.deeds.end(),
                  [](const ScriptDeed& it) { return it.changed; });
  if (result.verdict == Verdict::holds && !anything_done) {
    result.verdict = Verdict::idle;
  }
  auto scripts = std::make_shared<ScriptRunEnding>();
  if (!made.ending.right) {
    std::vector<DependencyEdge> edges = made.dependencies;
    if (!edges.empty()) {
      add_real_time(made.ending.operations, edges);
    }
    scripts->circle = Dependencies::shortest_circle(edges);
    name_refusals(made.ending.operations, scripts->circle);
  }
  scripts->ending = std::move(made.ending);
  scripts->done_twice = std::move(made.done_twice);
  scripts->texts = std::move(made.texts);
  result.scripts = std::move(scripts);
  return result;
}

}  // namespace racelab
