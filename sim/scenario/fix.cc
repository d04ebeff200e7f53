// Candidates from the smallest change to the largest; derived to hold is not enough, the same seed is run again.
#include "sim/scenario/fix.h"

#include <algorithm>
#include <optional>
#include <set>

#include "sim/kernel/stop.h"
#include "sim/scenario/run.h"

namespace racelab {

namespace {

// What a part of the fleet runs already, for all of it; then one strategy; then one strategy with one protection. Of each,
// those of the fleet first.
std::vector<Combination> candidates(const Fleet& fleet) {
  std::vector<Combination> all;
  std::set<std::string> known;
  const auto add = [&](const Combination& candidate) {
    if (known.insert(candidate.name()).second) {
      all.push_back(candidate);
    }
  };
  const bool mixed = std::any_of(fleet.begin(), fleet.end(), [&fleet](const Combination& member) {
    return member.name() != fleet.front().name();
  });
  if (mixed) {
    Fleet members = fleet;
    std::stable_sort(members.begin(), members.end(),
                     [](const Combination& a, const Combination& b) {
                       return a.protections.size() < b.protections.size();
                     });
    std::for_each(members.begin(), members.end(), add);
  } else {
    known.insert(fleet.front().name());  // it has just been seen to fail
  }
  std::vector<const Strategy*> bases;
  for (const Combination& member : fleet) {
    bases.push_back(member.strategy);
  }
  for (const Strategy& strategy : strategies()) {
    bases.push_back(&strategy);
  }
  for (const Strategy* strategy : bases) {
    add({strategy, {}});
  }
  for (const Strategy* strategy : bases) {
    for (const Protection& protection : protections()) {
      add({strategy, {&protection}});
    }
  }
  return all;
}

}  // namespace

Hazards hazards_at_work(const Settings& settings) {
  Hazards hazards = settings.hazards;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const FaultSetting& fault = settings.faults.settings[kind];
    const std::optional<Hazard> hazard = hazard_of(static_cast<FaultKind>(kind));
    if (hazard && fault.rate_parts_per_billion > 0 && fault.max.value_or(1) > 0) {
      hazards.add(*hazard);
    }
  }
  if (settings.retry.hedge_after && settings.retry.attempts_max > 1) {
    hazards.add(Hazard::overlap);  // a hedge runs beside its original
  }
  if (settings.retry.cancels) {
    hazards.add(Hazard::crash);  // a cancel ends a handler half-way
  }
  return hazards;
}

std::string find_fix(const Settings& settings, const Fleet& fleet, std::uint64_t seed,
                     std::uint64_t happenings) {
  constexpr std::uint64_t tried_max = 500'000;
  if (happenings > tried_max) {
    return "";
  }
  constexpr std::uint64_t times_longer = 10;
  constexpr std::uint64_t always_allowed = 1'000;
  Settings bounded = settings;
  bounded.happenings_max =
      std::min({settings.happenings_max, (happenings * times_longer) + always_allowed, tried_max});
  // Whatever the faults can bring about comes first; but where nothing withstands that, what the scenario is about must do.
  for (const Hazards hazards : {hazards_at_work(settings), settings.hazards}) {
    for (const Combination& candidate : candidates(fleet)) {
      if (stop_asked()) {
        return "";
      }
      if (!problem_with(candidate, settings).empty() ||
          !hazards.within(candidate.withstands(settings))) {
        continue;
      }
      Runner runner(bounded, {candidate});
      const Verdict verdict = runner.run(seed).verdict;
      if (verdict == Verdict::holds) {
        return candidate.name();
      }
      if (verdict == Verdict::gave_up) {
        return "";  // too long to be tried: a worse one that is shorter would be no fix
      }
    }
  }
  return "";
}

}  // namespace racelab
