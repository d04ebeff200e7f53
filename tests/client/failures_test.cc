// The failures that clients see: what is done, what the client is told and when it asks again, in timed runs and in every order.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/explore/explore.h"
#include "sim/explore/odometer.h"
#include "sim/scenario/run.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::failures_test {
namespace {

// One client adds 1, and every call of its meets that fault, up to `max` of them.
Lines calls_struck(const std::string& fault, const std::string& max, const Lines& more = {}) {
  Lines lines{{"clients", "1"}, {fault + ".rate", "100%"}, {fault + ".max", max}};
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

RunResult run_of(const Lines& lines) { return run_once(settings_of(lines), "atomic-increment", 1); }

std::string told(const RunResult& run) {
  constexpr const char* names[] = {"ok", "failed", "unknown"};
  const HistoryOperation& operation = run.history.operations.front();
  return std::string(names[static_cast<std::size_t>(operation.told)]) + " after " +
         std::to_string(operation.attempts) + ", " + std::to_string(run.history.rows[0].final) +
         " done";
}

// Nothing is done, and the client knows it: told failed, once its three attempts are spent.
TEST(RefuseCall, is_a_failure_for_certain) {
  EXPECT_EQ(told(run_of(calls_struck("refuse-call", "any"))), "failed after 3, 0 done");
  EXPECT_EQ(told(run_of(calls_struck("refuse-call", "2"))), "ok after 3, 1 done");
  EXPECT_EQ(told(run_of(calls_struck("refuse-call", "1", {{"retry-on", "timeout"}}))),
            "failed after 1, 0 done");
}

// Nothing is done, but the client cannot know that.
TEST(ResetCall, leaves_the_client_in_doubt) {
  EXPECT_EQ(told(run_of(calls_struck("reset-call", "any"))), "unknown after 3, 0 done");
  EXPECT_EQ(told(run_of(calls_struck("reset-call", "1"))), "ok after 2, 1 done");
}

// All is done each time; and nobody has waited for the timeout of 50 ms: a call takes 3 ms, each hop at most 1.25.
TEST(ResetReply, is_known_at_once) {
  const RunResult run = run_of(calls_struck("reset-reply", "any", {{"backoff", "none"}}));
  EXPECT_EQ(told(run), "unknown after 3, 3 done");
  EXPECT_LE(run.ended - Instant{}, milliseconds(12));
  EXPECT_EQ(told(run_of(calls_struck("reset-reply", "1"))), "ok after 2, 2 done");
  EXPECT_EQ(told(run_of(calls_struck("reset-reply", "1", {{"retry-on", "503,timeout"}}))),
            "unknown after 1, 1 done");
}

TEST(FailCall, of_each_kind_is_retried_as_its_policy_says) {
  for (const std::string kind : {"500", "503", "429", "409"}) {
    const Lines failing = calls_struck("fail-call", "1", {{"fail-call.kind", kind}});
    EXPECT_EQ(told(run_of(failing)), "ok after 2, 1 done") << kind;
    for (const std::string only : {"500", "503", "429", "409"}) {
      Lines choosy = failing;
      choosy.emplace_back("retry-on", only);
      EXPECT_EQ(told(run_of(choosy)),
                only == kind ? "ok after 2, 1 done" : "failed after 1, 0 done")
          << kind << " retry-on " << only;
    }
  }
}

// The answer asks for 2 s; a client that does so is told ok after them, one that does not, after its own 5 to 10 ms at most.
TEST(FailCall, asks_its_client_to_wait) {
  const Lines failing = calls_struck("fail-call", "1", {{"fail-call.retry-after", "2s"}});
  EXPECT_LE(run_of(failing).ended - Instant{}, milliseconds(20));
  Lines patient = failing;
  patient.emplace_back("retry-after", "replaces");
  const RunResult run = run_of(patient);
  EXPECT_EQ(told(run), "ok after 2, 1 done");
  EXPECT_GE(run.ended - Instant{}, seconds(2));
  EXPECT_LE(run.ended - Instant{}, milliseconds(2'010));
}

// ---- every order, by the graph and by the odometer, which has rules of its own

std::string orders_of(const Lines& lines, const std::string& strategy = "atomic-increment") {
  const Settings settings = settings_of(lines);
  const Fleet fleet = fleet_of(strategy);
  EXPECT_EQ(problem_with_exploring(settings, fleet), "");
  const Exploration explored = explore(settings, fleet, {});
  const OrdersResult each = run_every_order(settings, fleet, {});
  EXPECT_EQ(explored.odds.orders.str(), std::to_string(each.orders));
  EXPECT_EQ(explored.odds.orders_violating.str(), std::to_string(each.orders_violating));
  return explored.odds.orders_violating.str() + " of " + explored.odds.orders.str();
}

// One client, one fault at most, three attempts: without it, or with it.
TEST(Exploration, follows_each_failure) {
  EXPECT_EQ(orders_of({{"clients", "1"}, {"refuse-call.max", "1"}}), "0 of 2");
  EXPECT_EQ(orders_of({{"clients", "1"}, {"reset-call.max", "1"}}), "0 of 2");
  EXPECT_EQ(orders_of({{"clients", "1"}, {"reset-reply.max", "1"}}), "1 of 2");
  EXPECT_EQ(orders_of({{"clients", "1"}, {"fail-call.max", "1"}}), "0 of 2");
  // The only attempt: heard, lost or reset.
  EXPECT_EQ(orders_of({{"clients", "1"},
                       {"reset-reply.max", "1"},
                       {"lose-reply.max", "1"},
                       {"attempts-max", "1"}}),
            "0 of 3");
}

// A client that asks again only after a reset, and then only once, is followed as it is.
TEST(Exploration, follows_a_policy) {
  EXPECT_EQ(orders_of({{"clients", "1"}, {"reset-reply.max", "2"}}), "2 of 3");
  EXPECT_EQ(orders_of({{"clients", "1"}, {"reset-reply.max", "2"}, {"retries-max.reset", "1"}}),
            "2 of 3");
  EXPECT_EQ(orders_of({{"clients", "1"}, {"reset-reply.max", "1"}, {"retry-on", "timeout"}}),
            "0 of 2");
  EXPECT_EQ(
      orders_of({{"clients", "1"}, {"reset-reply.max", "1"}}, "atomic-increment+idempotency-key"),
      "0 of 2");
  EXPECT_EQ(orders_of({{"clients", "1"}, {"reset-reply.max", "1"}, {"key", "new"}},
                      "atomic-increment+idempotency-key"),
            "1 of 2");
}

}  // namespace
}  // namespace racelab::lab::failures_test
