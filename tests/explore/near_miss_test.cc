// What a strategy was saved from: counted from the graph, and counted again by running every order and reading its events.
#include "sim/explore/near_miss.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/explore/oracle.h"

namespace racelab::lab::near_miss_test {
namespace {

using Counts = std::array<std::uint64_t, near_miss_kinds>;

Counts counts_of(const Exploration& exploration) {
  Counts counts{};
  for (const NearMissOrders& near_miss : exploration.near_misses) {
    counts[static_cast<std::size_t>(near_miss.kind)] = std::stoull(near_miss.orders.str());
  }
  return counts;
}

bool shows(const TraceEvent& event, NearMiss kind) {
  if (event.kind != TraceKind::statement) {
    return false;
  }
  const bool update = event.verb == Verb::update_set || event.verb == Verb::update_add;
  switch (kind) {
    case NearMiss::wait:
      return event.waited;
    case NearMiss::stale_write:
      return event.error == StatementError::serialization_failure ||
             (update && event.where.kind == Where::Kind::version_is &&
              event.error == StatementError::none && event.affected == 0);
    case NearMiss::repeated_operation:
      return event.verb == Verb::insert && event.on_conflict_do_nothing && event.affected == 0 &&
             event.error == StatementError::none;
    case NearMiss::deadlock:
      return event.error == StatementError::deadlock_detected;
    case NearMiss::long_wait:
      return event.error == StatementError::lock_not_available;
  }
  return false;
}

Counts counts_by_running(const Settings& settings, const Fleet& fleet) {
  Runner runner(settings, fleet);
  Odometer odometer(settings.faults, 1'000);
  Counts counts{};
  while (odometer.next_order(false)) {
    const RunResult run = runner.run_under(odometer, true);
    for (std::size_t kind = 0; kind < near_miss_kinds; ++kind) {
      counts[kind] += std::any_of(run.trace.begin(), run.trace.end(),
                                  [kind](const TraceEvent& event) {
                                    return shows(event, static_cast<NearMiss>(kind));
                                  })
                          ? 1
                          : 0;
    }
  }
  return counts;
}

void expect_counts(const Lines& lines, std::string_view fleet, const Counts& expected) {
  const Settings settings = settings_of(lines);
  for (const bool symmetry : {true, false}) {
    ExploreOptions options;
    options.symmetry = symmetry;
    const Exploration found = explore(settings, fleet_of(fleet), options);
    EXPECT_EQ(found.verdict, Verdict::holds) << fleet;
    EXPECT_EQ(counts_of(found), expected) << fleet;
  }
  EXPECT_EQ(counts_by_running(settings, fleet_of(fleet)), expected) << fleet;
}

// Of the 6 orders of two clients, two steps each, 2 are one client after the other. In the other 4 both read before either
// writes, so the second write is stale: refused, or kept waiting.
TEST(NearMisses, of_two_writers) {
  expect_counts({}, "optimistic-version", {0, 4, 0, 0, 0});
  expect_counts({}, "pessimistic-lock", {4, 0, 0, 0, 0});
  expect_counts({}, "atomic-increment", {0, 0, 0, 0, 0});
}

// One order without a fault, one whose reply is lost; only there the operation comes back.
TEST(NearMisses, of_a_repeated_operation) {
  expect_counts({{"clients", "1"}, {"lose-reply.max", "1"}, {"attempts-max", "2"}},
                "atomic-increment+idempotency-key", {0, 0, 1, 0, 0});
}

TEST(NearMisses, of_more_are_those_that_running_every_order_shows) {
  std::uint64_t seen = 0;
  for (const std::string& fleet : std::vector<std::string>{
           "optimistic-version", "pessimistic-lock", "atomic-increment+idempotency-key",
           "optimistic-version+idempotency-key", "pessimistic-lock+idempotency-key",
           "optimistic-version,atomic-increment"}) {
    for (const Lines& lines :
         {Lines{{"isolation", "repeatable-read"}}, Lines{{"clients", "3"}},
          Lines{{"lock-timeout", "1s"}, {"attempts-max", "1"}},
          Lines{{"workload", "transfer"}, {"initial", "100"}, {"attempts-max", "1"}},
          Lines{{"lose-reply.max", "1"}, {"attempts-max", "2"}}}) {
      const Settings settings = settings_of(lines);
      const ParsedFleet parsed = parse_fleet(fleet);
      if (!problem_with(settings).empty() ||
          !problem_with(parsed.fleet.front(), settings).empty()) {
        continue;
      }
      const Exploration found = explore(settings, parsed.fleet, {});
      if (found.verdict != Verdict::holds || found.odds.orders > 5'000) {
        continue;
      }
      const Counts counts = counts_of(found);
      EXPECT_EQ(counts, counts_by_running(settings, parsed.fleet)) << fleet;
      for (const std::uint64_t count : counts) {
        seen += count > 0 ? 1 : 0;
      }
    }
  }
  EXPECT_GE(seen, 15U);
}

// Each comes with its smallest order, which shows it and ends well.
TEST(NearMisses, have_an_example_that_shows_them) {
  const Settings settings = settings_of({{"clients", "3"}});
  for (const std::string_view name : {"optimistic-version", "pessimistic-lock"}) {
    const Fleet fleet = fleet_of(name);
    const Exploration found = explore(settings, fleet, {});
    ASSERT_EQ(found.near_misses.size(), 1U);
    const NearMissOrders& near_miss = found.near_misses.front();
    ASSERT_TRUE(near_miss.smallest.has_value());
    EXPECT_EQ(near_miss.smallest->clients, 2U);
    EXPECT_EQ(near_miss.smallest->operations, 2U);
    const RunResult run =
        replay(settings, fleet, near_miss.smallest->issued, near_miss.smallest->moves);
    EXPECT_EQ(run.verdict, Verdict::holds);
    EXPECT_TRUE(std::any_of(
        run.trace.begin(), run.trace.end(),
        [&near_miss](const TraceEvent& event) { return shows(event, near_miss.kind); }));
  }
}

}  // namespace
}  // namespace racelab::lab::near_miss_test
