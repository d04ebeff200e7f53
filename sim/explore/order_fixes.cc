// Every combination that makes sense is a candidate; those with fewer changes are explored first.
#include "sim/explore/order_fixes.h"

#include <algorithm>
#include <bit>
#include <set>
#include <string>
#include <utility>

#include "sim/explore/explore.h"
#include "sim/kernel/stop.h"

namespace racelab {

namespace {

struct Candidate {
  Settings settings;
  Fleet fleet;
  unsigned changes = 0;
};

// Every strategy with every protection (that of the fleet, none, or another one) at this isolation level and above.
std::vector<Candidate> candidates(const Settings& settings, const Fleet& fleet) {
  const Combination& own = fleet.front();
  const bool mixed = std::any_of(fleet.begin(), fleet.end(), [&own](const Combination& member) {
    return member.name() != own.name();
  });
  std::vector<const Strategy*> bases{own.strategy};
  for (const Strategy& strategy : strategies()) {
    bases.push_back(&strategy);
  }
  std::vector<std::vector<const Protection*>> wraps{own.protections, {}};
  for (const Protection& protection : protections()) {
    wraps.push_back({&protection});
  }
  std::vector<Candidate> all;
  std::set<std::pair<std::string, Isolation>> known;
  if (!mixed) {
    known.insert({own.name(), settings.isolation});  // it has just been seen to fail
  }
  for (const Strategy* base : bases) {
    for (const auto& wrap : wraps) {
      for (const Isolation isolation :
           {Isolation::autocommit, Isolation::read_committed, Isolation::repeatable_read}) {
        Candidate candidate{settings, {Combination{base, wrap}}, 0};
        candidate.settings.isolation = isolation;
        const Combination& combination = candidate.fleet.front();
        if (isolation < settings.isolation ||
            !known.insert({combination.name(), isolation}).second ||
            !problem_with(combination, candidate.settings).empty()) {
          continue;
        }
        candidate.changes = (mixed || base != own.strategy ? 1U : 0U) +
                            (wrap != own.protections ? 1U : 0U) +
                            (isolation != settings.isolation ? 1U : 0U);
        all.push_back(std::move(candidate));
      }
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.changes < b.changes; });
  return all;
}

}  // namespace

OrderFixes find_order_fixes(const Settings& settings, const Fleet& fleet, const WalkedOrder& order,
                            const Limits& limits) {
  constexpr std::uint64_t states_max = 300'000;  // of one candidate
  ExploreOptions options;
  options.limits = limits;
  options.limits.states = std::min(limits.states, states_max);
  options.examples = false;
  OrderFixes found;
  unsigned changes = 0;
  for (const Candidate& candidate : candidates(settings, fleet)) {
    if (!found.fixes.empty() && candidate.changes > changes) {
      break;
    }
    if (stop_asked()) {
      break;
    }
    const Exploration exploration = explore(candidate.settings, candidate.fleet, options);
    if (exploration.verdict == Verdict::gave_up) {
      ++found.unexplored;
    }
    if (exploration.verdict != Verdict::holds) {
      continue;
    }
    SameOrder same =
        same_order(candidate.settings, candidate.fleet, order.issued, order.moves, limits.steps);
    if (same.ended) {
      changes = candidate.changes;
      found.fixes.push_back({candidate.settings, candidate.fleet, std::move(same)});
    }
  }
  // First what withstands most.
  const auto withstood = [](const OrderFix& fix) {
    return std::popcount(fix.fleet.front().withstands(fix.settings).bits());
  };
  std::stable_sort(
      found.fixes.begin(), found.fixes.end(),
      [&](const OrderFix& a, const OrderFix& b) { return withstood(a) > withstood(b); });
  return found;
}

}  // namespace racelab
