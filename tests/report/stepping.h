// Experiments to step through, for tests: by scenario, strategy and further settings; and the places where the properties
// look: every kind of waiting, dying, losing and asking again.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/cli/scenario_file.h"
#include "sim/explore/stepper.h"
#include "sim/kernel/random.h"
#include "sim/report/step_page.h"
#include "sim/scenario/scenario.h"

namespace racelab::lab {

struct SteppingPlace {
  std::string scenario;
  std::string strategy;
  std::vector<std::pair<std::string, std::string>> flags;
};

inline Experiment experiment_of(const SteppingPlace& place) {
  Scenario scenario = load_scenario(place.scenario);
  scenario.settings = twin_settings(scenario);
  for (const auto& [key, value] : place.flags) {
    EXPECT_EQ(apply(scenario, key, value), "");
  }
  Experiment experiment;
  experiment.scenario = place.scenario;
  experiment.settings = scenario.settings;
  experiment.fleet = parse_fleet(place.strategy).fleet;
  experiment.row_names = workloads()[scenario.settings.workload].row_names(scenario.settings);
  return experiment;
}

inline std::vector<SteppingPlace> stepping_places() {
  const std::vector<std::pair<std::string, std::string>> storm{
      {"lose-reply.max", "1"}, {"lose-request.max", "1"}, {"duplicate-delivery.max", "1"},
      {"slow-call.max", "1"},  {"crash.max", "1"},        {"lose-session.max", "1"},
      {"faults-max", "2"},     {"attempts-max", "2"},     {"lock-timeout", "5ms"}};
  auto unnoticed = storm;
  unnoticed.emplace_back("session-timeout", "none");
  unnoticed.emplace_back("isolation", "read-committed");
  return {
      {"two-writers", "atomic-increment+idempotency-key-after", unnoticed},
      {"two-writers", "read-modify-write", {}},
      {"two-writers", "pessimistic-lock", {}},
      {"two-writers", "optimistic-version", {{"clients", "3"}}},
      {"two-writers", "read-modify-write", {{"isolation", "repeatable-read"}}},
      {"two-writers", "read-modify-write,atomic-increment", {{"operations", "2"}}},
      {"money-transfer", "read-modify-write", {}},
      {"money-transfer", "pessimistic-lock", {}},
      {"retried-payment", "read-modify-write", {}},
      {"dropped-call", "atomic-increment", {}},
      {"two-writers", "pessimistic-lock", storm},
      {"two-writers", "optimistic-version+idempotency-key", storm},
      {"retried-payment", "atomic-increment+idempotency-key-before", storm},
      {"money-transfer", "read-modify-write+idempotency-key", storm},
  };
}

/// Everything that a screen shows, as the stepper stands.
inline std::string screen_of(const Experiment& experiment, const Stepper& stepper) {
  StepReport report(experiment);
  report.moves = stepper.moves();
  report.standing = stepper.standing();
  report.result = replay(experiment.settings, experiment.fleet, {}, report.moves);
  return step_text(report, {});
}

/// Steps at random to the end, or as many as `most`; calls `look` before each step with the step that comes.
template <class Look>
void wander(Stepper& stepper, std::uint64_t seed, std::size_t most, const Look& look) {
  const Random random(seed);
  for (std::uint32_t step = 0; step < most && !stepper.ended(); ++step) {
    const auto& next = stepper.standing().next;
    const DrawName draw{.index = step};
    const std::size_t chosen = random.bits(draw) % next.size();
    const std::string letter = word_of(next[chosen]);
    look(letter, chosen);
    ASSERT_TRUE(stepper.take(letter)) << letter;
  }
}

}  // namespace racelab::lab
