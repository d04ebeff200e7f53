// Candidates from the smallest change to the largest; derived to hold is not enough, the same seed is run again.
#include "sim/scenario/fix.h"

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

std::string find_fix(const Settings& settings, const Fleet& fleet, std::uint64_t seed) {
  for (const Combination& candidate : candidates(fleet)) {
    if (!problem_with(candidate, settings).empty() ||
        !settings.hazards.within(candidate.withstands(settings))) {
      continue;
    }
    Runner runner(settings, {candidate});
    if (runner.run(seed).verdict == Verdict::holds) {
      return candidate.name();
    }
  }
  return "";
}

}  // namespace racelab
