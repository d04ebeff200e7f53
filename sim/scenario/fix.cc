// Candidates from the smallest change to the largest; derived to hold is not enough, the same seed is run again.
#include "sim/scenario/fix.h"

#include <algorithm>

#include "sim/scenario/run.h"

namespace racelab {

namespace {

std::vector<Combination> candidates(const Fleet& fleet) {
  std::vector<Combination> all;
  for (const Protection& protection : protections()) {
    all.push_back({fleet.front().strategy, {&protection}});
  }
  for (const Strategy& strategy : strategies()) {
    all.push_back({&strategy, {}});
  }
  for (const Strategy& strategy : strategies()) {
    for (const Protection& protection : protections()) {
      all.push_back({&strategy, {&protection}});
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
