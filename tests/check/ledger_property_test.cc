// The ledger is an identity: for every strategy, every way to wrap it, every fault alone and all together, every isolation
// level and every workload, under settings drawn at random, each row adds up to the unit and each operation's fate is what
// an independent oracle says.
//
// Amounts are all distinct, so an error cannot cancel out against another by accident. RapidCheck draws the settings and
// shrinks them when one fails; RC_PARAMS="seed=7 max_success=10000" looks elsewhere and longer.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "tests/check/oracle.h"
#include "tests/property.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::ledger_property_test {
namespace {

template <class T>
T any_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

Duration any_span(std::int64_t low, std::int64_t high) {
  return microseconds(*rc::gen::inRange<std::int64_t>(low, high + 1));
}

// A budget and a breaker, more often than not neither.
void limit_retries(Settings& settings) {
  if (*rc::gen::inRange(0, 3) == 0) {
    settings.retry_budget.share = any_of<std::uint32_t>({0, 100'000'000, 1'000'000'000});
    settings.retry_budget.burst = *rc::gen::inRange<std::uint32_t>(1, 6);
  }
  settings.breaker.kind = any_of({BreakerKind::none, BreakerKind::none, BreakerKind::none,
                                  BreakerKind::retries, BreakerKind::calls});
  settings.breaker.threshold = any_of<std::uint32_t>({0, 100'000'000, 500'000'000});
  settings.breaker.window = *rc::gen::inRange<std::uint32_t>(0, 5);
  settings.breaker.open_for = any_span(1, 50'000);
}

// Everything but workload, isolation and faults.
Settings any_settings(Settings settings) {
  settings.clients = *rc::gen::inRange<std::uint32_t>(2, 5);
  settings.operations = *rc::gen::inRange<std::uint32_t>(1, 7);
  settings.rows = any_of<std::uint32_t>({1, 1, 1, 3});
  settings.initial = any_of<std::int64_t>({20, 1'000'000});  // 20: some changes are refused
  settings.amount = any_of<std::int64_t>({1, 7});
  settings.amount_step = any_of<std::int64_t>({1, 3});
  settings.tries_max = *rc::gen::inRange<std::uint16_t>(1, 5);
  settings.latency = any_span(200, 3'000);
  settings.lock_timeout = any_of({Duration{}, any_span(500, 20'000)});
  settings.session_timeout = any_of({Duration{}, any_span(500, 60'000), any_span(500, 60'000)});
  settings.retry.timeout = any_span(2'000, 60'000);  // some calls are slow without any fault
  settings.retry.attempts_max = *rc::gen::inRange<std::uint16_t>(1, 6);
  settings.layers = any_of<std::uint32_t>({1, 1, 1, 1, 2, 3});
  settings.until = any_of({Duration{}, Duration{}, Duration{}, Duration{}, any_span(1, 100'000)});
  limit_retries(settings);
  settings.retry.backoff = any_of({Backoff::none, Backoff::fixed, Backoff::exponential});
  settings.retry.jitter = any_of({Jitter::none, Jitter::full, Jitter::equal, Jitter::decorrelated});
  settings.retry.base = any_span(1, 10'000);
  settings.retry.cap = settings.retry.base + any_span(0, 20'000);
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      settings.think_time = any_span(1, 10'000);
      break;
    case 1:
      settings.arrivals_per_second = *rc::gen::inRange<std::int64_t>(20, 1'000);
      settings.spike_arrivals_per_second =
          any_of<std::int64_t>({0, *rc::gen::inRange<std::int64_t>(500, 5'000)});
      settings.spike_at = any_span(0, 30'000);
      settings.spike_for = any_span(1, 30'000);
      break;
    default:
      break;
  }
  return settings;
}

// Of settings, each in every cell, each run under its own seed: 1,050 seeds over the three workloads for each strategy, wrap,
// plan and isolation level; (4 + 4 + 3) x 8 x 9 x 3 x 350 = 831,600 runs in all.
constexpr int examples = 350;

// No fault, each of the kinds alone, or (the last) all together.
constexpr std::size_t plans = fault_kinds + 2;

FaultPlan plan_of(std::size_t plan, std::uint32_t rate, std::optional<std::uint32_t> max) {
  FaultPlan faults;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    if (plan == kind + 1 || plan == plans - 1) {
      faults.settings[kind] = {rate, max};
    }
  }
  return faults;
}

// What the runs met, so that a property over nothing cannot pass.
struct Coverage {
  std::uint64_t runs = 0;
  std::array<std::uint64_t, fault_kinds> faults{};
  std::array<std::uint64_t, anomaly_kinds> anomalies{};
  std::uint64_t self_overlaps = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t unknown = 0;
  std::uint64_t retries_denied = 0;
  std::uint64_t calls_refused = 0;
  std::uint64_t calls_between_services = 0;
  std::uint64_t ended_early = 0;  // runs that did not issue every operation
};

void note(Coverage& coverage, const RunResult& run, const Settings& cell) {
  ++coverage.runs;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    coverage.faults[kind] += run.counts.service.faults[kind];
  }
  for (const Finding& finding : run.judgement.findings) {
    ++coverage.anomalies[static_cast<std::size_t>(finding.anomaly)];
  }
  coverage.self_overlaps += run.counts.service.self_overlaps;
  coverage.conflicts += run.counts.service.conflicts;
  coverage.unknown += run.judgement.told[2][0] + run.judgement.told[2][1];
  coverage.retries_denied += run.counts.clients.retries_denied;
  coverage.calls_refused += run.counts.clients.calls_refused_by_breaker;
  coverage.calls_between_services += run.counts.gateways.attempts;
  coverage.ended_early +=
      run.counts.operations < std::uint64_t{cell.clients} * cell.operations ? 1 : 0;
}

// What a run counts, added up in two ways; empty when they agree. Every operation that was issued was told something, or
// still waits.
std::string miscount(const RunResult& run) {
  std::uint64_t told = 0;
  std::uint64_t attempts = 0;
  std::uint64_t unfinished = 0;
  for (const auto& row : run.judgement.told) {
    told += row[0] + row[1] + row[2];
  }
  for (const HistoryOperation& operation : run.history.operations) {
    attempts += operation.attempts;
    unfinished += operation.finished ? 0 : 1;
  }
  if (run.end == World::End::finished && (told != run.counts.operations || unfinished > 0)) {
    return "finished, but not every operation was told something";
  }
  return attempts == run.counts.clients.attempts ? "" : "attempts do not add up";
}

// One example: settings at random, then every cell of strategy x wrap x plan under a seed of its own.
void every_cell_adds_up(const Settings& base, Coverage& coverage) {
  const Settings settings = any_settings(base);
  const auto rate = *rc::gen::inRange<std::uint32_t>(20'000'000, 300'000'000);  // 2% to 30%
  const std::optional<std::uint32_t> max =
      any_of({std::optional<std::uint32_t>{}, std::optional<std::uint32_t>{1},
              std::optional<std::uint32_t>{3}});
  const auto first_seed = *rc::gen::inRange<std::uint64_t>(1, 1'000'000'000);
  const SessionLoss side = any_of({SessionLoss::either, SessionLoss::before, SessionLoss::after});
  std::uint64_t seed = first_seed;
  for (const std::string_view strategy : all_strategies) {
    for (const std::string_view wrap : all_wraps) {
      const Fleet fleet = fleet_of(std::string(strategy) + std::string(wrap));
      if (!problem_with(fleet.front(), settings).empty()) {
        continue;
      }
      for (std::size_t plan = 0; plan < plans; ++plan) {
        if (++seed % fewer != 0) {
          continue;
        }
        Settings cell = settings;
        cell.faults = plan_of(plan, rate, max);
        cell.faults.session_loss = side;
        const RunResult run = Runner(cell, fleet).run(seed, true);
        note(coverage, run, cell);
        std::string problem = disagreement(run, cell.initial);
        problem += problem.empty() ? miscount(run) : "";
        if (!problem.empty()) {
          std::ostringstream all;
          for (const Option& option : options()) {
            all << " --" << option.name << ' ' << value_of(option, cell);
          }
          RC_FAIL(name_of(fleet) + " --seed " + std::to_string(seed) + all.str() + ": " + problem);
        }
      }
    }
  }
}

class LedgerProperty
    : public ::testing::TestWithParam<std::tuple<std::string_view, std::string_view>> {};

TEST_P(LedgerProperty, adds_up_in_every_cell) {
  const auto& [workload, isolation] = GetParam();
  const Settings base =
      settings_of({{"workload", std::string(workload)}, {"isolation", std::string(isolation)}});
  Coverage coverage;
  check_property(examples, [&base, &coverage] { every_cell_adds_up(base, coverage); });

  // (4 strategies, or 3 where no single UPDATE will do) x 8 wraps x 9 plans.
  const std::uint64_t cells = (workload == "transfer" ? 3U : 4U) * all_wraps.size() * plans;
  EXPECT_GE(coverage.runs, (cells / fewer) * examples);
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    EXPECT_GT(coverage.faults[kind], 1'000U / fewer) << fault_descriptions()[kind].name;
  }
  EXPECT_GT(coverage.anomalies[static_cast<std::size_t>(Anomaly::duplicate)], 1'000U / fewer);
  EXPECT_GT(coverage.anomalies[static_cast<std::size_t>(Anomaly::false_success)], 500U / fewer);
  const std::uint64_t lost = coverage.anomalies[static_cast<std::size_t>(Anomaly::lost_update)];
  if (isolation == "repeatable-read") {
    EXPECT_EQ(lost, 0U);  // the first updater wins: there, nothing can lose an update
  } else {
    EXPECT_GT(lost, 1'000U / fewer);
  }
  EXPECT_GT(coverage.self_overlaps, 1'000U / fewer);
  EXPECT_GT(coverage.conflicts, 1'000U / fewer);
  EXPECT_GT(coverage.unknown, 1'000U / fewer);
  EXPECT_GT(coverage.retries_denied, 1'000U / fewer);
  EXPECT_GT(coverage.calls_refused, 1'000U / fewer);
  EXPECT_GT(coverage.calls_between_services, 1'000U / fewer);
  EXPECT_GT(coverage.ended_early, 100U / fewer);
}

std::string cell_name(
    const ::testing::TestParamInfo<std::tuple<std::string_view, std::string_view>>& info) {
  std::string name =
      std::string(std::get<0>(info.param)) + "_" + std::string(std::get<1>(info.param));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, LedgerProperty,
                         ::testing::Combine(::testing::Values("charge", "increment", "transfer"),
                                            ::testing::ValuesIn(all_isolations)),
                         cell_name);

}  // namespace
}  // namespace racelab::lab::ledger_property_test
