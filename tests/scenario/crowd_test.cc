// A crowd before one row: thousands of handlers that wait for it at once are what fills the memory of a long run.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/scenario/experiment.h"

namespace racelab::lab::crowd_test {
namespace {

// Each client calls once and waits: all but one of the handlers stand in one queue, each with its frame, its messages and
// its session. The bytes differ a little from compiler to compiler.
std::size_t bytes_per_client(std::string_view fleet) {
  constexpr std::uint32_t clients = 1'000;
  const Settings settings =
      settings_of({{"clients", std::to_string(clients)}, {"operations", "1"}, {"timeout", "none"}});
  const Setup setup(settings, fleet_of(fleet));
  Arena arena;
  Timed timed(1, setup.faults);
  World world(arena, timed, *setup.workload, setup.endpoints, setup.world);
  EXPECT_EQ(world.run(), World::End::finished);
  EXPECT_GT(world.service().counts().lock_waits, clients * 9 / 10);
  return arena.used_bytes() / clients;
}

TEST(Crowd, a_handler_that_waits_takes_a_few_kilobytes) {
  for (const std::string_view fleet : {"pessimistic-lock", "pessimistic-lock+idempotency-key"}) {
    EXPECT_LT(bytes_per_client(fleet), 6'000U) << fleet;
  }
}

// They all read 0 at once, and of each round of tries one wins: 256 tries leave 256 done, and the other 44 told that it failed.
TEST(Crowd, tries_are_counted_beyond_what_a_byte_holds) {
  const RunResult run = run_once(settings_of({{"clients", "300"},
                                              {"operations", "1"},
                                              {"attempts-max", "1"},
                                              {"timeout", "none"},
                                              {"latency-spread", "0%"},
                                              {"tries-max", "256"}}),
                                 "optimistic-version", 1);
  EXPECT_EQ(run.judgement.told[static_cast<std::size_t>(Told::ok)][1], 256U);
  EXPECT_EQ(run.judgement.told[static_cast<std::size_t>(Told::failed)][0], 44U);
}

}  // namespace
}  // namespace racelab::lab::crowd_test
