// Hermitage's tests on a real PostgreSQL: what each level lets happen is what the store says, and what Hermitage's author has found.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "sim/cli/script_scenario.h"
#include "sim/drivers/host.h"
#include "sim/explore/explore_on.h"
#include "sim/parse/scenario_folder.h"

namespace racelab::hermitage_test {
namespace {

// Whether some order breaks a check; the orders of each.
std::string found(const ScriptExploration& all) {
  OrderCount broken = 0;
  for (std::size_t i = 0; i < all.outcomes.size(); ++i) {
    if (!all.outcomes[i].ending->checks_hold()) {
      broken += all.odds.by_outcome[i];
    }
  }
  return broken == 0 ? "prevented" : broken.str() + " of " + all.odds.orders.str();
}

// The first level, from READ COMMITTED on, at which the anomaly is prevented. OTV, with its 2,772 orders, is left to the store.
TEST(HermitageOnPostgresql, EachLevelPreventsWhatItDoesInTheStore) {
  const std::map<std::string, std::size_t> prevented_from{
      {"g0-1,g0-2", 0},
      {"g1a-1,g1a-2", 0},
      {"g1b-1,g1b-2", 0},
      {"g1c-1,g1c-2", 0},
      {"pmp-1,pmp-2", 1},
      {"pmp-write-1,pmp-write-2", 1},
      {"p4", 1},
      {"g-single-1,g-single-2", 1},
      {"g-single-predicate-1,g-single-predicate-2", 1},
      {"g-single-write-1,g-single-write-2", 1},
      {"g2-item-1,g2-item-2", 2},
      {"g2-1,g2-2", 2}};
  const std::unique_ptr<drivers::Host> host = drivers::start_host("postgresql");
  const parse::FolderTexts texts = load_folder("hermitage");
  const std::vector<std::string> levels{"read-committed", "repeatable-read", "serializable"};
  for (const auto& [test, from] : prevented_from) {
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const parse::ScriptScenario scenario = parse::compile(texts, {{"isolation", levels[level]}});
      const ScriptSetup setup = parse::setup_of(scenario, test);
      const std::unique_ptr<RealServer> server =
          host->server_for(setup, texts.setup.text, drivers::Numbers::in_millions);
      const std::string there = found(explore_on(setup, *server, {}));
      EXPECT_EQ(there == "prevented", level >= from) << test << " at " << levels[level];
      EXPECT_EQ(there, found(explore(setup, {}))) << test << " at " << levels[level];
    }
  }
}

}  // namespace
}  // namespace racelab::hermitage_test
