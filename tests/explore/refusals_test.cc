// What exploration does not follow it refuses, in one sentence that says what to set instead; and a scenario that uses it can
// still have a twin to prove.
#include <gtest/gtest.h>

#include <string>

#include "sim/explore/explore.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::refusals_test {
namespace {

struct Refused {
  Lines lines;
  const char* says;
};

const Refused refused[] = {
    {{{"retry-budget", "10%"}},
     "exploration does not follow a client's retry budget from one operation to the next: it needs "
     "retry-budget=none"},
    {{{"breaker", "retries"}},
     "exploration does not follow a client's breaker from one operation to the next: it needs "
     "breaker=none"},
    {{{"breaker", "calls"}},
     "exploration does not follow a client's breaker from one operation to the next: it needs "
     "breaker=none"},
    {{{"retry-budget-active", "20%"}},
     "exploration does not follow a client's retry budget from one operation to the next: it needs "
     "retry-budget-active=none"},
    {{{"on-timeout", "cancel"}},
     "exploration lets what a client has given up run on, in every order: it needs "
     "on-timeout=nothing"},
    {{{"hedge-after", "10ms"}},
     "exploration has no clock, so it knows no attempt that goes out beside another: it needs "
     "hedge-after=none"},
    {{{"layers", "2"}},
     "exploration follows one service, not several that call one another: it needs layers=1"},
    {{{"arrivals", "10/s"}, {"spike-arrivals", "100/s"}},
     "exploration has no clock, so it knows no spike: it needs spike-arrivals=none"},
    {{{"until", "1min"}},
     "exploration has no clock, so every operation is issued: it needs until=none"},
};

TEST(ExplorationRefuses, what_it_does_not_follow) {
  const Fleet fleet = fleet_of("read-modify-write");
  EXPECT_EQ(problem_with_exploring(settings_of({}), fleet), "");
  for (const Refused& one : refused) {
    EXPECT_EQ(problem_with_exploring(settings_of(one.lines), fleet), one.says);
  }
}

// The other settings of a budget, a breaker or a spike mean nothing without it.
TEST(ExplorationRefuses, nothing_that_is_switched_off) {
  const Settings settings = settings_of({{"retry-budget-burst", "9"},
                                         {"breaker-threshold", "10%"},
                                         {"breaker-window", "all"},
                                         {"breaker-open-for", "1s"},
                                         {"spike-at", "1s"},
                                         {"spike-for", "1s"}});
  EXPECT_EQ(problem_with_exploring(settings, fleet_of("read-modify-write")), "");
}

TEST(ExplorationRefuses, not_the_twin_that_does_without) {
  Scenario scenario;
  scenario.settings = settings_of({});
  const Lines lines{{"arrivals", "10/s"},       {"spike-arrivals", "100/s"},
                    {"until", "1min"},          {"layers", "3"},
                    {"retry-budget", "10%"},    {"breaker", "calls"},
                    {"explore.until", "none"},  {"explore.spike-arrivals", "none"},
                    {"explore.layers", "1"},    {"explore.retry-budget", "none"},
                    {"explore.breaker", "none"}};
  for (const auto& [key, value] : lines) {
    EXPECT_EQ(apply(scenario, key, value), "") << key;
  }
  const Fleet fleet = fleet_of("read-modify-write");
  EXPECT_EQ(problem_with(scenario.settings), "");
  EXPECT_NE(problem_with_exploring(scenario.settings, fleet), "");
  EXPECT_EQ(problem_with_exploring(twin_settings(scenario), fleet), "");
}

}  // namespace
}  // namespace racelab::lab::refusals_test
