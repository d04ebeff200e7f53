// Claims against proofs: every verdict is as derived; and a strategy or a protection that claims one thing more or one thing
// less than it does is found out by some scenario.
#include "sim/explore/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "sim/cli/scenario_file.h"

namespace racelab::lab::verify_test {
namespace {

struct Column {
  std::string name;
  Settings settings;
};

// Those that are not timed only.
std::vector<Column> columns() {
  std::vector<Column> all;
  for (const ListedScenario& scenario : listed_scenarios()) {
    const Settings settings = twin_settings(load_scenario(scenario.name));
    if (problem_with_exploring(settings, parse_fleet("read-modify-write").fleet).empty()) {
      all.push_back({scenario.name, settings});
    }
  }
  return all;
}

// What is not as derived, over all scenarios: "two-writers: …".
std::string problems_of(const Combination& combination) {
  static const std::vector<Column> all = columns();
  std::string problems;
  for (const Column& column : all) {
    const Cell cell = verify(column.settings, combination, Limits{});
    if (!cell.problem.empty()) {
      problems += column.name + ": " + cell.problem + "\n";
    }
  }
  return problems;
}

TEST(Verify, every_verdict_is_as_derived) {
  for (const Combination& combination : every_combination()) {
    EXPECT_EQ(problems_of(combination), "") << combination.name();
  }
}

// Every combination, with a strategy and a protection in place of those of the same names.
bool found_out(const Strategy* strategy, const Protection* protection) {
  for (Combination combination : every_combination()) {
    bool changed = false;
    if (strategy != nullptr && combination.strategy->name == strategy->name) {
      combination.strategy = strategy;
      changed = true;
    }
    for (const Protection*& it : combination.protections) {
      if (protection != nullptr && it->name == protection->name) {
        it = protection;
        changed = true;
      }
    }
    if (changed && !problems_of(combination).empty()) {
      return true;
    }
  }
  return false;
}

bool claims_it(const std::vector<Withstood>& claims, Hazard hazard, Isolation level) {
  return std::any_of(claims.begin(), claims.end(), [&](const Withstood& claim) {
    return claim.hazard == hazard && claim.from <= level;
  });
}

// One claim less for each that is there; one more for each hazard, at each level, that is not claimed there. What every
// strategy withstands there by itself (a race, at REPEATABLE READ) is no false claim for a protection.
std::vector<std::vector<Withstood>> false_claims(const std::vector<Withstood>& true_claims) {
  std::vector<std::vector<Withstood>> all;
  for (std::size_t i = 0; i < true_claims.size(); ++i) {
    all.push_back(true_claims);
    all.back().erase(all.back().begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const HazardDescription& hazard : hazard_descriptions) {
    for (const Isolation level :
         {Isolation::autocommit, Isolation::read_committed, Isolation::repeatable_read}) {
      const bool claimed =
          claims_it(true_claims, hazard.hazard, level) ||
          std::all_of(strategies().begin(), strategies().end(), [&](const Strategy& strategy) {
            return claims_it(strategy.withstands, hazard.hazard, level);
          });
      if (!claimed) {
        all.push_back(true_claims);
        all.back().push_back({hazard.hazard, level});
      }
    }
  }
  return all;
}

std::string text_of(const std::vector<Withstood>& claims) {
  std::string text;
  for (const Withstood& claim : claims) {
    text += std::string(hazard_descriptions[static_cast<std::size_t>(claim.hazard)].name) +
            " from " + std::to_string(static_cast<int>(claim.from)) + "; ";
  }
  return text;
}

TEST(Verify, finds_out_a_strategy_that_claims_something_else) {
  for (const Strategy& strategy : strategies()) {
    for (const std::vector<Withstood>& claims : false_claims(strategy.withstands)) {
      Strategy liar = strategy;
      liar.withstands = claims;
      EXPECT_TRUE(found_out(&liar, nullptr)) << strategy.name << ": " << text_of(claims);
    }
  }
}

TEST(Verify, finds_out_a_protection_that_claims_something_else) {
  for (const Protection& protection : protections()) {
    for (const std::vector<Withstood>& claims : false_claims(protection.adds)) {
      Protection liar = protection;
      liar.adds = claims;
      // What it voids anyway it may claim: nothing follows from that.
      const bool void_claim =
          claims.size() > protection.adds.size() && protection.voids.contain(claims.back().hazard);
      EXPECT_EQ(found_out(nullptr, &liar), !void_claim)
          << protection.name << ": " << text_of(claims);
    }
    for (const HazardDescription& hazard : hazard_descriptions) {
      if (protection.voids.contain(hazard.hazard)) {
        Protection liar = protection;
        liar.voids.remove(hazard.hazard);
        EXPECT_TRUE(found_out(nullptr, &liar)) << protection.name << " voids " << hazard.name;
      }
      if (protection.voids_where_conflicts.contain(hazard.hazard)) {
        Protection liar = protection;
        liar.voids_where_conflicts.remove(hazard.hazard);
        EXPECT_TRUE(found_out(nullptr, &liar)) << protection.name << " voids " << hazard.name;
      }
    }
  }
}

TEST(Verify, a_hazard_alone_leaves_the_faults_of_the_others_out) {
  Settings settings;
  settings.clients = 3;
  for (FaultSetting& fault : settings.faults.settings) {
    fault.max = 2;
  }
  const Settings race = with_hazard_alone(settings, Hazard::race);
  EXPECT_EQ(race.clients, 3U);
  const Settings crash = with_hazard_alone(settings, Hazard::crash);
  EXPECT_EQ(crash.clients, 1U);
  for (const FaultDescription& fault : fault_descriptions()) {
    EXPECT_EQ(race.faults[fault.kind].max, 0U) << fault.name;
    EXPECT_EQ(crash.faults[fault.kind].max, hazard_of(fault.kind) == Hazard::crash ? 2U : 0U)
        << fault.name;
  }
}

// A hazard that a scenario states must be able to strike there, and nothing else may.
TEST(Verify, a_scenarios_faults_are_those_of_its_hazards) {
  for (const Column& column : columns()) {
    Hazards possible;
    if (column.settings.clients > 1) {
      possible.add(Hazard::race);
    }
    for (const FaultDescription& fault : fault_descriptions()) {
      const FaultSetting& setting = column.settings.faults[fault.kind];
      if (setting.max.value_or(setting.rate_parts_per_billion) > 0) {
        EXPECT_TRUE(setting.max.has_value()) << column.name << " has no budget for " << fault.name;
        ASSERT_TRUE(hazard_of(fault.kind).has_value()) << column.name << ' ' << fault.name;
        possible.add(*hazard_of(fault.kind));
      }
    }
    EXPECT_EQ(possible, column.settings.hazards) << column.name;
  }
}

TEST(Verify, says_what_does_not_apply) {
  const Cell cell = verify(twin_settings(load_scenario("money-transfer")),
                           parse_fleet("atomic-increment").fleet.front(), Limits{});
  EXPECT_FALSE(cell.applies);
  EXPECT_NE(cell.why_not, "");
}

TEST(Verify, giving_up_is_not_holding) {
  Limits limits;
  limits.states = 3;
  const Cell cell = verify(twin_settings(load_scenario("two-writers")),
                           parse_fleet("atomic-increment").fleet.front(), limits);
  EXPECT_NE(cell.problem.find("a limit was reached"), std::string::npos);
  EXPECT_TRUE(cell.gave_up);
}

}  // namespace
}  // namespace racelab::lab::verify_test
