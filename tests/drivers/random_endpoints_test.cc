// The store against a real PostgreSQL on random endpoints. A few here; many with RACELAB_RANDOM_ENDPOINTS=5000 in the environment,
// from RACELAB_RANDOM_SEED on, RACELAB_RANDOM_ORDERS of each, with up to RACELAB_RANDOM_CLIENTS clients. With more than two the store
// does not list all that a server may do (docs/databases.md).
#include "tests/drivers/random_endpoints.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "sim/drivers/host.h"
#include "sim/explore/agreement.h"

namespace racelab::random_endpoints_test {
namespace {

using random_endpoints::Endpoints;

#ifdef RACELAB_FEWER_ROUNDS
constexpr std::uint64_t endpoints_of_a_test = 10;
#else
constexpr std::uint64_t endpoints_of_a_test = 60;
#endif
constexpr std::uint64_t orders_of_a_test = 24;

std::uint64_t given(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

std::string told(const Agreement& found) {
  std::string text;
  if (found.difference) {
    text += "order " + found.difference->word;
    for (std::size_t i = 0; i < found.difference->lines.size(); ++i) {
      const Lockstep::Line& line = found.difference->lines[i];
      text += fmt::format("\n{} {}\n  store:  {}\n  server: {}", found.difference->who[i],
                          line.asked, line.store, line.server);
    }
  }
  return text;
}

struct Sums {
  std::uint64_t compared = 0;
  std::uint64_t not_taken = 0;
  std::uint64_t row_order = 0;
  std::uint64_t read = 0;    // endpoints that the store models
  std::uint64_t differ = 0;  // of these
};

struct Extent {
  std::uint64_t orders = 0;
  std::uint32_t clients = 2;
};

void compare(drivers::Host& host, std::uint64_t seed, const Extent& extent, Sums& sums) {
  const Endpoints made = random_endpoints::random_endpoints(seed, extent.clients);
  parse::ScriptScenario scenario;
  ScriptSetup setup;
  try {
    scenario = parse::compile(made.texts, made.flags);
    setup = parse::setup_of(scenario, made.fleet);
  } catch (const parse::Problem& problem) {
    std::cout << "seed " << seed << ": " << problem.what() << '\n';
    return;
  }
  if (!problem_with_exploring(setup).empty()) {
    return;
  }
  ++sums.read;
  AgreeOptions options;
  options.orders_max = extent.orders;
  options.seed = seed;
  options.limits.states = 20'000;
  const std::unique_ptr<RealServer> server = host.server_for(
      setup, made.texts.setup.text,
      any_serializable(setup) ? drivers::Numbers::in_millions : drivers::Numbers::as_the_store);
  const Agreement found = agree(setup, *server, options);
  sums.compared += found.compared;
  sums.not_taken += found.not_taken;
  sums.row_order += found.unpromised;
  sums.differ += found.disagreed() > 0 ? 1 : 0;
  EXPECT_EQ(found.disagreed(), 0U) << "seed " << seed << '\n' << made.text() << told(found);
}

TEST(RandomEndpoints, AgreeWithPostgreSql) {
  const std::unique_ptr<drivers::Host> host = drivers::start_host("postgresql");
  const std::uint64_t first = given("RACELAB_RANDOM_SEED", 1);
  const std::uint64_t count = given("RACELAB_RANDOM_ENDPOINTS", endpoints_of_a_test);
  const Extent extent{given("RACELAB_RANDOM_ORDERS", orders_of_a_test),
                      static_cast<std::uint32_t>(given("RACELAB_RANDOM_CLIENTS", 2))};
  Sums sums;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    compare(*host, seed, extent, sums);
  }
  std::cout << fmt::format(
      "{} random endpoints, {} orders compared, {} not taken, {} hang on an order of rows, {} "
      "endpoints differ\n",
      sums.read, sums.compared, sums.not_taken, sums.row_order, sums.differ);
  EXPECT_GT(sums.read * 10, count * 9) << "too many are not modelled";
  EXPECT_GT(sums.compared, sums.read * extent.orders / 4);
  EXPECT_LT(sums.not_taken * 10, sums.compared);
}

}  // namespace
}  // namespace racelab::random_endpoints_test
