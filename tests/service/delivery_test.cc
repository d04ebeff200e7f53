// The network between client and service, and what two deliveries of one operation do to each other: lost, doubled and
// slow requests, lost replies, and the idempotency key in all its cases.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/scenario/experiment.h"
#include "tests/service/front.h"

namespace racelab::lab::delivery_test {
namespace {

using Story = std::vector<std::string>;

std::unique_ptr<Endpoint> endpoint_of(std::string_view combination, const Lines& lines = {}) {
  return fleet_of(combination).front().endpoint(settings_of(lines));
}

Order::Strike strike(Fault fault, std::uint16_t attempt = 1) {
  return {.fault = fault, .client = 0, .operation = 0, .attempt = attempt, .statement = 0};
}

TEST(Delivery, a_lost_request_starts_no_handler_and_owes_no_answer) {
  const auto endpoint = endpoint_of("atomic-increment");
  Replay order(order_of("", {strike(Fault::lose_request)}));
  Front front(order, {}, {0});
  front.send(request_of(0), *endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 is lost"}));
  EXPECT_EQ(front.owed(), -1);
  EXPECT_EQ(front.counts().deliveries, 0U);
}

TEST(Delivery, a_lost_reply_leaves_the_work_done) {
  const auto endpoint = endpoint_of("atomic-increment");
  Replay order(order_of("", {strike(Fault::lose_reply)}));
  Front front(order, {}, {0});
  front.send(request_of(0), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "A1 UPDATE n0=1", "A1 replies ok", "A1 reply ok is lost"}));
  EXPECT_EQ(front.value(0), 1);
  EXPECT_EQ(front.owed(), -1);
  EXPECT_EQ(front.heard(), (Story{}));
}

TEST(Delivery, a_doubled_request_starts_two_handlers_and_owes_two_answers) {
  const auto endpoint = endpoint_of("atomic-increment");
  Replay order(order_of("", {strike(Fault::duplicate_delivery)}));
  Front front(order, {}, {0});
  front.send(request_of(0), *endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 is doubled", "A1 arrives", "A1' arrives", "A1 UPDATE n0=1",
                                  "A1 replies ok", "A1' UPDATE n0=2", "A1' replies ok"}));
  EXPECT_EQ(front.heard(), (Story{"A1 ok", "A1' ok"}));
  EXPECT_EQ(front.owed(), 1);
  EXPECT_EQ(front.counts().deliveries, 2U);
  EXPECT_EQ(front.counts().overlaps, 1U);
  EXPECT_EQ(front.counts().self_overlaps, 1U);
}

// It is held back by slow_extra; nothing else strikes it on its way.
TEST(Delivery, a_slow_request_arrives_late_and_its_handler_runs_beside_the_retry) {
  const auto endpoint = endpoint_of("read-modify-write");
  ServiceSettings settings;
  settings.latency = Delay::exactly(milliseconds(1));
  settings.slow_extra = milliseconds(10);
  FaultPlan faults;
  faults[FaultKind::slow_call] = {1'000'000'000, 1};
  faults[FaultKind::lose_request] = {0, {}};
  Timed clock(1, faults);
  Front front(clock, settings, {0});
  front.send(request_of(0), *endpoint);
  while (front.events().empty()) {
    ASSERT_TRUE(front.step());  // it turns out to be slow at 1 ms …
  }
  EXPECT_EQ(front.late(), 1);
  ASSERT_TRUE(front.story() == (Story{"A1 is slow"}));
  front.run();  // … and arrives 10 ms later
  EXPECT_EQ(front.story(), (Story{"A1 is slow", "A1 arrives", "A1 SELECT n0=0", "A1 UPDATE n0=1",
                                  "A1 replies ok"}));
  EXPECT_EQ(front.events()[0].at, Instant{1'000});
  EXPECT_EQ(front.events()[1].at, Instant{11'000});
  EXPECT_EQ(front.owed(), 0);  // it will still be answered, if too late
}

TEST(Delivery, two_attempts_of_one_operation_at_once_are_a_self_overlap) {
  const auto endpoint = endpoint_of("read-modify-write");
  Replay order({});
  Front front(order, {}, {0});
  front.send(request_of(0, 1), *endpoint);
  front.send(request_of(0, 2), *endpoint);
  front.send(request_of(1, 1), *endpoint);
  front.run();
  EXPECT_EQ(front.counts().deliveries, 3U);
  EXPECT_EQ(front.counts().overlaps, 2U);
  EXPECT_EQ(front.counts().self_overlaps, 1U);
}

// Every chance would be taken; the budgets say how often, each kind for itself and all together.
TEST(Delivery, budgets_bound_what_strikes) {
  const Lines all{{"clients", "3"},        {"operations", "10"},
                  {"attempts-max", "5"},   {"lose-reply.rate", "100%"},
                  {"lose-reply.max", "4"}, {"crash.rate", "50%"},
                  {"crash.max", "2"},      {"timeout", "10ms"}};
  const RunResult apart = run_once(settings_of(all), "atomic-increment", 1);
  EXPECT_EQ(struck(apart, FaultKind::lose_reply), 4U);
  EXPECT_EQ(struck(apart, FaultKind::crash), 2U);
  const RunResult together =
      run_once(with(settings_of(all), {{"faults-max", "5"}}), "atomic-increment", 1);
  EXPECT_EQ(struck(together, FaultKind::lose_reply) + struck(together, FaultKind::crash), 5U);
  const RunResult none =
      run_once(with(settings_of(all), {{"faults-max", "0"}}), "atomic-increment", 1);
  EXPECT_EQ(struck(none, FaultKind::lose_reply) + struck(none, FaultKind::crash), 0U);
}

// ---- the idempotency key

TEST(IdempotencyKey, a_later_delivery_gets_the_saved_reply) {
  const auto endpoint = endpoint_of("atomic-increment+idempotency-key");
  Replay order({});
  Front front(order, {}, {0});
  front.send(request_of(0, 1), *endpoint);
  front.run();
  front.send(request_of(0, 2), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "A1 BEGIN", "A1 INSERT key=conflict", "A1 UPDATE n0=1",
                   "A1 UPDATE key=ok", "A1 COMMIT", "A1 replies ok",  //
                   "A2 arrives", "A2 BEGIN", "A2 INSERT key none", "A2 SELECT key=ok", "A2 COMMIT",
                   "A2 replies ok"}));
  EXPECT_EQ(front.value(0), 1);
}

TEST(IdempotencyKey, an_overlapping_delivery_waits_on_the_insert_and_gets_the_saved_reply) {
  const auto endpoint = endpoint_of("atomic-increment+idempotency-key");
  Replay order(order_of("", {strike(Fault::duplicate_delivery)}));
  Front front(order, {}, {0});
  front.send(request_of(0), *endpoint);
  // Turns name the client's n-th ready handler: first the original's INSERT, then the copy's.
  ASSERT_TRUE(front.step());  // arrives, doubled
  ASSERT_TRUE(front.step());  // the copy arrives
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 is doubled", "A1 arrives", "A1' arrives", "A1 BEGIN",
                   "A1 INSERT key=conflict", "A1' BEGIN", "A1' waits for A", "A1 UPDATE n0=1",
                   "A1 UPDATE key=ok", "A1 COMMIT", "A1 replies ok", "A1' INSERT key none",
                   "A1' SELECT key=ok", "A1' COMMIT", "A1' replies ok"}));
  EXPECT_EQ(front.value(0), 1);
  EXPECT_EQ(front.counts().lock_waits, 1U);
}

TEST(IdempotencyKey, the_waiting_delivery_does_the_work_itself_when_the_first_is_rolled_back) {
  const auto endpoint = endpoint_of("atomic-increment+idempotency-key");
  ServiceSettings settings;
  settings.session_timeout = milliseconds(30);
  Order turns;
  for (const std::uint32_t handler : {0U, 1U}) {
    turns.turns.push_back({.client = 0, .handler = handler, .happening = Happening::statement});
  }
  turns.strikes.push_back(
      {.fault = Fault::crash, .client = 0, .operation = 0, .attempt = 1, .statement = 2});
  Replay order(turns);
  Front front(order, settings, {0});
  front.send(request_of(0, 1), *endpoint);
  front.send(request_of(0, 2), *endpoint);
  front.run();
  EXPECT_EQ(front.story(), (Story{"A1 arrives", "A2 arrives", "A1 BEGIN", "A1 INSERT key=conflict",
                                  "A2 BEGIN", "A2 waits for A", "A1 UPDATE n0=1", "A1 crashes",
                                  "A1 is noticed dead", "A2 INSERT key=conflict", "A2 UPDATE n0=1",
                                  "A2 UPDATE key=ok", "A2 COMMIT", "A2 replies ok"}));
  EXPECT_EQ(front.value(0), 1);
}

TEST(IdempotencyKey, a_wait_ended_by_the_lock_timeout_answers_conflict) {
  const auto endpoint = endpoint_of("atomic-increment+idempotency-key");
  ServiceSettings settings;
  settings.lock_timeout = milliseconds(1);
  Order turns;
  turns.turns.push_back({.client = 0, .handler = 0, .happening = Happening::statement});
  turns.turns.push_back({.client = 0, .handler = 1, .happening = Happening::statement});
  turns.turns.push_back({.client = 0, .handler = 1, .happening = Happening::lock_timeout});
  Replay order(turns);
  Front front(order, settings, {0});
  front.send(request_of(0, 1), *endpoint);
  front.send(request_of(0, 2), *endpoint);
  front.run();
  EXPECT_EQ(front.heard(), (Story{"A2 conflict", "A1 ok"}));
  EXPECT_EQ(front.value(0), 1);
  EXPECT_EQ(front.counts().conflicts, 1U);
}

TEST(IdempotencyKey, the_same_key_with_another_request_is_refused) {
  for (const std::string combination :
       {"atomic-increment+idempotency-key", "atomic-increment+idempotency-key-after",
        "atomic-increment+idempotency-key-before"}) {
    const auto endpoint = endpoint_of(combination);
    Replay order({});
    Front front(order, {}, {0});
    front.send(request_of(0, 1, 5), *endpoint);
    front.run();
    front.send(request_of(0, 2, 6), *endpoint);  // the client's bug: one key, two meanings
    front.run();
    EXPECT_EQ(front.heard(), (Story{"A1 ok", "A2 refused"})) << combination;
    EXPECT_EQ(front.value(0), 5) << combination;
  }
}

// A refusal rolls the key back: the next delivery may well succeed.
TEST(IdempotencyKey, a_refusal_is_not_saved) {
  const auto endpoint = endpoint_of("pessimistic-lock+idempotency-key");
  Replay order({});
  Front front(order, {}, {5});
  Request take = request_of(0, 1, -10);
  take.change.function = add_amounts_unless_negative;
  front.send(take, *endpoint);
  front.run();
  EXPECT_EQ(front.heard(), (Story{"A1 refused"}));
  EXPECT_FALSE(front.has_key(0));
  EXPECT_EQ(front.value(0), 5);
}

// At REPEATABLE READ the key is newer than the waiting transaction's snapshot: 40001, and the next try sees it.
TEST(IdempotencyKey, at_repeatable_read_the_second_delivery_starts_over_and_finds_the_key) {
  const auto endpoint =
      endpoint_of("atomic-increment+idempotency-key", {{"isolation", "repeatable-read"}});
  Order turns;
  turns.turns.push_back({.client = 0, .handler = 0, .happening = Happening::statement});
  turns.turns.push_back({.client = 0, .handler = 1, .happening = Happening::statement});
  Replay order(turns);
  Front front(order, {}, {0});
  front.send(request_of(0, 1), *endpoint);
  front.send(request_of(0, 2), *endpoint);
  front.run();
  EXPECT_EQ(front.heard(), (Story{"A1 ok", "A2 ok"}));
  EXPECT_EQ(front.value(0), 1);
  EXPECT_EQ(front.counts().conflicts, 1U);
}

// ---- the two classic mistakes

// Both deliveries look for the key before either has recorded it.
TEST(IdempotencyKeyAfter, an_overlapping_delivery_does_the_work_twice) {
  const auto endpoint = endpoint_of("atomic-increment+idempotency-key-after");
  const auto final_value = [&endpoint](std::initializer_list<std::uint32_t> handlers) {
    Order turns = order_of("", {strike(Fault::duplicate_delivery)});
    for (const std::uint32_t handler : handlers) {
      turns.turns.push_back({.client = 0, .handler = handler, .happening = Happening::statement});
    }
    Replay order(turns);
    Front front(order, {}, {0});
    front.send(request_of(0), *endpoint);
    front.run();
    EXPECT_EQ(front.heard().size(), 2U);
    return front.value(0);
  };
  // SELECT key, UPDATE, INSERT key by the first; then the copy finds the key.
  EXPECT_EQ(final_value({0, 0, 0}), 1);
  // The copy looks before the first has inserted it.
  EXPECT_EQ(final_value({0, 1}), 2);
  EXPECT_EQ(final_value({0, 0, 1}), 2);
}

TEST(IdempotencyKeyAfter, a_crash_before_the_key_is_recorded_does_the_work_twice) {
  const auto endpoint = endpoint_of("atomic-increment+idempotency-key-after");
  Order turns;
  turns.strikes.push_back(
      {.fault = Fault::crash, .client = 0, .operation = 0, .attempt = 1, .statement = 2});
  Replay order(turns);
  Front front(order, {}, {0});
  front.send(request_of(0, 1), *endpoint);
  front.run();
  front.send(request_of(0, 2), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "A1 SELECT key none", "A1 UPDATE n0=1", "A1 crashes",  //
                   "A2 arrives", "A2 SELECT key none", "A2 UPDATE n0=2", "A2 INSERT key=ok",
                   "A2 replies ok"}));
}

TEST(IdempotencyKeyBefore, a_crash_after_the_key_is_recorded_promises_what_never_happens) {
  const auto endpoint = endpoint_of("atomic-increment+idempotency-key-before");
  Order turns;
  turns.strikes.push_back(
      {.fault = Fault::crash, .client = 0, .operation = 0, .attempt = 1, .statement = 1});
  Replay order(turns);
  Front front(order, {}, {0});
  front.send(request_of(0, 1), *endpoint);
  front.run();
  front.send(request_of(0, 2), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "A1 INSERT key=ok", "A1 crashes",  //
                   "A2 arrives", "A2 INSERT key none", "A2 SELECT key=ok", "A2 replies ok"}));
  EXPECT_EQ(front.value(0), 0);
}

// At REPEATABLE READ the waiting delivery's INSERT fails with 40001 when the first one's key is committed. It has recorded
// nothing yet, so the next try must look for the key again: it finds it, and does no work of its own.
TEST(IdempotencyKeyBefore, a_delivery_whose_insert_failed_looks_for_the_key_again) {
  const auto endpoint =
      endpoint_of("atomic-increment+idempotency-key-before", {{"isolation", "repeatable-read"}});
  Order turns;
  turns.turns.push_back({.client = 0, .handler = 0, .happening = Happening::statement});
  turns.turns.push_back({.client = 0, .handler = 1, .happening = Happening::statement});
  Replay order(turns);
  Front front(order, {}, {0});
  front.send(request_of(0, 1), *endpoint);
  front.send(request_of(0, 2), *endpoint);
  front.run();
  EXPECT_EQ(front.counts().conflicts, 1U);
  EXPECT_EQ(front.heard().size(), 2U);
  EXPECT_EQ(front.value(0), 1);
}

// A try that has its own key on record must not take it for another delivery's: it goes on with the work.
TEST(IdempotencyKeyBefore, a_try_after_a_conflict_goes_on_with_its_own_key) {
  const auto endpoint = endpoint_of("optimistic-version+idempotency-key-before");
  // A: INSERT key, SELECT; B: all of it; A: UPDATE finds 0 rows, and starts again.
  Replay order(order_of("AABBBA"));
  Front front(order, {}, {0});
  front.send(request_of(0), *endpoint);
  front.send(request_of(1), *endpoint);
  front.run();
  EXPECT_EQ(front.story(),
            (Story{"A1 arrives", "B1 arrives", "A1 INSERT key=ok", "A1 SELECT n0=0",
                   "B1 INSERT key=ok", "B1 SELECT n0=0", "B1 UPDATE n0=1", "B1 replies ok",
                   "A1 UPDATE n0 none", "A1 starts again after a conflict", "A1 SELECT n0=1",
                   "A1 UPDATE n0=2", "A1 replies ok"}));
}

}  // namespace
}  // namespace racelab::lab::delivery_test
