// The graph of states against the odometer: every strategy, protection, level, fault and limit, wherever running every order
// is affordable. Each test says how many orders it must have compared at least, so that it cannot become empty unseen.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/explore/oracle.h"

namespace racelab::lab::oracle_test {
namespace {

constexpr std::uint64_t orders_max = 800;

std::string to_text(std::string_view fleet, const Lines& lines) {
  std::string text(fleet);
  for (const auto& [key, value] : lines) {
    text += " " + key + "=" + value;
  }
  return text;
}

Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::uint64_t compare(std::string_view fleet, const Lines& lines) {
  static std::uint64_t cases = 0;
  if (++cases % fewer != 0) {
    return 0;
  }
  const Settings settings = settings_of(lines);
  const Fleet parsed = fleet_of(fleet);
  for (const Combination& combination : parsed) {
    if (!problem_with(combination, settings).empty()) {
      return 0;
    }
  }
  return expect_agreement(settings, parsed, to_text(fleet, lines), orders_max);
}

std::vector<std::string> all_combinations() {
  std::vector<std::string> all;
  for (const std::string_view strategy : all_strategies) {
    for (const std::string_view wrap : all_wraps) {
      all.push_back(std::string(strategy) + std::string(wrap));
    }
  }
  return all;
}

const std::vector<Lines> no_fault_or_one{{},
                                         {{"lose-request.max", "1"}},
                                         {{"lose-reply.max", "1"}},
                                         {{"duplicate-delivery.max", "1"}},
                                         {{"slow-call.max", "1"}},
                                         {{"crash.max", "1"}},
                                         {{"lose-session.max", "1"}}};

// Two of one kind, two kinds at once, and all kinds with room for one or two in all.
const std::vector<Lines> more_faults{
    {{"lose-request.max", "2"}},
    {{"lose-reply.max", "2"}},
    {{"duplicate-delivery.max", "2"}},
    {{"slow-call.max", "2"}},
    {{"crash.max", "2"}},
    {{"lose-session.max", "2"}},
    {{"lose-reply.max", "1"}, {"crash.max", "1"}},
    {{"duplicate-delivery.max", "1"}, {"lose-session.max", "1"}},
    {{"slow-call.max", "1"}, {"lose-request.max", "1"}},
    {{"lose-request.max", "1"},
     {"lose-reply.max", "1"},
     {"duplicate-delivery.max", "1"},
     {"slow-call.max", "1"},
     {"crash.max", "1"},
     {"lose-session.max", "1"},
     {"faults-max", "1"}},
    {{"lose-request.rate", "1%"},
     {"lose-reply.rate", "1%"},
     {"duplicate-delivery.rate", "1%"},
     {"slow-call.rate", "1%"},
     {"crash.rate", "1%"},
     {"lose-session.rate", "1%"},
     {"faults-max", "2"}},
};

TEST(Oracle, every_combination_at_every_level_with_each_fault) {
  std::uint64_t orders = 0;
  for (const std::string& combination : all_combinations()) {
    for (const std::string_view isolation : all_isolations) {
      const Lines level{
          {"isolation", std::string(isolation)}, {"attempts-max", "2"}, {"tries-max", "2"}};
      for (const Lines& fault : no_fault_or_one) {
        for (const char* clients : {"1", "2"}) {
          orders += compare(combination, level + fault + Lines{{"clients", clients}});
        }
      }
    }
  }
  EXPECT_GT(orders, 30'000U / fewer);
}

TEST(Oracle, every_scenario_that_ships) {
  std::uint64_t orders = 0;
  for (const EmbeddedScenario& embedded : embedded_scenarios()) {
    const Settings shipped = with(scenario_settings(embedded.name), {{"workers", "any"}});
    if (!problem_with_exploring(with(shipped, {{"clients", "1"}, {"operations", "1"}}),
                                fleet_of("read-modify-write"))
             .empty()) {
      continue;  // timed only
    }
    for (const std::string& combination : all_combinations()) {
      if (!problem_with(fleet_of(combination).front(), shipped).empty()) {
        continue;
      }
      for (const Lines& fault : {Lines{}, Lines{{"lose-reply.max", "1"}}}) {
        const Settings settings =
            with(shipped, Lines{{"clients", std::to_string(std::min(shipped.clients, 2U))},
                                {"operations", "1"},
                                {"attempts-max", "2"}} +
                              fault);
        orders += expect_agreement(settings, fleet_of(combination),
                                   combination + " in " + std::string(embedded.name), orders_max);
      }
    }
  }
  EXPECT_GT(orders, 5'000U / fewer);
}

TEST(Oracle, more_faults_at_once) {
  std::uint64_t orders = 0;
  for (const std::string& combination : all_combinations()) {
    for (const Lines& faults : more_faults) {
      for (const char* clients : {"1", "2"}) {
        orders += compare(combination, Lines{{"clients", clients}, {"attempts-max", "2"}} + faults);
      }
    }
  }
  EXPECT_GT(orders, 20'000U / fewer);
}

TEST(Oracle, timeouts_of_locks_and_sessions) {
  std::uint64_t orders = 0;
  for (const std::string_view strategy : all_strategies) {
    for (const std::string_view wrap : {"", "+idempotency-key", "+idempotency-key-after"}) {
      for (const Lines& fault : no_fault_or_one) {
        for (const char* lock_timeout : {"none", "10ms"}) {
          for (const char* session_timeout : {"none", "10ms"}) {
            for (const char* timeout : {"none", "50ms"}) {
              for (const char* clients : {"1", "2"}) {
                orders += compare(std::string(strategy) + std::string(wrap),
                                  fault + Lines{{"clients", clients},
                                                {"isolation", "read-committed"},
                                                {"attempts-max", "2"},
                                                {"lock-timeout", lock_timeout},
                                                {"session-timeout", session_timeout},
                                                {"timeout", timeout}});
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(orders, 20'000U / fewer);
}

TEST(Oracle, mixed_fleets) {
  std::uint64_t orders = 0;
  for (const std::string_view first : all_strategies) {
    for (const std::string_view second : all_strategies) {
      const std::string fleet = std::string(first) + "," + std::string(second);
      for (const Lines& fault : no_fault_or_one) {
        orders += compare(fleet, fault + Lines{{"attempts-max", "1"}});
      }
      for (const std::string_view isolation : all_isolations) {
        orders += compare(fleet, {{"isolation", std::string(isolation)}});
        orders += compare(fleet, {{"isolation", std::string(isolation)}, {"clients", "3"}});
      }
      orders += compare(fleet + "+idempotency-key", {{"lose-reply.max", "1"}});
    }
  }
  EXPECT_GT(orders, 6'000U / fewer);
}

TEST(Oracle, several_operations_rows_and_amounts) {
  std::uint64_t orders = 0;
  const std::vector<Lines> shapes{
      {{"operations", "2"}},
      {{"operations", "3"}, {"clients", "1"}, {"attempts-max", "2"}},
      {{"operations", "2"}, {"amount-step", "3"}},
      {{"clients", "3"}},
      {{"clients", "3"}, {"amount-step", "1"}},
      {{"clients", "3"}, {"rows", "2"}},
      {{"clients", "4"}, {"rows", "4"}},
      {{"workload", "transfer"}, {"initial", "1"}},
      {{"workload", "transfer"}, {"initial", "5"}, {"amount-step", "1"}},
      {{"workload", "transfer"}, {"initial", "5"}, {"clients", "3"}},
      {{"workload", "charge"}, {"initial", "1"}},
      {{"workload", "charge"}, {"initial", "5"}, {"clients", "3"}, {"amount-step", "1"}},
      {{"operations", "2"}, {"arrivals", "10/s"}, {"attempts-max", "1"}},
      {{"operations", "2"}, {"arrivals", "10/s"}, {"attempts-max", "2"}, {"clients", "1"}},
  };
  for (const Lines& shape : shapes) {
    for (const std::string_view strategy : all_strategies) {
      for (const std::string_view isolation : all_isolations) {
        orders += compare(strategy, Lines{{"isolation", std::string(isolation)}} + shape);
      }
      for (const std::string_view wrap : {"", "+idempotency-key", "+idempotency-key-before"}) {
        for (const Lines& fault : no_fault_or_one) {
          orders += compare(std::string(strategy) + std::string(wrap), shape + fault);
        }
      }
    }
  }
  EXPECT_GT(orders, 35'000U / fewer);
}

}  // namespace
}  // namespace racelab::lab::oracle_test
