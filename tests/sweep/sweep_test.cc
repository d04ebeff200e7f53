// Sweeps: the same on any number of threads, in any parts, and when ended early; and in every cell what must add up does.
#include "sim/sweep/sweep.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "tests/scenario/experiment.h"

namespace racelab::lab::sweep_test {
namespace {

SweepPlan plan_of(const std::vector<Lines>& points, const std::vector<std::string>& strategies,
                  std::uint64_t seeds) {
  SweepPlan plan;
  plan.seeds = seeds;
  std::vector<Fleet> fleets;
  for (const std::string& strategy : strategies) {
    fleets.push_back(fleet_of(strategy));
  }
  for (const Lines& lines : points) {
    plan.add({.scenario = "a test",
              .variant = "",
              .variant_settings = {},
              .varied = {},
              .settings = settings_of(lines),
              .explorable = false},
             fleets);
  }
  return plan;
}

SweepPlan small_grid(std::uint64_t seeds) {
  return plan_of({{{"clients", "2"}},
                  {{"clients", "3"}, {"operations", "4"}, {"lose-reply.rate", "10%"}},
                  {{"clients", "4"}, {"operations", "2"}, {"rows", "2"}}},
                 {"read-modify-write", "pessimistic-lock+idempotency-key", "atomic-increment"},
                 seeds);
}

void expect_equal(const SweepResult& a, const SweepResult& b) {
  EXPECT_EQ(a.seeds, b.seeds);
  ASSERT_EQ(a.tallies.size(), b.tallies.size());
  for (std::size_t i = 0; i < a.tallies.size(); ++i) {
    EXPECT_TRUE(a.tallies[i] == b.tallies[i]) << "cell " << i;
  }
}

TEST(Sweep, is_the_same_on_any_number_of_threads) {
  const SweepPlan plan = small_grid(300);
  const SweepResult one = sweep(plan, {.jobs = 1, .go_on = {}});
  EXPECT_EQ(one.seeds, 300);
  for (const unsigned jobs : {2U, 5U, 16U}) {
    expect_equal(sweep(plan, {.jobs = jobs, .go_on = {}}), one);
  }
}

TEST(Sweep, adds_up_from_shards_of_any_number) {
  const SweepPlan plan = small_grid(101);
  const SweepResult whole = sweep(plan, {.jobs = 2, .go_on = {}});
  for (const std::uint64_t shards : {1U, 2U, 7U, 150U}) {
    std::vector<Tally> sum(plan.cells.size());
    std::uint64_t seeds = 0;
    for (std::uint64_t shard = 1; shard <= shards; ++shard) {
      const SweepResult part = sweep(plan.shard(shard, shards), {.jobs = 2, .go_on = {}});
      seeds += part.seeds;
      for (std::size_t cell = 0; cell < sum.size(); ++cell) {
        sum[cell].merge(part.tallies[cell]);
      }
    }
    EXPECT_EQ(seeds, 101);
    expect_equal({sum, seeds}, whole);
  }
}

TEST(Sweep, that_is_ended_has_run_every_cell_under_the_same_seeds) {
  // Long enough that it is still at work when it is first asked.
  SweepPlan plan =
      plan_of({{{"clients", "4"}, {"operations", std::to_string(200 / fewer)}}, {{"clients", "2"}}},
              {"read-modify-write", "optimistic-version+idempotency-key"}, 20'000);
  const SweepResult ended =
      sweep(plan, {.jobs = 2, .go_on = [](std::uint64_t done, std::uint64_t total) {
                     EXPECT_LE(done, total);
                     return done < 2'000;
                   }});
  EXPECT_LT(ended.seeds, plan.seeds);
  plan.seeds = ended.seeds;
  expect_equal(sweep(plan, {.jobs = 1, .go_on = {}}), ended);
}

TEST(Sweep, runs_exactly_the_seeds_that_run_would) {
  // 4 of 6 orders lose an update, but in time not all are alike: the count is what single runs say.
  SweepPlan plan = plan_of({{{"clients", "2"}}}, {"read-modify-write"}, 50);
  plan.first_seed = 1'000;
  const Tally tally = sweep(plan, {.jobs = 2, .go_on = {}}).tallies.front();
  Runner runner(plan.points.front().settings, plan.cells.front().fleet);
  std::uint64_t violated = 0;
  std::uint64_t events = 0;
  std::optional<std::uint64_t> first;
  for (std::uint64_t seed = 1'000; seed < 1'050; ++seed) {
    const RunResult run = runner.run(seed);
    violated += run.verdict == Verdict::violated ? 1 : 0;
    events += run.events;
    if (run.verdict == Verdict::violated && !first) {
      first = seed;
    }
  }
  EXPECT_GT(violated, 0);
  EXPECT_EQ(tally.violated, violated);
  EXPECT_EQ(tally.events, events);
  EXPECT_EQ(tally.violating_seed, first);
  EXPECT_EQ(tally.runs, 50);
}

TEST(Sweep, whose_runs_give_their_memory_back_runs_the_same) {
  // 101 x 100 operations are more than a cell keeps the memory of; single runs keep it from seed to seed.
  const SweepPlan plan = plan_of({{{"clients", "101"}, {"operations", "100"}}},
                                 {"read-modify-write", "atomic-increment"}, 2);
  const SweepResult result = sweep(plan, {.jobs = 2, .go_on = {}});
  ASSERT_EQ(result.tallies.size(), 2);
  for (std::size_t cell = 0; cell < 2; ++cell) {
    Runner runner(plan.points.front().settings, plan.cells[cell].fleet);
    EXPECT_EQ(result.tallies[cell].runs, 2);
    EXPECT_EQ(result.tallies[cell].events, runner.run(1).events + runner.run(2).events);
  }
  EXPECT_EQ(result.tallies[0].violated, 2);
  EXPECT_EQ(result.tallies[1].violated, 0);
}

TEST(Sweep, charges_a_protection_with_what_it_costs_over_the_same_seeds) {
  // One client, no faults. Bare: SELECT, UPDATE. With the key: INSERT of the key, SELECT, UPDATE, COMMIT (BEGIN is part of the
  // first), and the reply saved with the key. (4 - 2) / 4 with the counts that the runs themselves give.
  const SweepPlan plan =
      plan_of({{{"clients", "1"}, {"operations", "3"}}}, {"read-modify-write+idempotency-key"}, 20);
  ASSERT_EQ(plan.cells.size(), 2);  // the bare strategy runs, too
  EXPECT_FALSE(plan.cells[1].shown);
  const SweepResult result = sweep(plan, {.jobs = 1, .go_on = {}});
  const double with = result.tallies[0].estimate(Measure::statements)->value;
  const double without = result.tallies[1].estimate(Measure::statements)->value;
  EXPECT_EQ(without, 2);
  const Estimate share = *result.tallies[0].protection_share(Cost::statements);
  EXPECT_NEAR(share.value, (with - without) / with, 1e-12);
  EXPECT_FALSE(result.tallies[1].protection_share(Cost::statements));
}

TEST(Sweep, pairs_strategies_seed_by_seed) {
  // Locking and not locking, far apart in time so that nothing waits: the only difference is two statements' latency, and most of
  // what makes runs differ (when clients think, how long requests take) cancels.
  const SweepPlan plan = plan_of({{{"clients", "1"}, {"operations", "5"}, {"think-time", "50ms"}}},
                                 {"atomic-increment", "read-modify-write"}, 200);
  const SweepResult result = sweep(plan, {.jobs = 2, .go_on = {}});
  const Estimate alone = *result.tallies[1].estimate(Measure::last_event);
  const Estimate paired = *result.tallies[1].difference(Measure::last_event, result.tallies[0]);
  const auto width = [](const Estimate& estimate) {
    return estimate.interval->high - estimate.interval->low;
  };
  EXPECT_GT(paired.interval->low, 4.9);  // five statements of a millisecond more
  EXPECT_LT(paired.interval->high, 5.1);
  EXPECT_LT(width(paired) * 5, width(alone));
}

TEST(Sweep, bounds_what_was_never_seen) {
  const SweepPlan plan = plan_of({{{"clients", "1"}}}, {"atomic-increment"}, 100);
  const Tally tally = sweep(plan, {.jobs = 1, .go_on = {}}).tallies.front();
  const Estimate lost = *tally.estimate(Measure::lost_updates);
  EXPECT_EQ(lost.value, 0);
  EXPECT_EQ(lost.interval->low, 0);
  EXPECT_DOUBLE_EQ(lost.interval->high, clopper_pearson(0, 100).high);
}

// The operations in flight, summed over time: read off the trace, where each begins and is told.
std::int64_t in_flight_times_time(const RunResult& run) {
  std::int64_t area = 0;
  std::int64_t in_flight = 0;
  Instant last{};
  for (const TraceEvent& event : run.trace) {
    area += in_flight * (event.at - last).microseconds;
    last = event.at;
    in_flight += event.kind == TraceKind::operation_started ? 1 : 0;
    in_flight -= event.kind == TraceKind::told ? 1 : 0;
  }
  EXPECT_EQ(in_flight, 0);
  return area;
}

// Over random settings, in every cell. Little's law: the operations in flight, summed over time, are the latencies, added up.
// Conservation: each operation is told once; what is told ok is done right, done more than once, lost or never done; each call that
// reaches a service is run, turned away, dropped or failed. And the ledger: a run whose ledger does not add up is violated
// without any anomaly.
TEST(Sweep, adds_up_in_every_cell) {
  const Random random(17);
  const auto draw = [&random](std::uint32_t i, std::uint32_t what, std::uint64_t from,
                              std::uint64_t to) {
    return std::to_string(from + (random.bits({i, what, 0, Purpose::fault, 0}) % (to - from + 1)));
  };
  std::vector<Lines> points;
  for (std::uint32_t i = 0; i < 60 / fewer; ++i) {
    Lines lines{{"clients", draw(i, 0, 1, 6)},
                {"operations", draw(i, 1, 1, 6)},
                {"attempts-max", draw(i, 2, 1, 4)},
                {"lose-reply.rate", draw(i, 3, 0, 20) + "%"},
                {"lose-request.rate", draw(i, 4, 0, 20) + "%"},
                {"crash.rate", draw(i, 5, 0, 5) + "%"},
                {"fail-call.rate", draw(i, 6, 0, 20) + "%"},
                {"timeout", draw(i, 7, 5, 60) + "ms"}};
    if (i % 2 == 0) {
      lines.insert(lines.end(), {{"workers", draw(i, 8, 1, 3)},
                                 {"queue-max", draw(i, 9, 0, 3)},
                                 {"expired", i % 4 == 0 ? "drop" : "run"},
                                 {"service-time", draw(i, 10, 1, 10) + "ms"},
                                 {"service-shape", "exponential"}});
    }
    if (i % 3 == 0) {
      lines.insert(lines.end(), {{"layers", draw(i, 11, 2, 3)}, {"retry-budget", "20%"}});
    }
    if (i % 5 == 0) {
      lines.insert(lines.end(), {{"arrivals", draw(i, 12, 20, 200) + "/s"}, {"until", "100ms"}});
    }
    points.push_back(std::move(lines));
  }
  const std::vector<std::string> strategies{"read-modify-write", "atomic-increment",
                                            "pessimistic-lock+idempotency-key"};
  constexpr std::uint64_t seeds = 30;
  const SweepPlan plan = plan_of(points, strategies, seeds);
  const SweepResult result = sweep(plan, {.jobs = 2, .go_on = {}});
  std::uint64_t queued = 0;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    SCOPED_TRACE("cell " + std::to_string(i));
    const Tally& tally = result.tallies[i];
    std::uint64_t told = 0;
    for (const auto& row : tally.told) {
      told += row[0] + row[1] + row[2];
    }
    EXPECT_EQ(told, tally.operations);
    EXPECT_EQ(tally.latency.count(), tally.operations);
    EXPECT_EQ(tally.sums(Measure::goodput).x(), tally.told[0][1]);
    EXPECT_EQ(tally.sums(Measure::lost_updates).x() + tally.sums(Measure::false_successes).x(),
              tally.told[0][0]);
    std::uint64_t anomalous = 0;
    for (const std::uint64_t runs : tally.runs_with) {
      anomalous += runs;
    }
    EXPECT_LE(tally.violated, anomalous);

    std::int64_t area = 0;
    Runner runner(plan.points[plan.cells[i].point].settings, plan.cells[i].fleet);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const RunResult run = runner.run(seed, true);
      area += in_flight_times_time(run);
      EXPECT_TRUE(run.judgement.defects.empty());
      const ServiceCounts& service = run.counts.service;
      const std::uint64_t failed = service.faults[static_cast<std::size_t>(FaultKind::fail_call)];
      EXPECT_EQ(service.deliveries, service.handlers + service.shed + service.expired + failed);
      queued += service.queued;
    }
    EXPECT_EQ(tally.sums(Measure::latency).x(), area);
  }
  EXPECT_GT(queued, 100U);
}

}  // namespace
}  // namespace racelab::lab::sweep_test
