// Timed draws from the seed and nothing else; Replay follows a word.
#include "sim/kernel/choice.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace racelab::choice_test {
namespace {

Pending request(std::uint32_t client, std::uint32_t operation = 0) {
  Pending pending(Happening::request, {client, operation, 1, Purpose::request_latency, 0});
  pending.delay = {milliseconds(1), milliseconds(2)};
  return pending;
}

Pending statement(std::uint32_t client, std::uint32_t place = 0) {
  return {Happening::statement, {client, 0, 1, Purpose::statement_latency, place}};
}

FaultPlan plan_of(FaultKind kind, std::uint32_t percent) {
  FaultPlan plan;
  plan[kind].rate_parts_per_billion = percent * 10'000'000;
  return plan;
}

struct Met {
  std::int64_t at = 0;
  std::uint32_t client = 0;
  Fault fault = Fault::none;
  friend bool operator==(const Met&, const Met&) = default;
};

// What a hundred requests meet.
std::vector<Met> weather(std::uint64_t seed, const FaultPlan& plan) {
  Timed timed(seed, plan);
  std::deque<Pending> pendings;
  for (std::uint32_t client = 0; client < 100; ++client) {
    pendings.push_back(request(client));
    timed.offer(pendings.back());
  }
  std::vector<Met> met;
  for (Occurrence next = timed.next(); next.pending != nullptr; next = timed.next()) {
    met.push_back({timed.now().microseconds, next.pending->name.client, next.fault});
  }
  return met;
}

long struck(const std::vector<Met>& met, Fault fault) {
  return std::count_if(met.begin(), met.end(), [fault](const Met& m) { return m.fault == fault; });
}

TEST(Timed, the_same_seed_gives_the_same_weather) {
  const FaultPlan plan = plan_of(FaultKind::lose_request, 30);
  EXPECT_EQ(weather(1, plan), weather(1, plan));
  EXPECT_NE(weather(1, plan), weather(2, plan));
}

TEST(Timed, delays_lie_in_their_range_and_come_in_order) {
  const std::vector<Met> met = weather(1, {});
  ASSERT_EQ(met.size(), 100U);
  for (std::size_t i = 1; i < met.size(); ++i) {
    EXPECT_LE(met[i - 1].at, met[i].at);
  }
  EXPECT_GE(met.front().at, 1'000);
  EXPECT_LE(met.back().at, 2'000);
}

TEST(Timed, a_rate_of_nothing_and_of_everything) {
  EXPECT_EQ(struck(weather(1, plan_of(FaultKind::lose_request, 0)), Fault::lose_request), 0);
  EXPECT_EQ(struck(weather(1, plan_of(FaultKind::lose_request, 100)), Fault::lose_request), 100);
  EXPECT_EQ(struck(weather(1, plan_of(FaultKind::lose_reply, 100)), Fault::lose_reply), 0);  // none
}

TEST(Timed, a_fault_changes_no_delay) {
  std::vector<Met> calm = weather(1, {});
  std::vector<Met> rough = weather(1, plan_of(FaultKind::lose_request, 50));
  for (Met& met : rough) {
    met.fault = Fault::none;
  }
  EXPECT_EQ(calm, rough);
}

TEST(Timed, budgets_cap_each_kind_and_all_together) {
  FaultPlan plan = plan_of(FaultKind::lose_request, 100);
  plan[FaultKind::lose_request].max = 3;
  EXPECT_EQ(struck(weather(1, plan), Fault::lose_request), 3);
  plan[FaultKind::duplicate_delivery].rate_parts_per_billion = 1'000'000'000;
  plan.total_max = 10;
  const std::vector<Met> met = weather(1, plan);
  EXPECT_EQ(struck(met, Fault::lose_request), 3);
  EXPECT_EQ(struck(met, Fault::duplicate_delivery), 7);
}

TEST(Timed, restarts_at_time_zero_with_its_budgets_full) {
  FaultPlan plan = plan_of(FaultKind::lose_request, 100);
  plan[FaultKind::lose_request].max = 1;
  Timed timed(1, plan);
  for (int run = 0; run < 2; ++run) {
    Pending pending = request(0);
    timed.offer(pending);
    EXPECT_EQ(timed.next().fault, Fault::lose_request);
    timed.restart(1, plan);
    EXPECT_EQ(timed.now(), Instant{0});
  }
}

// The clients of the statements in the order in which Replay lets them run.
std::string follow(Replay& replay) {
  std::string word;
  for (Occurrence next = replay.next(); next.pending != nullptr; next = replay.next()) {
    word += static_cast<char>('A' + next.pending->name.client);
    word += next.fault == Fault::none ? "" : "!";
  }
  return word;
}

TEST(Replay, runs_the_statement_whose_turn_it_is) {
  Replay replay({.turns = {{.client = 1}, {.client = 0}}, .strikes = {}});
  Pending a = statement(0);
  Pending b = statement(1);
  replay.offer(a);
  replay.offer(b);
  EXPECT_EQ(follow(replay), "BA");
  EXPECT_EQ(replay.now(), Instant{2'000});
  EXPECT_EQ(replay.unused(), 0U);
}

TEST(Replay, holds_a_turn_until_its_client_is_ready_and_ends_in_the_order_of_clients) {
  Replay replay({.turns = {{.client = 2}, {.client = 1}}, .strikes = {}});
  Pending a = statement(0);
  Pending b = statement(1);
  replay.offer(b);
  replay.offer(a);
  EXPECT_EQ(replay.next().pending, &b);  // C's turn is held
  Pending c = statement(2);
  replay.offer(c);
  EXPECT_EQ(follow(replay), "CA");
  EXPECT_EQ(replay.unused(), 0U);
}

TEST(Replay, does_at_once_what_touches_nothing_shared) {
  Replay replay({.turns = {{.client = 0}}, .strikes = {}});
  Pending a = statement(0);
  Pending arrival = request(1);
  Pending timeout(Happening::timeout, {2, 0, 1, Purpose::request_latency, 0});
  replay.offer(a);
  replay.offer(timeout);
  replay.offer(arrival);
  EXPECT_EQ(follow(replay), "BA");  // the timeout may still be forestalled
  timeout.certain = true;
  EXPECT_EQ(follow(replay), "C");
}

TEST(Replay, strikes_where_it_is_told_to) {
  Replay replay({.turns = {},
                 .strikes = {{.fault = Fault::crash, .client = 0, .statement = 1},
                             {.fault = Fault::lose_request, .client = 1},
                             {.fault = Fault::lose_reply, .client = 1}}});
  Pending first = statement(0, 0);
  Pending second = statement(0, 1);
  Pending arrival = request(1);
  replay.offer(first);
  replay.offer(second);
  replay.offer(arrival);
  EXPECT_EQ(follow(replay), "B!AA!");
  EXPECT_EQ(replay.unused(), 1U);  // no reply came
}

}  // namespace
}  // namespace racelab::choice_test
