// Attempts beside one another: when the next goes out, what ends them all, and what is then waited for no longer. A peer that answers
// each attempt as planned stands in the place of the service; what was sent is compared with a simulation of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/client/clients.h"
#include "sim/client/gateway.h"
#include "tests/client/flaky_world.h"
#include "tests/property.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::hedging_test {
namespace {

using Story = std::vector<std::string>;

// How the peer answers an attempt; after 0: at once, none: never.
struct Answer {
  std::optional<Duration> after;
  Reply reply = Reply::ok();
};
using Plan = std::vector<Answer>;  // by attempt; the last one for all later ones

Answer ok(std::int64_t after) { return {milliseconds(after)}; }
Answer failing(std::int64_t after, Reply::Kind kind) { return {milliseconds(after), {kind}}; }
const Answer silence{};

class Peer final : public Destination {
 public:
  Peer(Choice& choice, Plan plan) : choice_(choice), plan_(std::move(plan)) {}

  void set_caller(Caller& caller) override { caller_ = &caller; }
  void send(const Request& request, const Endpoint& /*endpoint*/) override {
    note("send", request.attempt);
    keys.push_back(request.key);
    const Answer& answer = plan_[std::min<std::size_t>(request.attempt, plan_.size()) - 1];
    if (answer.after) {
      Message& message = messages_.at(request.attempt);
      message.name.attempt = request.attempt;
      message.delay = Delay::exactly(*answer.after);
      message.reply = answer.reply;
      choice_.offer(message);
    }
  }
  void cancel(OperationName /*operation*/, std::uint16_t attempt) override {
    note("cancel", attempt);
  }
  void happen(Pending& pending) {
    const auto& message = static_cast<Message&>(pending);
    caller_->receive({0, 0}, message.name.attempt, 0, message.reply);
  }

  Story story;
  std::vector<RowKey> keys;

 private:
  struct Message : Pending {
    Message() : Pending(Happening::reply, {}) {}
    Reply reply;
  };
  void note(const std::string& what, std::uint16_t attempt) {
    const std::int64_t at = choice_.now().microseconds;
    story.push_back(std::to_string(at / 1'000) +
                    (at % 1'000 == 0 ? "" : "." + std::to_string(1'000 + at % 1'000).substr(1)) +
                    ' ' + what + ' ' + std::to_string(attempt));
  }

  Choice& choice_;
  Plan plan_;
  Caller* caller_ = nullptr;
  std::array<Message, 40> messages_;
};

struct Ran {
  Story story;
  Told told{};
  Instant ended{};
  ClientCounts counts;
  std::vector<RowKey> keys;
};

Ran run(const RetryPolicy& retry, const Plan& plan, const RetryLimitSettings& limits = {}) {
  Arena arena;
  Timed timed(1, {});
  Trace trace(arena, {});
  Peer peer(timed, plan);
  const OneRow workload;
  const Endpoint endpoint(flaky<0>, {});
  ClientSettings settings;
  settings.clients = 1;
  settings.retry = retry;
  settings.retry_budget = limits.retry_budget;
  settings.breaker = limits.breaker;
  const ArenaVector<const Endpoint*> endpoints({&endpoint}, ArenaAllocator<const Endpoint*>(arena));
  Clients clients(arena, timed, trace, peer, workload, settings, endpoints);
  clients.start();
  while (true) {
    const Occurrence occurrence = timed.next();
    if (occurrence.pending == nullptr) {
      break;
    }
    if (occurrence.pending->happening == Happening::reply) {
      peer.happen(*occurrence.pending);
    } else {
      clients.happen(*occurrence.pending);
    }
  }
  const OperationRecord& record = clients.operations()[0];
  EXPECT_TRUE(record.finished);
  return {peer.story, record.told, record.ended, clients.counts(), peer.keys};
}

RetryPolicy hedging(std::uint16_t attempts_max, std::int64_t after_ms) {
  RetryPolicy retry{.timeout = milliseconds(1'000),
                    .attempts_max = attempts_max,
                    .retry_on = {Failure::unavailable, Failure::reset}};
  retry.hedge_after = static_cast<std::uint32_t>(milliseconds(after_ms).microseconds);
  return retry;
}
RetryPolicy cancelling(RetryPolicy retry) {
  retry.cancels = true;
  return retry;
}

// ---- as @grpc/grpc-js 1.14.7 did with hedgingDelay 100 ms, nonFatalStatusCodes UNAVAILABLE and maxAttempts 5; see
// tests/peers/clients/measured.csv and scenarios/clients/grpc-js-hedging.ini

// Measured: calls at 18, 114 and 215 ms, told OK at 272, the second and the third cancelled then.
TEST(Hedging, sends_the_next_when_no_answer_comes_and_takes_the_first_ok) {
  const Ran ran = run(cancelling(hedging(5, 100)), {ok(250)});
  EXPECT_EQ(ran.story,
            (Story{"0 send 1", "100 send 2", "200 send 3", "250 cancel 2", "250 cancel 3"}));
  EXPECT_EQ(ran.told, Told::ok);
  EXPECT_EQ(ran.counts.hedges, 2U);
}

// Measured: calls at 9 and 103 ms, told INTERNAL at 105, the first cancelled then. It may still be done: nobody knows.
TEST(Hedging, ends_at_a_failure_that_it_does_not_ask_again_after) {
  const Ran ran = run(cancelling(hedging(5, 100)), {silence, failing(2, Reply::Kind::error)});
  EXPECT_EQ(ran.story, (Story{"0 send 1", "100 send 2", "102 cancel 1"}));
  EXPECT_EQ(ran.told, Told::unknown);
  EXPECT_EQ(run(hedging(5, 100), {failing(2, Reply::Kind::error)}).told, Told::failed);
}

// Measured: calls at 3, 104, 111, 213 and 313 ms (the second fails at once), told OK at 358, and three cancelled.
TEST(Hedging, sends_the_next_at_once_after_a_failure) {
  const Ran ran =
      run(cancelling(hedging(5, 100)), {ok(355), failing(7, Reply::Kind::unavailable), silence});
  EXPECT_EQ(ran.story, (Story{"0 send 1", "100 send 2", "107 send 3", "207 send 4", "307 send 5",
                              "355 cancel 3", "355 cancel 4", "355 cancel 5"}));
}

// Measured: five calls, for all fail at once.
TEST(Hedging, of_attempts_that_all_fail_makes_as_many_as_it_may) {
  const Ran ran = run(hedging(5, 100), {failing(1, Reply::Kind::unavailable)});
  EXPECT_EQ(ran.story, (Story{"0 send 1", "1 send 2", "2 send 3", "3 send 4", "4 send 5"}));
  EXPECT_EQ(ran.told, Told::failed);
  EXPECT_EQ(ran.ended, Instant{} + milliseconds(5));
  EXPECT_EQ(ran.counts.hedges, 0U);  // none was under way beside another
}

// Measured with a Retry-After (pushback) of 300 ms: calls at 3, 103 and 106 ms. It does not go at once, but when it was due.
TEST(Hedging, after_a_failure_that_asks_it_to_wait_sends_the_next_when_it_was_due) {
  RetryPolicy retry = hedging(5, 100);
  retry.retry_after = RetryAfter::replaces;
  const Answer asks_to_wait{milliseconds(0),
                            {.kind = Reply::Kind::unavailable, .retry_after = milliseconds(300)}};
  EXPECT_EQ(run(retry, {asks_to_wait, failing(3, Reply::Kind::unavailable), ok(1)}).story,
            (Story{"0 send 1", "100 send 2", "103 send 3"}));
  const Answer shortly{milliseconds(0),
                       {.kind = Reply::Kind::unavailable, .retry_after = milliseconds(30)}};
  EXPECT_EQ(run(retry, {shortly, ok(1)}).story, (Story{"0 send 1", "30 send 2"}));
}

// ---- what else there is

TEST(Hedging, without_a_delay_sends_all_at_once) {
  EXPECT_EQ(run(cancelling(hedging(3, 0)), {ok(9), ok(5), ok(7)}).story,
            (Story{"0 send 1", "0 send 2", "0 send 3", "5 cancel 1", "5 cancel 3"}));
}

TEST(Hedging, waits_for_those_under_way_when_it_may_send_no_more) {
  const Ran ran = run(hedging(2, 10), {ok(50), failing(5, Reply::Kind::unavailable)});
  EXPECT_EQ(ran.story, (Story{"0 send 1", "10 send 2"}));
  EXPECT_EQ(ran.told, Told::ok);
  EXPECT_EQ(ran.ended, Instant{} + milliseconds(50));
}

// Each has its own timeout of 30 ms, after which this client does not ask again: it ends all.
TEST(Hedging, gives_each_attempt_its_timeout) {
  RetryPolicy retry = cancelling(hedging(5, 20));
  retry.timeout = milliseconds(30);
  const Ran ran = run(retry, {silence});
  EXPECT_EQ(ran.story, (Story{"0 send 1", "20 send 2", "30 cancel 1", "30 cancel 2"}));
  EXPECT_EQ(ran.told, Told::unknown);
  retry.retry_on = Failures::all();
  retry.attempts_max = 3;
  EXPECT_EQ(run(retry, {silence}).story, (Story{"0 send 1", "20 send 2", "30 cancel 1", "30 send 3",
                                                "50 cancel 2", "60 cancel 3"}));
}

// None goes out at the deadline, or later; those under way are given up then.
TEST(Hedging, ends_at_its_deadline) {
  RetryPolicy retry = cancelling(hedging(9, 20));
  retry.deadline = milliseconds(60);
  const Ran ran = run(retry, {silence});
  EXPECT_EQ(ran.story, (Story{"0 send 1", "20 send 2", "40 send 3", "60 cancel 1", "60 cancel 2",
                              "60 cancel 3"}));
  EXPECT_EQ(ran.ended, Instant{} + milliseconds(60));
}

TEST(Hedging, keeps_its_key_or_makes_a_new_one_each) {
  const std::vector<RowKey> kept = run(hedging(3, 1), {ok(10)}).keys;
  EXPECT_EQ(kept, std::vector<RowKey>(3, kept.front()));
  RetryPolicy anew = hedging(3, 1);
  anew.key = KeySent::made_anew;
  const std::vector<RowKey> keys = run(anew, {ok(10)}).keys;
  EXPECT_EQ(keys[0] == keys[1] || keys[1] == keys[2] || keys[0] == keys[2], false);
}

// Two tokens, and a hedge takes one where more than one is there: one hedge. What is under way goes on.
TEST(Hedging, stops_when_its_budget_is_spent) {
  const Ran ran = run(hedging(5, 10), {ok(100)}, {{.share = 0, .burst = 2}, {}});
  EXPECT_EQ(ran.story, (Story{"0 send 1", "10 send 2"}));
  EXPECT_EQ(ran.told, Told::ok);
  EXPECT_EQ(ran.counts.retries_denied, 1U);
}

// Opened by the first failure, it lets no hedge out; a probe would be let through after 1 s.
TEST(Hedging, stops_when_its_breaker_is_open) {
  const Ran ran =
      run(hedging(5, 10), {failing(5, Reply::Kind::unavailable), ok(1)},
          {{}, {.kind = BreakerKind::consecutive, .open_for = seconds(1), .failures_max = 1}});
  EXPECT_EQ(ran.story, (Story{"0 send 1"}));
  EXPECT_EQ(ran.told, Told::failed);
  EXPECT_EQ(ran.counts.calls_refused_by_breaker, 1U);
}

// ---- against a simulation of its own

// What should be sent and cancelled, moment by moment of a microsecond; nothing where two things happen at once.
std::optional<Story> simulated(const RetryPolicy& retry, const Plan& plan) {
  struct UnderWay {
    std::int64_t until;  // it is answered, or given up
    bool answered;
    Reply reply;
    std::uint16_t number;
  };
  const std::int64_t hedge_after = *retry.hedge_after;
  Story story;
  std::vector<UnderWay> under_way;
  std::int64_t now = 0;
  std::int64_t due = 0;  // the next one; -1: none
  std::uint16_t sent = 0;
  const auto note = [&](const std::string& what, std::uint16_t number) {
    story.push_back(std::to_string(now / 1'000) +
                    (now % 1'000 == 0 ? "" : "." + std::to_string(1'000 + now % 1'000).substr(1)) +
                    ' ' + what + ' ' + std::to_string(number));
  };
  for (bool over = false; !over && (due >= 0 || !under_way.empty());) {
    auto first = std::min_element(under_way.begin(), under_way.end(),
                                  [](const auto& a, const auto& b) { return a.until < b.until; });
    const bool sends = first == under_way.end() || (due >= 0 && due < first->until);
    if (first != under_way.end() &&
        (first->until == due || std::count_if(under_way.begin(), under_way.end(), [&](auto& it) {
                                  return it.until == first->until;
                                }) > 1)) {
      return std::nullopt;
    }
    now = sends ? due : first->until;
    bool send_next = sends;
    if (!sends) {
      const UnderWay ended = *first;
      under_way.erase(first);
      if (!ended.answered && retry.cancels) {
        note("cancel", ended.number);
      }
      over = ended.answered
                 ? ended.reply == Reply::ok() || !retry.retry_on.contain(failure_of(ended.reply))
                 : !retry.retry_on.contain(Failure::timeout);
      send_next = !over && sent < retry.attempts_max;
    }
    if (send_next) {
      note("send", ++sent);
      const Answer& answer = plan[std::min<std::size_t>(sent, plan.size()) - 1];
      const std::int64_t gives_up = retry.timeout.microseconds;
      const bool answered = answer.after && answer.after->microseconds < gives_up;
      if (answer.after && answer.after->microseconds == gives_up) {
        return std::nullopt;
      }
      under_way.push_back(
          {now + (answered ? answer.after->microseconds : gives_up), answered, answer.reply, sent});
      due = sent < retry.attempts_max ? now + hedge_after : -1;
    }
  }
  for (const UnderWay& left : under_way) {
    if (retry.cancels) {
      note("cancel", left.number);
    }
  }
  return story;
}

Plan random_plan() {
  Plan plan;
  const int attempts = *rc::gen::inRange(1, 7);
  for (int i = 0; i < attempts; ++i) {
    const auto after = microseconds(*rc::gen::inRange(1, 100'000));
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        plan.push_back({after, Reply::ok()});
        break;
      case 1:
        plan.push_back({after, {Reply::Kind::error}});  // ends all
        break;
      case 2:
        plan.push_back({});
        break;
      default:
        plan.push_back({after, {Reply::Kind::unavailable}});
    }
  }
  return plan;
}

TEST(HedgingProperty, sends_and_cancels_what_a_simulation_of_its_own_does) {
  int compared = 0;
  check_property(2'000, [&compared] {
    RetryPolicy retry = hedging(static_cast<std::uint16_t>(*rc::gen::inRange(1, 8)), 0);
    retry.hedge_after = static_cast<std::uint32_t>(*rc::gen::inRange(1, 60'000));
    retry.timeout = microseconds(*rc::gen::inRange(1, 120'000));
    retry.cancels = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>()) {
      retry.retry_on = {Failure::unavailable, Failure::timeout};
    }
    const Plan plan = random_plan();
    const std::optional<Story> wanted = simulated(retry, plan);
    if (wanted) {
      RC_ASSERT(run(retry, plan).story == *wanted);
      ++compared;
    }
  });
  EXPECT_GT(compared, 1'500);
}

// ---- a service in between

// Hears what a gateway answers.
class Listener final : public Caller {
 public:
  void receive(OperationName /*operation*/, std::uint16_t /*attempt*/, std::uint8_t /*copy*/,
               Reply reply) override {
    heard = reply;
  }
  void expect_answers(OperationName /*operation*/, std::uint16_t /*attempt*/,
                      int /*change*/) override {}
  void will_be_late(OperationName /*operation*/, std::uint16_t /*attempt*/) override {}
  void held_up(OperationName /*operation*/, std::uint16_t /*attempt*/) override {}
  [[nodiscard]] bool waits_for(OperationName /*operation*/,
                               std::uint16_t /*attempt*/) const override {
    return true;
  }
  std::optional<Reply> heard;
};

struct Served {
  Story story;
  std::optional<Reply> heard;
};

// One request to a gateway that no latency is before. `cancel_at`: when the request is cancelled.
Served serve(const RetryPolicy& retry, const Plan& plan,
             std::optional<Duration> cancel_at = std::nullopt) {
  Arena arena;
  Timed timed(1, {});
  Trace trace(arena, {});
  Peer peer(timed, plan);
  Listener listener;
  const OneRow workload;
  const Endpoint endpoint(flaky<0>, {});
  Gateways gateways(arena, timed, trace, peer, {{.layer = 1, .latency = {}, .retry = retry}});
  gateways.front().set_caller(listener);
  gateways.front().send({.operation = {0, 0}, .key = {}, .change = workload.change({})}, endpoint);
  Pending alarm(Happening::timer, {});
  if (cancel_at) {
    alarm.delay = Delay::exactly(*cancel_at);
    timed.offer(alarm);
  }
  while (true) {
    const Occurrence occurrence = timed.next();
    if (occurrence.pending == nullptr) {
      return {peer.story, listener.heard};
    }
    if (occurrence.pending == &alarm) {
      gateways.front().cancel({0, 0}, 1);
    } else if (occurrence.pending->happening == Happening::gateway) {
      Gateway::happen(*occurrence.pending);
    } else {
      peer.happen(*occurrence.pending);
    }
  }
}

TEST(HedgingProperty, of_a_service_in_between_is_as_a_clients) {
  check_property(500, [] {
    RetryPolicy retry = hedging(static_cast<std::uint16_t>(*rc::gen::inRange(1, 8)), 0);
    retry.hedge_after = static_cast<std::uint32_t>(*rc::gen::inRange(0, 60'000));
    retry.timeout = microseconds(*rc::gen::inRange(1, 120'000));
    retry.cancels = *rc::gen::arbitrary<bool>();
    const Plan plan = random_plan();
    const Ran of_client = run(retry, plan);
    const Served of_service = serve(retry, plan);
    RC_ASSERT(of_service.story == of_client.story);
    // It answers ok, a failure that is certain, or nothing.
    RC_ASSERT((of_service.heard == Reply::ok()) == (of_client.told == Told::ok));
    RC_ASSERT(of_service.heard.has_value() == (of_client.told != Told::unknown));
  });
}

TEST(Gateways, pass_a_cancel_on_to_whatever_they_have_under_way) {
  const Served hedged = serve(cancelling(hedging(3, 10)), {ok(100)}, milliseconds(15));
  EXPECT_EQ(hedged.story, (Story{"0 send 1", "10 send 2", "15 cancel 1", "15 cancel 2"}));
  EXPECT_EQ(hedged.heard, std::nullopt);
  RetryPolicy plain{.timeout = milliseconds(10), .attempts_max = 3};
  EXPECT_EQ(serve(cancelling(plain), {silence}, milliseconds(15)).story,
            (Story{"0 send 1", "10 cancel 1", "10 send 2", "15 cancel 2"}));
  // One that sends none ends what it does all the same.
  EXPECT_EQ(serve(plain, {silence}, milliseconds(15)).story, (Story{"0 send 1", "10 send 2"}));
}

// ---- both directions

// grpc-go #2823: the hedge runs beside its original. A call takes about 3 ms, a hedge goes out after 2: without a key it is done twice,
// with one never; with a new key for every attempt it is, again.
TEST(Hedging, does_it_twice_unless_keyed) {
  const auto duplicates = [](std::string_view strategy, const Lines& lines) {
    std::uint64_t count = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      count += run_once(with(settings_of({{"hedge-after", "2ms"}}), lines), strategy, seed)
                   .judgement.count(Anomaly::duplicate);
    }
    return count;
  };
  EXPECT_GT(duplicates("atomic-increment", {}), 100U);
  EXPECT_EQ(duplicates("atomic-increment+idempotency-key", {}), 0U);
  EXPECT_GT(duplicates("atomic-increment+idempotency-key", {{"key", "new"}}), 100U);
  // A cancel comes too late for some.
  EXPECT_GT(duplicates("atomic-increment", {{"on-timeout", "cancel"}}), 0U);
  EXPECT_EQ(duplicates("atomic-increment+idempotency-key", {{"on-timeout", "cancel"}}), 0U);
}

}  // namespace
}  // namespace racelab::lab::hedging_test
