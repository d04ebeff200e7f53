// The laws of queues, over random settings and seeds, and over long runs against the closed forms of queueing theory. The
// trace is read here independently of the service's own counts; then the two must agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "tests/scenario/experiment.h"

namespace racelab::lab::queueing_test {
namespace {

using Delivery = std::tuple<OperationName, std::uint16_t, std::uint8_t>;

// Follows a trace event by event, and keeps who is where.
struct Observed {
  std::map<Delivery, Instant> at_work;
  std::deque<std::pair<Delivery, Instant>> waiting;  // in the order they came
  // What the laws are about, in microseconds.
  std::int64_t sojourns =
      0;  // sum, over requests that left, of the time that each spent in the service
  std::int64_t population = 0;     // integral over time of how many there are
  std::int64_t busy_integral = 0;  // … at work
  std::int64_t queue_integral = 0;
  std::int64_t lock_waits = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t turned_away = 0;
  std::uint64_t dropped = 0;
  std::uint64_t queued = 0;
  std::uint64_t started = 0;
  std::uint64_t statements = 0;
  std::uint64_t writes = 0;
  std::uint64_t wasted = 0;
  std::size_t busy_max = 0;
  std::size_t queue_max = 0;
  std::map<ExecutionId, std::uint64_t> statements_of;
  std::map<ExecutionId, Instant> waits_since;
  Instant now{};

  // Between two instants nothing changes, and no worker may be idle while somebody waits.
  void pass(Instant until, const Settings& settings) {
    const std::int64_t span = (until - now).microseconds;
    if (span == 0) {
      return;
    }
    if (settings.workers > 0 && !waiting.empty()) {
      ASSERT_EQ(at_work.size(), settings.workers) << "at " << now.microseconds;
    }
    busy_integral += span * static_cast<std::int64_t>(at_work.size());
    queue_integral += span * static_cast<std::int64_t>(waiting.size());
    population += span * static_cast<std::int64_t>(at_work.size() + waiting.size());
    now = until;
  }

  void leave(const TraceEvent& event, const Delivery& delivery) {
    const auto place = at_work.find(delivery);
    ASSERT_NE(place, at_work.end());
    sojourns += (event.at - place->second).microseconds;
    at_work.erase(place);
    if (event.kind != TraceKind::reply_sent || event.reply != Reply::Kind::ok) {
      wasted += statements_of[event.execution];
    }
    statements_of[event.execution] = 0;
  }

  // Who leaves the queue must be its first.
  void leave_queue(const TraceEvent& event, const Delivery& delivery) {
    ASSERT_FALSE(waiting.empty());
    ASSERT_EQ(waiting.front().first, delivery) << "at " << event.at.microseconds;
    sojourns += (event.at - waiting.front().second).microseconds;
    waiting.pop_front();
  }

  void see(const TraceEvent& event, const Settings& settings) {
    pass(event.at, settings);
    const Delivery delivery{event.operation, event.attempt, event.copy};
    const bool is_waiting = std::any_of(waiting.begin(), waiting.end(),
                                        [&](const auto& it) { return it.first == delivery; });
    switch (event.kind) {
      case TraceKind::handler_started:
        ++started;
        deliveries += is_waiting ? 0 : 1;
        if (is_waiting) {
          leave_queue(event, delivery);
        }
        at_work[delivery] = event.at;
        break;
      case TraceKind::request_queued:
        ++deliveries;
        ++queued;
        waiting.emplace_back(delivery, event.at);
        break;
      case TraceKind::request_turned_away:
        ++deliveries;
        ++turned_away;
        ASSERT_TRUE(settings.queue_max.has_value());
        ASSERT_EQ(waiting.size(), *settings.queue_max);
        break;
      case TraceKind::request_failed:
        ++deliveries;
        break;
      case TraceKind::request_dropped:
        ++dropped;
        leave_queue(event, delivery);
        break;
      case TraceKind::statement:
        if (const auto since = waits_since.find(event.execution); since != waits_since.end()) {
          lock_waits += (event.at - since->second).microseconds;
          waits_since.erase(since);
        }
        if (event.verb != Verb::begin) {
          ++statements;
          ++statements_of[event.execution];
          writes += event.verb == Verb::update_set || event.verb == Verb::update_add ||
                            event.verb == Verb::insert
                        ? 1
                        : 0;
        }
        break;
      case TraceKind::statement_waits:
        waits_since[event.execution] = event.at;
        break;
      case TraceKind::try_again:
        wasted += statements_of[event.execution];
        statements_of[event.execution] = 0;
        break;
      case TraceKind::crashed:
      case TraceKind::session_lost:
      case TraceKind::reply_sent:
        leave(event, delivery);
        break;
      default:
        break;
    }
    busy_max = std::max(busy_max, at_work.size());
    queue_max = std::max(queue_max, waiting.size());
    if (settings.workers > 0) {
      ASSERT_LE(at_work.size(), settings.workers);
    }
    if (settings.queue_max) {
      ASSERT_LE(waiting.size(), *settings.queue_max);
    }
  }
};

// Adds what it met to `met`.
void expect_the_laws(const Settings& settings, std::string_view fleet, std::uint64_t seed,
                     Observed& met) {
  const RunResult run = run_once(settings, fleet, seed);
  ASSERT_EQ(run.end, World::End::finished);
  Observed seen;
  for (const TraceEvent& event : run.trace) {
    ASSERT_NO_FATAL_FAILURE(seen.see(event, settings));
  }
  ASSERT_TRUE(seen.at_work.empty());
  ASSERT_TRUE(seen.waiting.empty());

  // Little's law: the average number there is the rate of arrivals times the average time spent there.
  EXPECT_EQ(seen.population, seen.sojourns);

  const ServiceCounts& counts = run.counts.service;
  EXPECT_EQ(counts.work_time.microseconds, seen.busy_integral);
  EXPECT_EQ(counts.queue_wait_time.microseconds, seen.queue_integral);
  EXPECT_EQ(counts.lock_wait_time.microseconds, seen.lock_waits);
  EXPECT_EQ(counts.in_service_max, seen.busy_max);
  EXPECT_EQ(counts.queue_length_max, seen.queue_max);
  EXPECT_EQ(counts.deliveries, seen.deliveries);
  EXPECT_EQ(counts.handlers, seen.started);
  EXPECT_EQ(counts.queued, seen.queued);
  EXPECT_EQ(counts.shed, seen.turned_away);
  EXPECT_EQ(counts.expired, seen.dropped);
  EXPECT_EQ(counts.statements, seen.statements);
  EXPECT_EQ(counts.writes, seen.writes);
  EXPECT_EQ(counts.wasted, seen.wasted);
  EXPECT_EQ(counts.deliveries,
            counts.handlers + counts.shed + counts.expired + struck(run, FaultKind::fail_call));

  const Ledger& ledger = run.judgement.ledger;
  EXPECT_EQ(ledger.final, ledger.initial + ledger.acknowledged + ledger.unknown_applied +
                              ledger.failed_applied + ledger.extra_applications -
                              ledger.overwritten - ledger.acknowledged_never_applied);
  EXPECT_TRUE(run.judgement.defects.empty());

  met.queued += seen.queued;
  met.turned_away += seen.turned_away;
  met.dropped += seen.dropped;
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : bits_(seed) {}
  std::string one_of(const std::vector<std::string>& words) {
    return words[bits_() % words.size()];
  }

 private:
  std::mt19937_64 bits_;
};

// Each of 400 settings is another corner: few workers and many, short queues, drops, every fault, every shape.
TEST(Queueing, work_is_conserved_and_littles_law_holds_whatever_the_settings) {
  Observed met;
  for (std::uint64_t trial = 0; trial < 400 / fewer; ++trial) {
    Dice dice(trial);
    const std::string workers = dice.one_of({"any", "1", "1", "2", "3", "5"});
    Lines lines{{"clients", dice.one_of({"2", "4", "9"})},
                {"operations", "12"},
                {"workers", workers},
                {"arrivals", dice.one_of({"closed", "20/s", "100/s"})},
                {"timeout", dice.one_of({"5ms", "20ms", "60ms"})},
                {"attempts-max", dice.one_of({"1", "3", "6"})},
                {"latency-shape", dice.one_of({"even", "exponential", "normal"})},
                {"statement-latency", dice.one_of({"same", "100us", "3ms"})},
                {"answer-latency", dice.one_of({"none", "500us", "2ms"})},
                {"lock-timeout", dice.one_of({"none", "4ms"})},
                {"isolation", dice.one_of({"autocommit", "read-committed", "repeatable-read"})}};
    const std::string work = dice.one_of({"none", "1ms", "7ms"});
    const std::string per_call = dice.one_of({"none", "none", "300us"});
    lines.emplace_back("service-time", work);
    lines.emplace_back("service-time-per-call", per_call);
    if (work != "none" || per_call != "none") {
      lines.emplace_back("service-shape", dice.one_of({"fixed", "exponential"}));
    }
    if (workers != "any") {
      lines.emplace_back("queue-max", dice.one_of({"any", "0", "1", "3", "10"}));
      lines.emplace_back("expired", dice.one_of({"run", "drop"}));
    }
    for (const FaultDescription& fault : fault_descriptions()) {
      lines.emplace_back(std::string(fault.name) + ".rate", dice.one_of({"0%", "0%", "5%"}));
    }
    const std::string fleet =
        dice.one_of({"atomic-increment", "optimistic-version", "pessimistic-lock",
                     "read-modify-write", "optimistic-version+idempotency-key"});
    const Settings settings = settings_of(lines);
    SCOPED_TRACE(testing::Message() << "trial " << trial << ' ' << fleet);
    expect_the_laws(settings, fleet, trial + 1, met);
    if (testing::Test::HasFailure()) {
      return;  // one is enough
    }
  }
  // The trials do reach what they are about.
  EXPECT_GT(met.queued, 1'000U / fewer);
  EXPECT_GT(met.turned_away, 500U / fewer);
  EXPECT_GT(met.dropped, 100U / fewer);
}

// ---- the closed forms

// So many requests a second, at random; one worker that needs 10 ms for each. A statement takes 1 us more, a ten-thousandth.
constexpr std::uint64_t requests = 100'000 / fewer;

RunResult queue_of(std::int64_t per_second, const Lines& lines) {
  Settings settings = settings_of({{"clients", "1"},
                                   {"operations", std::to_string(requests)},
                                   {"arrivals", std::to_string(per_second) + "/s"},
                                   {"latency-spread", "0%"},
                                   {"statement-latency", "1us"},
                                   {"timeout", "none"},
                                   {"attempts-max", "1"},
                                   {"workers", "1"},
                                   {"service-time", "10ms"}});
  settings = with(settings, lines);
  const RunResult run = Runner(settings, fleet_of("atomic-increment")).run(1);
  EXPECT_EQ(run.end, World::End::finished);
  return run;
}

double mean_in_system(const RunResult& run) {
  const ServiceCounts& counts = run.counts.service;
  return static_cast<double>((counts.work_time + counts.queue_wait_time).microseconds) /
         static_cast<double>(run.ended.microseconds);
}

// M/M/1: rho / (1 - rho). The average over T service times has the variance 2 rho (1 + rho) / (1 - rho)^4 / T; with 100,000
// requests at rho = 0.5, T = 200,000 and the standard deviation 0.011 of 1; at 0.7, T = 142,857 and 0.045 of 2.333; four of
// them: once in 16,000 seeds.
TEST(Queueing, one_worker_with_exponential_times_has_the_length_of_m_m_1) {
  const double root = std::sqrt(static_cast<double>(fewer));
  EXPECT_NEAR(mean_in_system(queue_of(50, {{"service-shape", "exponential"}})), 1.0,
              4 * 0.011 * root);
  EXPECT_NEAR(mean_in_system(queue_of(70, {{"service-shape", "exponential"}})), 0.7 / 0.3,
              4 * 0.045 * root);
}

// M/D/1 (Pollaczek and Khinchine): rho + rho^2 / (2 (1 - rho)); it varies less than M/M/1.
TEST(Queueing, one_worker_with_fixed_times_has_the_length_of_m_d_1) {
  const double root = std::sqrt(static_cast<double>(fewer));
  EXPECT_NEAR(mean_in_system(queue_of(70, {})), 0.7 + 0.49 / 0.6, 4 * 0.045 * root);
}

// M/M/1/K with room for K = 3: the share (1 - rho) rho^3 / (1 - rho^4) finds it full. Of 100,000 with p = 0.135 the standard
// deviation of that share would be 0.0011 were they independent; losses come in bursts, so eight of them.
TEST(Queueing, a_short_queue_turns_away_the_share_of_m_m_1_k) {
  const RunResult run = queue_of(70, {{"service-shape", "exponential"}, {"queue-max", "2"}});
  const double share = static_cast<double>(run.counts.service.shed) /
                       static_cast<double>(run.counts.service.deliveries);
  const double expected = 0.3 * std::pow(0.7, 3) / (1 - std::pow(0.7, 4));
  EXPECT_NEAR(share, expected, 8 * 0.0011 * std::sqrt(static_cast<double>(fewer)));
}

}  // namespace
}  // namespace racelab::lab::queueing_test
