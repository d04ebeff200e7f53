// Candidates from the smallest change to the largest; derived to hold is not enough, the same seed is run again.
#include "sim/scenario/fix.h"

#include <algorithm>
#include <set>

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
  for (const Combination& candidate : candidates(fleet)) {
    if (!problem_with(candidate, settings).empty() ||
        !settings.hazards.within(candidate.withstands(settings))) {
      continue;
    }
    Runner runner(bounded, {candidate});
    if (runner.run(seed).verdict == Verdict::holds) {
      return candidate.name();
    }
  }
  return "";
}

}  // namespace racelab
