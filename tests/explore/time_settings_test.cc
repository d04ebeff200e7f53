// Time is abstracted in exploration: whatever takes time and nothing else (work, answers on their way, the shape of
// latencies) must change no order, in either engine, nor one event of a replay. What would change orders is refused.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/explore/explore.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::time_settings_test {
namespace {

const Lines all_the_time{{"latency-shape", "normal"},     {"latency-spread", "80%"},
                         {"statement-latency", "7ms"},    {"answer-latency", "3ms"},
                         {"service-time", "20ms"},        {"service-time-per-call", "5ms"},
                         {"service-shape", "exponential"}};

void expect_same(const Exploration& timeless, const Exploration& timely) {
  EXPECT_EQ(timeless.verdict, timely.verdict);
  EXPECT_EQ(timeless.outcomes, timely.outcomes);
  EXPECT_EQ(timeless.odds.orders, timely.odds.orders);
  EXPECT_EQ(timeless.odds.orders_violating, timely.odds.orders_violating);
  EXPECT_EQ(timeless.odds.by_outcome, timely.odds.by_outcome);
  EXPECT_EQ(timeless.states, timely.states);
  EXPECT_EQ(timeless.transitions, timely.transitions);
}

TEST(TimeSettings, change_no_order) {
  const std::vector<Lines> worlds{
      {},
      {{"lock-timeout", "5ms"}, {"isolation", "repeatable-read"}},
      {{"clients", "1"}, {"lose-reply.max", "1"}, {"slow-call.max", "1"}, {"attempts-max", "2"}},
      {{"crash.max", "1"}, {"attempts-max", "2"}, {"isolation", "read-committed"}},
      {{"duplicate-delivery.max", "1"}, {"lose-session.max", "1"}, {"attempts-max", "1"}}};
  for (const std::string fleet : {"read-modify-write", "optimistic-version", "pessimistic-lock",
                                  "atomic-increment+idempotency-key"}) {
    for (const Lines& world : worlds) {
      SCOPED_TRACE(testing::Message() << fleet << ", world " << &world - worlds.data());
      const Settings timeless = settings_of(world);
      const Settings timely = with(timeless, all_the_time);
      ASSERT_EQ(problem_with_exploring(timely, fleet_of(fleet)), "");
      const Exploration plain = explore(timeless, fleet_of(fleet), {});
      const Exploration with_time = explore(timely, fleet_of(fleet), {});
      expect_same(plain, with_time);
      if (plain.odds.orders < 20'000) {
        const Exploration by_orders = explore_by_orders(timely, fleet_of(fleet), {});
        EXPECT_EQ(by_orders.odds.orders, plain.odds.orders);
        EXPECT_EQ(by_orders.odds.orders_violating, plain.odds.orders_violating);
        EXPECT_EQ(by_orders.outcomes, plain.outcomes);
      }
      ASSERT_EQ(plain.counterexample.has_value(), with_time.counterexample.has_value());
      if (plain.counterexample) {
        const WalkedOrder& order = *plain.counterexample;
        EXPECT_EQ(word_of(order.moves), word_of(with_time.counterexample->moves));
        EXPECT_EQ(replay(timeless, fleet_of(fleet), order.issued, order.moves).trace_hash,
                  replay(timely, fleet_of(fleet), order.issued, order.moves).trace_hash);
      }
    }
  }
}

TEST(TimeSettings, are_no_reason_to_refuse_but_workers_deadlines_and_endless_attempts_are) {
  const Fleet fleet = fleet_of("read-modify-write");
  const auto problem = [&fleet](const Lines& lines) {
    return problem_with_exploring(settings_of(lines), fleet);
  };
  EXPECT_EQ(problem(all_the_time), "");
  EXPECT_EQ(problem({{"workers", "4"}, {"queue-max", "2"}}),
            "workers=4 makes clients wait for each other in a queue, which exploration does not "
            "follow yet; explore with workers=any");
  EXPECT_EQ(problem({{"deadline", "1s"}}),
            "exploration has no clock, so no deadline passes: it needs deadline=none");
  EXPECT_EQ(problem({{"attempts-max", "endless"}}),
            "exploration follows every attempt: it needs a number for attempts-max, not endless");
  EXPECT_EQ(problem({{"fail-call.max", "1"}, {"fail-call.kind", "429"}}), "");
}

}  // namespace
}  // namespace racelab::lab::time_settings_test
