// A policy for each layer: by what names it is set, what a layer has that nobody set, which settings cannot be, and what a stack
// of measured clients comes to.
#include "sim/scenario/layers.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "sim/scenario/client_presets.h"
#include "sim/scenario/conflicts.h"
#include "sim/scenario/stack.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::layers_test {
namespace {

std::string problem_of(const std::string& key, const std::string& value) {
  Scenario scenario;
  return apply(scenario, key, value);
}

// ---- names

// 4 layers (2 to 5) with a preset and every setting of a policy but the key, and layer.1.
TEST(Layers, have_the_settings_of_a_policy_from_the_one_table) {
  std::size_t of_policy = 0;
  for (const Option& option : options()) {
    of_policy += option.of_layer ? 1 : 0;
  }
  EXPECT_EQ(settings_of_a_layer().size(), of_policy + 1);  // deadline-passed
  EXPECT_EQ(layer_options().size(), 1 + (4 * (1 + settings_of_a_layer().size())));
  for (const char* name :
       {"timeout", "deadline", "attempts-max", "retry-on", "retries-max.503", "backoff",
        "backoff-base.429", "jitter", "retry-after", "connection", "resend", "deadline-passed",
        "on-timeout", "hedge-after", "retry-budget", "retry-budget-active", "breaker"}) {
    EXPECT_NE(find_option(std::string("layer.3.") + name), nullptr) << name;
  }
  for (const char* name : {"layer.3.key", "layer.3.clients", "layer.1.timeout", "layer.6",
                           "layer.0", "layer.", "layer.22", "deadline-passed"}) {
    EXPECT_EQ(find_option(name), nullptr) << name;
  }
  std::set<std::string> names;
  for (const Option& option : layer_options()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_FALSE(option.help.empty()) << option.name;
  }
}

TEST(Layers, keep_a_value_as_it_is_set) {
  for (const Option& option : layer_options()) {
    Settings settings;
    const std::int64_t value = option.choices.empty() ? option.high : 1;
    option.set(settings, value);
    EXPECT_EQ(option.get(settings), value) << option.name;
  }
}

TEST(Layers, are_as_many_as_are_named) {
  EXPECT_EQ(settings_of({{"layer.3", "nginx"}}).layers, 3U);
  EXPECT_EQ(settings_of({{"layer.2.timeout", "1s"}}).layers, 2U);
  EXPECT_EQ(settings_of({{"layers", "4"}, {"layer.2", "nginx"}}).layers, 4U);
  EXPECT_EQ(settings_of({{"layer.1", "ky"}}).layers, 1U);
  EXPECT_EQ(settings_of({{"layer.2", "same"}}).layers, 1U);
}

// `layers` among the same lines says how many, wherever it stands: fewer than are named mean nothing, see idle_in.
TEST(Layers, are_not_raised_over_a_number_that_is_said_with_them) {
  for (const Lines& lines : {Lines{{"layers", "1"}, {"layer.2", "nginx"}},
                             Lines{{"layer.2", "nginx"}, {"layers", "1"}}}) {
    Settings settings = settings_of({});
    EXPECT_EQ(apply_over(settings, lines), "");
    EXPECT_EQ(settings.layers, 1U);
    ASSERT_EQ(idle_in(settings).size(), 1U);
  }
}

// ---- what a layer has that nobody set

TEST(Layers, go_by_the_clients_policy_unless_told_otherwise) {
  // In whatever order: the clients' attempts are set last.
  const Settings settings = settings_of(
      {{"layer.2.timeout", "1s"}, {"layers", "3"}, {"timeout", "3s"}, {"attempts-max", "7"}});
  EXPECT_EQ(caller_policy(settings, 1).timeout, seconds(3));
  EXPECT_EQ(caller_policy(settings, 2).timeout, seconds(1));
  EXPECT_EQ(caller_policy(settings, 2).attempts_max, 7);
  EXPECT_EQ(caller_policy(settings, 3).timeout, seconds(3));
  EXPECT_EQ(caller_policy(settings, 3).attempts_max, 7);
}

// Nothing of the clients' preset but the timeout gets into a layer with one of its own.
TEST(Layers, with_a_preset_have_only_the_timeout_of_the_clients) {
  const Settings settings = settings_of({{"layer.1", "go-net-http"},  // keeps connections, resends
                                         {"layer.2", "nginx"},        // says nothing of a timeout
                                         {"layer.3", "ky"},           // says 10 s
                                         {"timeout", "2s"},
                                         {"deadline", "9s"}});
  EXPECT_EQ(caller_policy(settings, 1).resend, Resend::keyed);
  const RetryPolicy nginx = caller_policy(settings, 2);
  EXPECT_EQ(nginx.attempts_max, 2);
  EXPECT_EQ(nginx.retry_on, Failures{Failure::refused});
  EXPECT_EQ(nginx.resend, Resend::never);
  EXPECT_FALSE(nginx.connection_kept);
  EXPECT_EQ(nginx.timeout, seconds(2));
  EXPECT_EQ(nginx.deadline, Duration{});
  EXPECT_EQ(caller_policy(settings, 3).timeout, seconds(10));
}

TEST(Layers, have_single_settings_over_their_preset_in_whatever_order) {
  const Settings before = settings_of({{"layer.2.attempts-max", "5"}, {"layer.2", "nginx"}});
  const Settings after = settings_of({{"layer.2", "nginx"}, {"layer.2.attempts-max", "5"}});
  for (const Settings& settings : {before, after}) {
    EXPECT_EQ(caller_policy(settings, 2).attempts_max, 5);
    EXPECT_EQ(caller_policy(settings, 2).retry_on, Failures{Failure::refused});
  }
}

// The clients' are theirs: a service has those that its layer sets, or its preset.
TEST(Layers, have_budgets_and_breakers_of_their_own) {
  const Settings settings = settings_of({{"retry-budget", "10%"},
                                         {"breaker", "calls"},
                                         {"layers", "5"},
                                         {"layer.3.retry-budget-active", "20%"},
                                         {"layer.3.breaker", "consecutive"},
                                         {"layer.4", "aws-s3"},
                                         {"layer.4.retry-budget-cost", "7"},
                                         {"layer.5", "opossum"}});
  EXPECT_EQ(caller_of(settings, 1).retry_budget.share, 100'000'000U);
  EXPECT_EQ(caller_of(settings, 1).breaker.kind, BreakerKind::calls);
  EXPECT_EQ(caller_of(settings, 2).retry_budget.share, std::nullopt);
  EXPECT_EQ(caller_of(settings, 2).breaker.kind, BreakerKind::none);
  EXPECT_EQ(caller_of(settings, 3).retry_budget.share, std::nullopt);
  EXPECT_EQ(caller_of(settings, 3).retry_budget.active_share, 200'000'000U);
  EXPECT_EQ(caller_of(settings, 3).breaker.kind, BreakerKind::consecutive);
  EXPECT_EQ(caller_of(settings, 4).retry_budget.burst, 500U);
  EXPECT_EQ(caller_of(settings, 4).retry_budget.cost, 7U);
  EXPECT_EQ(caller_of(settings, 5).breaker.window_time, seconds(10));
}

TEST(Layers, are_told_as_they_were_given) {
  const Settings settings = settings_of({{"layer.3.timeout", "2s"},
                                         {"layer.1", "ky"},
                                         {"layer.3", "axios-retry"},
                                         {"layer.2.deadline-passed", "yes"}});
  EXPECT_EQ(layer_settings_given(settings), (Lines{{"layer.1", "ky"},
                                                   {"layer.2.deadline-passed", "yes"},
                                                   {"layer.3", "axios-retry"},
                                                   {"layer.3.timeout", "2s"}}));
  Settings fewer_layers = settings;
  fewer_layers.layers = 2;
  EXPECT_EQ(layer_settings_shaping(fewer_layers),
            (Lines{{"layer.1", "ky"}, {"layer.2.deadline-passed", "yes"}}));
  fewer_layers.layers = 1;
  EXPECT_EQ(layer_settings_shaping(fewer_layers), Lines{});
}

// ---- what cannot be

TEST(Layers, refuse_what_only_the_clients_have) {
  EXPECT_EQ(problem_of("layer.2", "opossum"), "");  // a breaker and a budget can be a service's own
  EXPECT_EQ(problem_of("layer.2", "aws-s3"), "");
  EXPECT_EQ(problem_of("layer.5", "redis-py"),
            "'redis-py' sets key, which only the clients have: it can be layer 1, and no service "
            "in between");
  EXPECT_EQ(problem_of("layer.2", "stripe"),
            "");  // it keeps one key for all attempts, as services do
  std::size_t refused = 0;
  for (const ClientPreset& preset : client_presets()) {
    refused += problem_of("layer.2", preset.name).empty() ? 0 : 1;
  }
  EXPECT_EQ(refused, 5U);  // those that send no key
}

TEST(Layers, have_names_that_are_put_right) {
  EXPECT_EQ(problem_of("layer.2", "ngnix"), "there is no client 'ngnix'; did you mean 'nginx'?");
  EXPECT_EQ(problem_of("layer.2.time-out", "1s"),
            "there is no setting 'layer.2.time-out'; did you mean 'layer.2.timeout'?");
  EXPECT_EQ(problem_of("layer.2.xyzzy", "1s"),
            "there is no setting 'layer.2.xyzzy'; a layer has those of a client's retries, as in "
            "layer.2.timeout");
  EXPECT_EQ(problem_of("layer.6", "nginx"),
            "a layer is a number from 1 to 5, as in layer.2.timeout, not '6'");
  EXPECT_EQ(problem_of("layer.0.timeout", "1s"),
            "a layer is a number from 1 to 5, as in layer.2.timeout, not '0'");
  EXPECT_EQ(problem_of("layer.1.timeout", "1s"),
            "layer 1 is the clients': its settings have no prefix, as in 'timeout'");
  EXPECT_EQ(problem_of("layer.2.client", "nginx"),
            "whose retries a layer has is said by the layer itself, as in layer.2 = nginx");
  EXPECT_EQ(problem_of("layer.3.key", "new"),
            "only clients have a key, and no service in between: it is set as key");
  EXPECT_EQ(problem_of("layer.2.attempts-max", "0"),
            "layer.2.attempts-max must be from 1 to 1000, or endless, not '0'");
}

TEST(Layers, are_held_to_what_policies_are_held_to) {
  Scenario scenario;
  EXPECT_EQ(apply(scenario, "layer.2.backoff-base", "2s"), "");
  EXPECT_EQ(problem_with(scenario.settings),
            "layer.2.backoff-base (2s) must not be longer than layer.2.backoff-cap (1s)");
  EXPECT_EQ(apply(scenario, "layer.2.backoff-cap", "2s"), "");
  EXPECT_EQ(problem_with(scenario.settings), "");
  // A slow call is slower than whoever calls the last service waits.
  EXPECT_EQ(apply(scenario, "slow-call.rate", "5%"), "");
  EXPECT_EQ(problem_with(scenario.settings), "");
  EXPECT_EQ(apply(scenario, "layer.2.timeout", "none"), "");
  EXPECT_EQ(problem_with(scenario.settings),
            "slow-call needs a timeout to be slower than: it means nothing with timeout=none");
}

TEST(Layers, hedge_on_terms) {
  Scenario scenario;
  EXPECT_EQ(apply(scenario, "layer.2.hedge-after", "10ms"), "");
  EXPECT_EQ(problem_with(scenario.settings), "");
  EXPECT_EQ(apply(scenario, "layer.2.attempts-max", "endless"), "");
  EXPECT_EQ(apply(scenario, "attempts-max", "1"), "");
  EXPECT_EQ(problem_with(scenario.settings),
            "layer.2.hedge-after sends attempts beside one another: it needs a number for "
            "layer.2.attempts-max, not endless");
  EXPECT_EQ(apply(scenario, "layer.2.attempts-max", "3"), "");
  EXPECT_EQ(apply(scenario, "layer.2.connection", "kept"), "");
  EXPECT_EQ(apply(scenario, "layer.2.resend", "always"), "");
  EXPECT_EQ(problem_with(scenario.settings),
            "layer.2.hedge-after sends attempts on connections of their own: it needs "
            "layer.2.resend=never, or layer.2.connection=new");
}

// 3 x 21,845 = 65,535 numbers are all there are; endless is 60,000.
TEST(Layers, multiply_up_to_as_many_calls_as_have_numbers) {
  Scenario scenario;
  EXPECT_EQ(apply(scenario, "layer.2.attempts-max", "endless"), "");
  EXPECT_EQ(problem_with(scenario.settings),
            "the attempts of the layers multiply: 3 x endless could make more than 65535 calls for "
            "one operation; set layer.2.attempts-max");
  EXPECT_EQ(apply(scenario, "attempts-max", "1"), "");
  EXPECT_EQ(problem_with(scenario.settings), "");
}

TEST(Layers, that_there_are_not_mean_nothing) {
  Settings settings = settings_of({{"layer.3", "nginx"}});
  EXPECT_TRUE(idle_in(settings).empty());
  settings.layers = 2;
  ASSERT_EQ(idle_in(settings).size(), 1U);
  EXPECT_EQ(idle_in(settings).front().problem,
            "layer.3 needs layers=3 or more: it means nothing with layers=2");
}

// ---- what a stack comes to, by its policies and in a run

struct Reached {
  std::uint64_t worked_out = 0;
  std::uint64_t made = 0;  // by the last caller, in a run of one operation
};

Reached reach(const Lines& lines) {
  Lines all{{"clients", "1"}, {"operations", "1"}, {"timeout", "1s"}};
  all.insert(all.end(), lines.begin(), lines.end());
  const Settings settings = settings_of(all);
  const RunResult run = run_once(settings, "atomic-increment", 1);
  std::uint64_t between = 0;  // all calls but those of the last caller
  std::uint64_t product = 1;
  const std::vector<StackCaller> callers = callers_of(settings);
  for (std::size_t layer = 1; layer < callers.size(); ++layer) {
    product *= callers[layer - 1].calls;
    between += layer > 1 ? product : 0;
  }
  return {calls_of_one_operation(callers), run.counts.gateways.attempts - between};
}

void expect_reach(const Lines& lines, std::uint64_t calls) {
  const Reached reached = reach(lines);
  EXPECT_EQ(reached.worked_out, calls);
  EXPECT_EQ(reached.made, calls);
}

// A 503 for every call: anthropic asks 3 times, openai 3 times, grpc-js 5 times: 3 x 3 x 5 = 45.
TEST(Layers, of_measured_clients_multiply_what_each_makes_of_a_503) {
  expect_reach({{"layer.1", "anthropic"},
                {"layer.2", "openai"},
                {"layer.3", "grpc-js"},
                {"fail-call.rate", "100%"},
                {"fail-call.kind", "503"}},
               45);
}

// No connection comes about: ky asks once, nginx twice, axios-retry four times: 1 x 2 x 4 = 8. After a 503 none of them asks again.
TEST(Layers, of_ky_nginx_and_axios_retry_make_8_calls_of_a_refused_connection) {
  const Lines stack{{"layer.1", "ky"}, {"layer.2", "nginx"}, {"layer.3", "axios-retry"}};
  Lines refused = stack;
  refused.emplace_back("refuse-call.rate", "100%");
  expect_reach(refused, 8);
  Lines failed = stack;
  failed.emplace_back("fail-call.rate", "100%");
  expect_reach(failed, 1);
}

// celery pauses 180 s between its 4 calls. nginx, with the 10 s of ky-put, has given up by then, and does not ask again after a
// timeout; nor does ky-put: 1 x 1 x 4 = 4, though ky-put asks three times after a 503.
TEST(Layers, see_a_timeout_where_what_they_call_takes_longer_than_they_wait) {
  expect_reach({{"layer.1", "ky-put"},
                {"layer.2", "nginx"},
                {"layer.3", "celery"},
                {"fail-call.rate", "100%"}},
               4);
}

// A reset leaves doubt, so who is called stays silent: axios-retry makes 4 calls, and its caller sees a timeout, after which
// curl-retry asks 4 times: 16.
TEST(Layers, turn_a_reset_into_silence_for_whoever_called) {
  expect_reach({{"layer.1", "curl-retry"}, {"layer.2", "axios-retry"}, {"reset-call.rate", "100%"}},
               16);
}

TEST(Layers, have_a_failure_that_is_known_only_where_one_fault_strikes_every_call) {
  EXPECT_EQ(only_failure(settings_of({{"refuse-call.rate", "100%"}})), Failure::refused);
  EXPECT_EQ(only_failure(settings_of({{"fail-call.rate", "100%"}, {"fail-call.kind", "429"}})),
            Failure::throttled);
  EXPECT_EQ(only_failure(settings_of({{"lose-reply.rate", "100%"}})), Failure::timeout);
  EXPECT_EQ(only_failure(settings_of({{"reset-reply.rate", "100%"}})), Failure::reset);
  for (const Lines& lines : {Lines{}, Lines{{"refuse-call.rate", "99%"}},
                             Lines{{"refuse-call.rate", "100%"}, {"refuse-call.max", "3"}},
                             Lines{{"refuse-call.rate", "100%"}, {"faults-max", "3"}},
                             Lines{{"refuse-call.rate", "100%"}, {"lose-reply.rate", "1%"}},
                             Lines{{"duplicate-delivery.rate", "100%"}}}) {
    EXPECT_EQ(only_failure(settings_of(lines)), std::nullopt);
  }
}

// The client gives up after 1 s. Service 1 waits 2 s, pauses 1 s, waits 2 s, pauses 1 s, and waits 2 s: 8 s.
TEST(Layers, say_how_long_a_caller_goes_on) {
  const Lines lines{{"timeout", "1s"},
                    {"attempts-max", "1"},
                    {"layer.2.timeout", "2s"},
                    {"layer.2.attempts-max", "3"},
                    {"layer.2.backoff", "fixed"},
                    {"layer.2.backoff-base", "1s"},
                    {"layer.2.jitter", "none"}};
  const std::vector<StackCaller> callers = callers_of(settings_of(lines));
  EXPECT_EQ(callers[0].gives_up, seconds(1));
  EXPECT_EQ(callers[0].goes_on, seconds(1));
  EXPECT_EQ(callers[1].gives_up, seconds(2));
  EXPECT_EQ(callers[1].goes_on, seconds(8));
  Lines with_deadline = lines;
  with_deadline.emplace_back("layer.2.deadline", "5s");  // the third wait would begin at 6 s
  EXPECT_EQ(callers_of(settings_of(with_deadline))[1].goes_on, seconds(5));
  Lines for_ever = lines;
  for_ever.emplace_back("layer.2.timeout", "none");
  EXPECT_EQ(callers_of(settings_of(for_ever))[1].goes_on, std::nullopt);
}

std::optional<Duration> goes_on(const Lines& lines, std::size_t layer) {
  return callers_of(settings_of(lines))[layer - 1].goes_on;
}

// haproxy asks four times when a connection is refused, which it hears at once, 1 s apart: 3 x 1 s, and a fourth call that may
// take its 10 s. nginx, after a refusal, calls once more: 10 s in all.
TEST(Layers, hear_of_a_refused_connection_at_once) {
  EXPECT_EQ(goes_on({{"layer.2", "haproxy"}, {"layer.2.timeout", "10s"}}, 2), seconds(13));
  EXPECT_EQ(goes_on({{"layer.2", "nginx"}, {"layer.2.timeout", "10s"}}, 2), seconds(10));
}

// Service 2 tells of a refused connection after 3 pauses of 1 s; then service 1 calls again, and waits 10 s. After two timeouts,
// it asks no more, and a refusal takes no time: 2 s + 2 s, then 2 s for the last of five calls.
TEST(Layers, go_on_after_what_they_may_hear_as_late_as_they_may) {
  EXPECT_EQ(goes_on({{"layer.3.retry-on", "refused"},
                     {"layer.3.attempts-max", "4"},
                     {"layer.3.backoff", "fixed"},
                     {"layer.3.backoff-base", "1s"},
                     {"layer.3.jitter", "none"},
                     {"layer.2.retry-on", "refused"},
                     {"layer.2.attempts-max", "2"},
                     {"layer.2.backoff", "none"},
                     {"layer.2.timeout", "10s"}},
                    2),
            seconds(13));
  EXPECT_EQ(goes_on({{"layer.2.retry-on", "refused,timeout"},
                     {"layer.2.retries-max.timeout", "2"},
                     {"layer.2.attempts-max", "5"},
                     {"layer.2.backoff", "none"},
                     {"layer.2.timeout", "2s"}},
                    2),
            seconds(6));
}

// cockatiel pauses up to 30 s after every call but the first few: sixty more calls are sixty more pauses.
TEST(Layers, go_on_longer_with_every_attempt) {
  const auto attempts = [](const char* attempts_max) {
    return *goes_on({{"layer.2", "cockatiel"},
                     {"layer.2.timeout", "20ms"},
                     {"layer.2.attempts-max", attempts_max}},
                    2);
  };
  EXPECT_EQ(attempts("100").microseconds - attempts("40").microseconds,
            60 * (seconds(30) + milliseconds(20)).microseconds);
  EXPECT_EQ(goes_on({{"layer.2", "cockatiel"}, {"attempts-max", "1"}}, 2), std::nullopt);
}

std::vector<std::uint32_t> calls(const Lines& lines) {
  std::vector<std::uint32_t> all;
  for (const StackCaller& caller : callers_of(settings_of(lines))) {
    all.push_back(caller.calls);
  }
  return all;
}

// A hedge every 10 ms, of 5 attempts, each waited for 25 ms. Where a failure lets the next go at once, there are 5. Where none does, 3 go out before
// the first is given up, at 0, 10 and 20 ms; and where every connection is refused at once, 1. The last of 5 goes out at 40 ms, and is waited for until 65.
TEST(Layers, that_hedge_call_as_often_as_there_is_time) {
  const Lines hedges{{"attempts-max", "1"},
                     {"layer.2.hedge-after", "10ms"},
                     {"layer.2.attempts-max", "5"},
                     {"layer.2.timeout", "25ms"}};
  const auto callers = [&hedges](const Lines& more) {
    Lines all = hedges;
    all.insert(all.end(), more.begin(), more.end());
    return callers_of(settings_of(all));
  };
  EXPECT_EQ(callers({})[1].calls, 5U);
  EXPECT_EQ(callers({})[1].goes_on, milliseconds(65));
  EXPECT_EQ(callers({{"layer.2.retry-on", "none"}})[1].calls, 3U);
  EXPECT_EQ(callers({{"layer.2.retry-on", "none"}, {"refuse-call.rate", "100%"}})[1].calls, 1U);
  EXPECT_EQ(callers({{"layer.2.retry-on", "none"}, {"lose-reply.rate", "100%"}})[1].calls, 3U);
  EXPECT_EQ(callers({{"layer.2.deadline", "30ms"}})[1].goes_on, milliseconds(30));
  for (const Lines& more : {Lines{{"refuse-call.rate", "100%"}},
                            Lines{{"layer.2.retry-on", "none"}, {"refuse-call.rate", "100%"}},
                            Lines{{"layer.2.retry-on", "none"}, {"lose-reply.rate", "100%"}},
                            Lines{{"lose-request.rate", "100%"}}}) {
    Lines all = hedges;
    all.insert(all.end(), more.begin(), more.end());
    const Reached reached = reach(all);
    EXPECT_EQ(reached.worked_out, reached.made);
  }
}

// Where no fault is set, any may come: as many calls as there are failures after which a caller asks again. A connection only
// breaks on the way to the last service, so of three curls, which send again then, one does.
TEST(Layers, call_only_as_often_as_what_they_hear_lets_them) {
  using Calls = std::vector<std::uint32_t>;
  EXPECT_EQ(calls({{"layer.2.retry-on", "none"}, {"layer.2.attempts-max", "9"}}), (Calls{3, 1}));
  EXPECT_EQ(calls({{"layer.2.retry-on", "refused,503"},
                   {"layer.2.retries-max.refused", "1"},
                   {"layer.2.retries-max.503", "2"},
                   {"layer.2.attempts-max", "9"}}),
            (Calls{3, 4}));  // the first, and 1 + 2 retries
  EXPECT_EQ(calls({{"layer.1", "curl"}, {"layer.2", "curl"}, {"layer.3", "curl"}}),
            (Calls{1, 1, 2}));
  EXPECT_EQ(calls({{"layer.1", "ky"}, {"layer.2", "nginx"}}), (Calls{1, 2}));
  EXPECT_EQ(calls({{"attempts-max", "1"}, {"layer.2", "cockatiel"}}), (Calls{1, 60'000}));
}

}  // namespace
}  // namespace racelab::lab::layers_test
