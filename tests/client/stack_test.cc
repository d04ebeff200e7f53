// Services that call one another, each by a policy of its own: how their attempts multiply and are numbered, who goes on when
// nobody waits, a deadline that is passed on, and what may be said of a call that its caller will not wait for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/client/flaky_world.h"
#include "tests/property.h"

namespace racelab::lab::stack_test {
namespace {

using Story = std::vector<std::string>;

WorldSettings stack_of(const std::vector<RetryPolicy>& callers) {
  WorldSettings settings;
  settings.layers = static_cast<std::uint32_t>(callers.size());
  settings.clients.clients = 1;
  settings.clients.retry = callers.front();
  settings.service_retries.assign(callers.begin() + 1, callers.end());
  settings.keep_trace.everything = true;
  return settings;
}

RetryPolicy asks(std::uint16_t attempts_max, Duration timeout) {
  return {.timeout = timeout, .attempts_max = attempts_max};
}

FaultPlan all_lost() {
  FaultPlan faults;
  faults[FaultKind::lose_request].rate_parts_per_billion = 100 * one_percent;
  return faults;
}

// ---- each layer has its own number of attempts

// Everything fails at once. The client asks 3 times, service 1 twice for each: 6; service 2 four times for each of those: 24.
// Between services there are 6 + 24 calls.
TEST(Stack, multiplies_the_attempts_of_its_callers) {
  const FlakyRun run = run_flaky(
      flaky<100>,
      stack_of({asks(3, milliseconds(50)), asks(2, milliseconds(50)), asks(4, milliseconds(50))}));
  EXPECT_EQ(run.clients.attempts, 3U);
  EXPECT_EQ(run.gateways.attempts, 30U);
  EXPECT_EQ(run.gateways.for_nobody, 0U);
  EXPECT_EQ(run.service.deliveries, 24U);
  std::vector<std::uint16_t> numbers;
  for (const Execution& execution : run.executions) {
    numbers.push_back(execution.attempt);
  }
  std::vector<std::uint16_t> all;
  for (std::uint16_t number = 1; number <= 24; ++number) {
    all.push_back(number);
  }
  EXPECT_EQ(numbers, all);
}

TEST(Stack, of_a_service_without_a_policy_goes_by_the_clients) {
  WorldSettings settings = stack_of({asks(3, milliseconds(50)), asks(2, milliseconds(50))});
  settings.layers = 3;                                                 // service 2 has none
  EXPECT_EQ(run_flaky(flaky<100>, settings).service.deliveries, 18U);  // 3 x 2 x 3
}

// ---- who gives up first

// Nothing arrives at the last service. The client waits 50 ms, once. Service 1 waits 20 ms, ten times: it hears of the request
// after about 1 ms, and calls at 1, 21, 41, 61, …, 181 ms, of which seven are after 50 ms.
TEST(Stack, works_on_for_a_caller_that_has_given_up) {
  const FlakyRun run = run_flaky(
      flaky<0>, stack_of({asks(1, milliseconds(50)), asks(10, milliseconds(20))}), all_lost());
  EXPECT_EQ(run.clients.timeouts, 1U);
  EXPECT_EQ(run.gateways.attempts, 10U);
  EXPECT_EQ(run.gateways.timeouts, 10U);
  EXPECT_EQ(run.gateways.for_nobody, 7U);
  EXPECT_EQ(run.records[0].told, Told::unknown);
}

// The same, but the deadline comes with the request: the third call is given up with the client's, and there is no fourth.
TEST(Stack, stops_with_its_caller_when_the_deadline_is_passed_on) {
  RetryPolicy service = asks(10, milliseconds(20));
  service.deadline_passed = true;
  const FlakyRun run =
      run_flaky(flaky<0>, stack_of({asks(1, milliseconds(50)), service}), all_lost());
  EXPECT_EQ(run.gateways.attempts, 3U);
  EXPECT_EQ(run.gateways.timeouts, 3U);
  EXPECT_EQ(run.gateways.for_nobody, 0U);
  EXPECT_EQ(run.story,
            (Story{"A starts operation 0", "A1 is sent", "A1 reaches service 1",
                   "A1 is asked by service 1", "A1 is lost", "A1 timed out at service 1",
                   "A2 is asked by service 1", "A2 is lost", "A2 timed out at service 1",
                   "A3 is asked by service 1", "A3 is lost", "A1 times out", "A1 is told unknown",
                   "A3 timed out at service 1", "A1 unanswered by service 1"}));
}

// A deadline goes through a service that passes it on to one that does: 10 ms at the client bound both. A service that has none
// of its own would wait for ever.
TEST(Stack, passes_a_deadline_on_through_all_layers) {
  RetryPolicy service = asks(10, {});
  service.deadline_passed = true;
  const FlakyRun run =
      run_flaky(flaky<0>, stack_of({asks(1, milliseconds(10)), service, service}), all_lost());
  EXPECT_EQ(run.gateways.attempts, 2U);
  EXPECT_EQ(run.gateways.timeouts, 2U);
  EXPECT_EQ(run.gateways.for_nobody, 0U);
}

// The request takes at least 0.75 ms, the client waits for half a millisecond.
TEST(Stack, does_not_begin_what_is_over_when_it_arrives) {
  RetryPolicy service = asks(10, milliseconds(20));
  const RetryPolicy client = asks(1, microseconds(500));
  EXPECT_EQ(run_flaky(flaky<0>, stack_of({client, service}), all_lost()).gateways.for_nobody, 10U);
  service.deadline_passed = true;
  EXPECT_EQ(run_flaky(flaky<0>, stack_of({client, service}), all_lost()).gateways.attempts, 0U);
}

// Its own deadline is not made longer by its caller's.
TEST(Stack, keeps_the_shorter_of_two_deadlines) {
  RetryPolicy service = asks(10, milliseconds(20));
  service.deadline_passed = true;
  service.deadline = milliseconds(30);  // calls at 0 and 20 ms after the request came
  const FlakyRun run =
      run_flaky(flaky<0>, stack_of({asks(1, milliseconds(50)), service}), all_lost());
  EXPECT_EQ(run.gateways.attempts, 2U);
}

// The first request is lost. The service gives up long before the client does, asks again, and all is well.
TEST(Stack, asks_again_in_time_where_the_service_waits_shorter) {
  FaultPlan faults = all_lost();
  faults[FaultKind::lose_request].max = 1;
  const FlakyRun run = run_flaky(
      flaky<0>, stack_of({asks(1, milliseconds(100)), asks(2, milliseconds(20))}), faults);
  EXPECT_EQ(run.records[0].told, Told::ok);
  EXPECT_EQ(run.gateways.timeouts, 1U);
  EXPECT_EQ(run.clients.timeouts, 0U);
}

// ---- whose fault it is that an attempt is late

// A fault has cost the client's attempt 20 of its 21 ms; the second call is answered after about 4 ms more.
TEST(Stack, counts_no_attempt_as_late_by_itself_that_a_fault_has_held_up) {
  FaultPlan faults = all_lost();
  faults[FaultKind::lose_request].max = 1;
  const FlakyRun run =
      run_flaky(flaky<0>, stack_of({asks(1, milliseconds(21)), asks(2, milliseconds(20))}), faults);
  EXPECT_EQ(run.clients.timeouts, 1U);
  EXPECT_EQ(run.clients.late_calls, 0U);
}

// No fault: the service gives up after 1 ms, before any answer can come, and stays silent; the client's attempt is late by itself.
TEST(Stack, counts_an_attempt_as_late_by_itself_when_a_service_gave_up_too_soon) {
  const FlakyRun run =
      run_flaky(flaky<0>, stack_of({asks(1, milliseconds(20)), asks(2, milliseconds(1))}));
  EXPECT_EQ(run.clients.timeouts, 1U);
  EXPECT_EQ(run.clients.late_calls, 1U);
}

// ---- what is said of an attempt that will be late holds

// In the place of the clients: sends one request with its end, and notes what it is told until then.
class Listener final : public Caller {
 public:
  explicit Listener(Choice& choice) : choice_(choice) {}

  void receive(OperationName /*operation*/, std::uint16_t attempt, std::uint8_t /*copy*/,
               Reply /*reply*/) override {
    answered_in_time = answered_in_time || (attempt == 1 && choice_.now() < end);
  }
  void expect_answers(OperationName /*operation*/, std::uint16_t /*attempt*/,
                      int /*change*/) override {}
  void will_be_late(OperationName /*operation*/, std::uint16_t /*attempt*/) override {
    said_late = said_late || choice_.now() < end;
  }
  void held_up(OperationName /*operation*/, std::uint16_t /*attempt*/) override {
    said_held_up = true;
  }
  [[nodiscard]] bool waits_for(OperationName /*operation*/,
                               std::uint16_t /*attempt*/) const override {
    return choice_.now() < end;
  }

  Instant end{};
  bool answered_in_time = false;
  bool said_late = false;
  bool said_held_up = false;

 private:
  Choice& choice_;
};

struct Said {
  bool answered_in_time = false;
  bool late = false;
  bool held_up = false;
  bool fault = false;
};

Said say(std::uint64_t seed, Duration patience, const std::vector<RetryPolicy>& services,
         const FaultPlan& faults) {
  Arena arena;
  Timed timed(seed, faults);
  Listener listener(timed);
  Store store(arena);
  Trace trace(arena, {});
  const Delay latency{microseconds(750), microseconds(1'250)};
  ServiceSettings settings;
  settings.latency = latency;
  settings.slow_extra = services.back().timeout;
  Service service(arena, timed, store, trace, settings);
  std::vector<GatewaySettings> gateway_settings;
  gateway_settings.reserve(services.size());
  for (const RetryPolicy& retry : services) {
    gateway_settings.push_back({.layer = static_cast<std::uint8_t>(gateway_settings.size() + 1),
                                .latency = latency,
                                .retry = retry});
  }
  const Gateways gateways(arena, timed, trace, service, gateway_settings);
  gateways.front().set_caller(listener);
  const Endpoint endpoint(flaky<30>, {});
  const OneRow workload;
  listener.end = Instant{} + patience;
  gateways.front().send({.operation = {0, static_cast<std::uint32_t>(seed)},
                         .attempt = 1,
                         .key = {},
                         .fingerprint = 0,
                         .change = workload.change({}),
                         .answer_by = listener.end},
                        endpoint);
  while (true) {
    const Occurrence occurrence = timed.next();
    if (occurrence.pending == nullptr) {
      break;
    }
    if (occurrence.pending->happening == Happening::gateway) {
      Gateway::happen(*occurrence.pending);
    } else {
      service.happen(*occurrence.pending, occurrence.fault);
    }
  }
  const auto& struck = service.counts().faults;
  return {listener.answered_in_time, listener.said_late, listener.said_held_up,
          std::any_of(struck.begin(), struck.end(), [](std::uint64_t n) { return n > 0; })};
}

// Random policies of one to three services, and a fault in every second call. Who is told that no answer can come in time hears
// none in time; and nobody is told that a fault has cost time where none struck.
TEST(StackProperty, says_of_no_attempt_that_it_will_be_late_that_is_answered_in_time) {
  std::map<std::string, int> seen;
  check_property(3'000, [&seen] {
    std::vector<RetryPolicy> services;
    const int count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) {
      RetryPolicy retry = asks(static_cast<std::uint16_t>(*rc::gen::inRange(1, 4)),
                               milliseconds(*rc::gen::inRange(1, 40)));
      retry.deadline_passed = *rc::gen::inRange(0, 3) == 0;
      services.push_back(retry);
    }
    FaultPlan faults;
    const auto kind =
        *rc::gen::element(FaultKind::lose_request, FaultKind::lose_reply, FaultKind::slow_call,
                          FaultKind::reset_reply, FaultKind::duplicate_delivery);
    faults[kind].rate_parts_per_billion = 50 * one_percent;
    const Said said = say(*rc::gen::inRange<std::uint64_t>(1, 1'000'000),
                          milliseconds(*rc::gen::inRange(1, 80)), services, faults);
    RC_ASSERT(!(said.late && said.answered_in_time));
    RC_ASSERT(said.fault || !(said.late || said.held_up));
    seen["late"] += said.late ? 1 : 0;
    seen["held up"] += said.held_up && !said.late ? 1 : 0;
    seen["held up and answered"] += said.held_up && said.answered_in_time ? 1 : 0;
  });
  for (const char* what : {"late", "held up", "held up and answered"}) {
    EXPECT_GT(seen[what], 100) << what;
  }
}

}  // namespace
}  // namespace racelab::lab::stack_test
