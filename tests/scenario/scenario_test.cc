// Scenarios as data: how a key is applied, what exploration sets differently, that each built-in one is its file and bites,
// and that what is offered as a fix holds under the same seed.
#include "sim/scenario/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/scenario_file.h"
#include "sim/scenario/embedded.h"
#include "sim/scenario/fix.h"
#include "sim/scenario/options.h"
#include "sim/scenario/run.h"

namespace racelab::lab::scenario_test {
namespace {

std::string value(const Settings& settings, std::string_view key) {
  return value_of(*find_option(key), settings);
}

TEST(Scenario, takes_a_key_like_a_flag) {
  Scenario scenario;
  EXPECT_EQ(apply(scenario, "clients", "7"), "");
  EXPECT_EQ(apply(scenario, "lose-reply.rate", "2.5%"), "");
  EXPECT_EQ(value(scenario.settings, "clients"), "7");
  EXPECT_EQ(value(scenario.settings, "lose-reply.rate"), "2.5%");
}

TEST(Scenario, stays_as_it_was_when_a_key_or_value_is_wrong) {
  Scenario scenario;
  EXPECT_EQ(apply(scenario, "clients", "0"), "clients must be from 1 to 1000, not '0'");
  EXPECT_EQ(apply(scenario, "clinets", "3"),
            "there is no setting 'clinets'; did you mean 'clients'?");
  EXPECT_EQ(apply(scenario, "explore.clients", "0"), "clients must be from 1 to 1000, not '0'");
  EXPECT_EQ(apply(scenario, "explore.explore.clients", "2"),
            "there is no setting 'explore.clients'; `racelab run --help` lists them");
  EXPECT_TRUE(scenario.twin.empty());
  const Settings defaults;
  for (const Option& option : options()) {
    EXPECT_EQ(value_of(option, scenario.settings), value_of(option, defaults));
  }
}

TEST(Scenario, has_a_twin_that_differs_only_where_it_says) {
  const Scenario scenario = load_scenario("hot-counter");
  const Settings twin = twin_settings(scenario);
  EXPECT_EQ(value(twin, "clients"), "2");
  EXPECT_EQ(value(twin, "operations"), "1");
  EXPECT_EQ(value(twin, "attempts-max"), "2");
  EXPECT_EQ(value(twin, "lose-reply.max"), "1");
  EXPECT_EQ(value(scenario.settings, "clients"), "4");
  for (const Option& option : options()) {
    const bool named =
        std::any_of(scenario.twin.begin(), scenario.twin.end(),
                    [&option](const auto& pair) { return pair.first == option.name; });
    if (!named) {
      EXPECT_EQ(value_of(option, twin), value_of(option, scenario.settings)) << option.name;
    }
  }
}

TEST(Scenario, without_a_twin_is_its_own) {
  const Scenario scenario = load_scenario("two-writers");
  for (const Option& option : options()) {
    EXPECT_EQ(value_of(option, twin_settings(scenario)), value_of(option, scenario.settings));
  }
}

TEST(BuiltInScenarios, are_the_files_of_the_folder_word_for_word) {
  std::vector<std::string> files;
  const std::string folder = std::string(RACELAB_SOURCE_DIR) + "/scenarios";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".ini") {
      files.push_back(entry.path().stem().string());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> built_in;
  for (const EmbeddedScenario& scenario : embedded_scenarios()) {
    built_in.emplace_back(scenario.name);
    std::ifstream stream(folder + "/" + built_in.back() + ".ini", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(scenario.text, text) << built_in.back();
  }
  EXPECT_EQ(built_in, files);
}

TEST(BuiltInScenarios, state_a_claim_hazards_and_settings_that_go_together) {
  for (const EmbeddedScenario& embedded : embedded_scenarios()) {
    const Scenario scenario = load_scenario(std::string(embedded.name));
    SCOPED_TRACE(scenario.name);
    EXPECT_GE(scenario.claim.size(), 2U);
    // One that sets policies side by side may threaten no strategy at all.
    EXPECT_TRUE(!scenario.settings.hazards.empty() || !scenario.comparison.variants.empty());
    EXPECT_EQ(problem_with(scenario.settings), "");
    EXPECT_EQ(problem_with(twin_settings(scenario)), "");
  }
}

// The first line a newcomer types must show something: of 1,000 seeds, most are violated. Where policies are set side by
// side, it is `compare` that shows it.
TEST(BuiltInScenarios, hurt_the_code_that_everyone_writes_first_under_most_seeds) {
  for (const EmbeddedScenario& embedded : embedded_scenarios()) {
    const Scenario scenario = load_scenario(std::string(embedded.name));
    SCOPED_TRACE(scenario.name);
    if (!scenario.comparison.variants.empty()) {
      continue;
    }
    Runner runner(scenario.settings, parse_fleet("read-modify-write").fleet);
    int violated = 0;
    for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
      violated += runner.run(seed).verdict == Verdict::violated ? 1 : 0;
    }
    EXPECT_GE(violated, 500);
    EXPECT_EQ(runner.run(1).verdict, Verdict::violated);
  }
}

TEST(Fix, holds_under_the_same_seed_and_withstands_the_scenario) {
  int offered = 0;
  for (const EmbeddedScenario& embedded : embedded_scenarios()) {
    const Scenario scenario = load_scenario(std::string(embedded.name));
    if (!scenario.comparison.variants.empty()) {
      continue;
    }
    for (const Strategy& strategy : strategies()) {
      const Fleet fleet = parse_fleet(strategy.name).fleet;
      if (!problem_with(fleet.front(), scenario.settings).empty()) {
        continue;
      }
      Runner runner(scenario.settings, fleet);
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(scenario.name + " " + strategy.name + " seed " + std::to_string(seed));
        if (runner.run(seed).verdict != Verdict::violated) {
          continue;
        }
        const std::string fix = find_fix(scenario.settings, fleet, seed, 100'000);
        ASSERT_NE(fix, "");
        ++offered;
        const Fleet fixed = parse_fleet(fix).fleet;
        ASSERT_EQ(fixed.size(), 1U);
        EXPECT_EQ(problem_with(fixed.front(), scenario.settings), "");
        EXPECT_TRUE(scenario.settings.hazards.within(fixed.front().withstands(scenario.settings)))
            << fix;
        EXPECT_EQ(Runner(scenario.settings, fixed).run(seed).verdict, Verdict::holds) << fix;
      }
    }
  }
  EXPECT_GT(offered, 100);
}

TEST(Fix, is_the_smallest_change_that_does) {
  const struct {
    const char* scenario;
    const char* strategy;
    const char* fix;
  } cases[] = {
      {"two-writers", "read-modify-write", "atomic-increment"},
      {"retried-payment", "read-modify-write", "read-modify-write+idempotency-key"},
      {"retried-payment", "pessimistic-lock", "pessimistic-lock+idempotency-key"},
      {"money-transfer", "read-modify-write", "optimistic-version"},
      {"hot-counter", "optimistic-version", "optimistic-version+idempotency-key"},
      // A migration that was only half done: finish it; and no key where nothing is repeated.
      {"two-writers", "atomic-increment,read-modify-write", "atomic-increment"},
      {"two-writers", "read-modify-write,atomic-increment", "atomic-increment"},
      {"two-writers", "read-modify-write,pessimistic-lock", "pessimistic-lock"},
      {"two-writers", "read-modify-write,pessimistic-lock+idempotency-key",
       "pessimistic-lock+idempotency-key"},
      {"two-writers", "read-modify-write+idempotency-key", "atomic-increment"},
      {"hot-counter", "read-modify-write,optimistic-version", "optimistic-version+idempotency-key"},
      {"money-transfer", "pessimistic-lock,read-modify-write", "pessimistic-lock"},
  };
  for (const auto& [scenario, strategy, fix] : cases) {
    EXPECT_EQ(find_fix(load_scenario(scenario).settings, parse_fleet(strategy).fleet, 1, 100'000),
              fix)
        << scenario << ' ' << strategy;
  }
}

// A client that never stops waiting is stuck once its reply is lost, whatever the service does.
TEST(Fix, is_not_offered_where_nothing_would_hold) {
  Scenario scenario = load_scenario("retried-payment");
  ASSERT_EQ(apply(scenario, "timeout", "none"), "");
  EXPECT_EQ(find_fix(scenario.settings, parse_fleet("read-modify-write").fleet, 1, 100'000), "");
}

// A fix that takes far longer than what it mends is none; here there is no time for any.
TEST(Fix, that_takes_ten_times_as_long_is_none) {
  Scenario scenario = load_scenario("hot-counter");
  EXPECT_EQ(apply(scenario, "operations", "100"), "");
  const Fleet fleet = parse_fleet("read-modify-write").fleet;
  EXPECT_NE(find_fix(scenario.settings, fleet, 1, 1'000), "");
  EXPECT_EQ(find_fix(scenario.settings, fleet, 1, 0), "");  // 400 operations need more than 1,000
  EXPECT_EQ(find_fix(scenario.settings, fleet, 1, 1'000'000), "");
}

}  // namespace
}  // namespace racelab::lab::scenario_test
