// Candidates with fewer changes are explored first.
#include "sim/cli/script_fixes.h"

#include <algorithm>
#include <set>

#include "sim/explore/script_explore.h"
#include "sim/kernel/stop.h"
#include "sim/report/script_words.h"

namespace racelab {

namespace {

struct Candidate {
  std::string strategy;
  std::optional<sql::Isolation> isolation;
  std::size_t changes = 0;
};

// Which endpoints would stand in whose place; nothing: the clients would do another number of things, or one would write no more.
std::optional<std::set<std::pair<std::string, std::string>>> replaced(const ScriptSetup& own,
                                                                      const ScriptSetup& other) {
  std::set<std::pair<std::string, std::string>> pairs;
  for (std::size_t client = 0; client < own.plan.size(); ++client) {
    if (own.plan[client].size() != other.plan[client].size()) {
      return std::nullopt;
    }
    for (std::size_t i = 0; i < own.plan[client].size(); ++i) {
      const Script& before = *own.scripts[own.plan[client][i]];
      const Script& after = *other.scripts[other.plan[client][i]];
      if (before.writes && !after.writes) {
        return std::nullopt;
      }
      if (before.full_name() != after.full_name()) {
        pairs.emplace(before.full_name(), after.full_name());
      }
    }
  }
  return pairs;
}

std::vector<Candidate> candidates(const LoadedScripts& scripts, const ScriptOrderReport& order) {
  const ScriptSetup& own = *order.setup;
  const std::vector<std::optional<sql::Isolation>> levels{
      std::nullopt, sql::Isolation::read_committed, sql::Isolation::repeatable_read,
      sql::Isolation::serializable};
  std::vector<std::string> strategies{order.strategy};
  strategies.insert(strategies.end(), scripts.scenario.strategies.begin(),
                    scripts.scenario.strategies.end());
  std::vector<Candidate> all;
  for (const std::string& strategy : strategies) {
    const auto pairs = replaced(own, parse::setup_of(scripts.scenario, strategy));
    const bool known = std::any_of(all.begin(), all.end(), [&strategy](const Candidate& it) {
      return it.strategy == strategy;
    });
    if (!pairs || known) {
      continue;
    }
    for (const auto& level : levels) {
      const std::size_t changes = pairs->size() + (level == own.rules.isolation ? 0 : 1);
      if (changes > 0 && !(level < own.rules.isolation)) {
        all.push_back({strategy, level, changes});
      }
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.changes < b.changes; });
  return all;
}

}  // namespace

ScriptFixes find_fixes(const LoadedScripts& scripts, const ScriptOrderReport& order,
                       const Limits& limits) {
  constexpr std::uint64_t states_max = 100'000;  // of one candidate
  ExploreOptions options;
  options.limits = limits;
  options.limits.states = std::min(limits.states, states_max);
  options.examples = false;
  ScriptFixes found;
  std::size_t changes = 0;
  for (const Candidate& candidate : candidates(scripts, order)) {
    if ((!found.fixes.empty() && candidate.changes > changes) || stop_asked()) {
      break;
    }
    Flags flags = scripts.flags;
    if (candidate.isolation != order.setup->rules.isolation) {
      flags.emplace_back("isolation", isolation_text(candidate.isolation));
    }
    const LoadedScripts changed = load_scripts(scripts.files, flags);
    const ScriptExploration exploration =
        explore(*experiment_of(changed, candidate.strategy).setup, options);
    if (exploration.verdict == Verdict::gave_up) {
      ++found.unexplored;
    }
    if (exploration.verdict == Verdict::holds) {
      changes = candidate.changes;
      found.fixes.push_back(same_order_report(changed, order, candidate.strategy, options.limits));
    }
  }
  return found;
}

}  // namespace racelab
