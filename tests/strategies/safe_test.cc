// What is said to be safe never is hurt: every combination whose claims cover a setting's hazards, under 10,000
// consecutive seeds of every scenario that ships and is about a hazard (the others are about load), and of settings that make
// calls overlap, handlers die and sessions break.
//
// The claims come from the strategies, the hazards from the scenarios; this only puts them together, as the matrix does.
// A safe cell that never met its fault would prove nothing, so faults and overlaps are counted, too.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/scenario/experiment.h"

namespace racelab::lab::safe_test {
namespace {

struct Setting {
  std::string name;
  Lines lines;  // empty: the scenario of that name
  std::uint64_t
      safe;  // how many cells must be safe by their claims, over the three isolation levels
};

std::ostream& operator<<(std::ostream& out, const Setting& setting) { return out << setting.name; }

// Scenarios that ship run 10,000 seeds at the isolation level they are written for, and 1,000 at the others.
constexpr std::uint64_t seeds = 10'000 / fewer;
constexpr std::uint64_t seeds_elsewhere = 1'000 / fewer;

const std::string everything = "race,repeat,overlap,crash";

// Cells: 4 strategies x 8 wraps x 3 isolation levels. Race is withstood by three strategies at every level and by
// read-modify-write at REPEATABLE READ: 10 of the 12. Of the wraps, all eight leave race alone; repeat is withstood by the
// three protections without new-key-per-attempt, overlap by idempotency-key and -before, crash by idempotency-key only.
// Where conflicts may end a delivery (optimistic-version anywhere, anything at REPEATABLE READ: 6 of the 10, 5 without
// atomic-increment; and there are as many operations of others as a handler has tries, 3 unless it says so)
// idempotency-key-before alone no longer withstands race.
const std::vector<Setting> all_settings{
    {"two-writers", {}, 80},  // 10 x 8
    {"money-transfer",
     {},
     51},  // the same without atomic-increment, and with 5 operations of the other: 7 x 8 - 5
    {"retried-payment", {}, 36},   // 12 x 3
    {"dropped-call", {}, 36},      // 12 x 3
    {"hot-counter", {}, 24},       // 10 x 3 - 6
    {"ambiguous-commit", {}, 12},  // 12 x 1
    {"slow-original", {}, 24},     // 12 x 2
    {"slow-calls",
     {{"hazards", "race,repeat,overlap"},
      {"clients", "3"},
      {"operations", "3"},
      {"slow-call.rate", "20%"},
      {"timeout", "10ms"}},
     14},  // 10 x 2 - 6
    // tries-max is high on purpose. A delivery whose tries are used up answers conflict; if that was the last attempt the
    // client is told failed, and a second copy that comes after all makes it a false failure. That is what a conflict is
    // worth when requests may come twice, and no strategy's fault.
    {"double-deliveries",
     {{"hazards", "race,repeat,overlap"},
      {"clients", "3"},
      {"operations", "3"},
      {"duplicate-delivery.rate", "20%"},
      {"tries-max", "50"}},
     20},  // 10 x 2
    {"double-transfers",
     {{"workload", "transfer"},
      {"hazards", "race,repeat,overlap"},
      {"clients", "3"},
      {"operations", "2"},
      {"initial", "1000"},
      {"duplicate-delivery.rate", "20%"},
      {"slow-call.rate", "10%"},
      {"timeout", "15ms"},
      {"tries-max", "50"}},
     14},  // 7 x 2
    {"crashes",
     {{"hazards", everything},
      {"clients", "3"},
      {"operations", "3"},
      {"crash.rate", "10%"},
      {"attempts-max", "5"}},
     10},
    {"broken-sessions",
     {{"hazards", everything},
      {"clients", "3"},
      {"operations", "3"},
      {"lose-session.rate", "10%"},
      {"attempts-max", "5"}},
     10},
    {"crashes-and-lock-timeouts",
     {{"workload", "transfer"},
      {"hazards", everything},
      {"clients", "3"},
      {"operations", "2"},
      {"initial", "1000"},
      {"crash.rate", "10%"},
      {"lock-timeout", "4ms"},
      {"attempts-max", "5"}},
     7},
    {"charges-when-all-goes-wrong",
     {{"workload", "charge"},
      {"hazards", everything},
      {"clients", "3"},
      {"operations", "3"},
      {"initial", "5"},  // of nine charges of 1 four are refused
      {"crash.rate", "4%"},
      {"lose-session.rate", "4%"},
      {"lose-request.rate", "4%"},
      {"lose-reply.rate", "8%"},
      {"slow-call.rate", "8%"},
      {"timeout", "15ms"},
      {"attempts-max", "4"}},
     10},
};

struct Tally {
  std::uint64_t cells = 0;
  std::uint64_t runs = 0;
  std::array<std::uint64_t, fault_kinds> faults{};
  std::uint64_t overlaps = 0;
  std::uint64_t self_overlaps = 0;
};

void must_never_be_hurt(const Settings& settings, const Fleet& fleet, std::uint64_t last_seed,
                        Tally& tally) {
  ++tally.cells;
  tally.runs += last_seed;
  Runner runner(settings, fleet);
  for (std::uint64_t seed = 1; seed <= last_seed; ++seed) {
    const RunResult run = runner.run(seed);
    if (run.verdict != Verdict::holds) {
      ADD_FAILURE() << name_of(fleet) << " at " << value_of(*find_option("isolation"), settings)
                    << " --seed " << seed << ": " << run.judgement.count(Anomaly::lost_update)
                    << " lost, " << run.judgement.count(Anomaly::duplicate) << " duplicates, "
                    << run.judgement.count(Anomaly::false_success) << " false successes, "
                    << run.judgement.count(Anomaly::false_failure) << " false failures, "
                    << run.judgement.defects.size() << " defects"
                    << (run.invariant_broken ? ", invariant broken" : "")
                    << (run.end == World::End::finished ? "" : ", not finished");
      return;
    }
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
      tally.faults[kind] += run.counts.service.faults[kind];
    }
    tally.overlaps += run.counts.service.overlaps;
    tally.self_overlaps += run.counts.service.self_overlaps;
  }
}

class Safe : public ::testing::TestWithParam<Setting> {};

TEST_P(Safe, never_hurt) {
  const Setting& setting = GetParam();
  const Settings base =
      setting.lines.empty() ? scenario_settings(setting.name) : settings_of(setting.lines);
  Tally tally;
  for (const std::string_view isolation : all_isolations) {
    const Settings settings = with(base, {{"isolation", std::string(isolation)}});
    for (const std::string_view strategy : all_strategies) {
      for (const std::string_view wrap : all_wraps) {
        const Fleet fleet = fleet_of(std::string(strategy) + std::string(wrap));
        if (problem_with(fleet.front(), settings).empty() &&
            settings.hazards.within(fleet.front().withstands(settings))) {
          const bool as_written = !setting.lines.empty() || settings.isolation == base.isolation;
          must_never_be_hurt(settings, fleet, as_written ? seeds : seeds_elsewhere, tally);
        }
      }
    }
  }
  EXPECT_EQ(tally.cells, setting.safe);

  // Not vacuous: on average every run met a fault where there are any, one in ten each kind that there is, and all of them an
  // overlap where there are several clients.
  std::uint64_t struck = 0;
  bool any_fault = false;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    const bool there = base.faults.settings[kind].rate_parts_per_billion > 0;
    any_fault = any_fault || there;
    struck += tally.faults[kind];
    EXPECT_GE(tally.faults[kind], there ? tally.runs / 10 : 0) << fault_descriptions()[kind].name;
  }
  EXPECT_GE(struck, any_fault ? tally.runs : 0);
  EXPECT_GE(tally.overlaps, base.clients > 1 ? tally.runs : 0);
  if (base.hazards.contain(Hazard::overlap) && !setting.name.starts_with("crashes") &&
      setting.name != "broken-sessions") {
    EXPECT_GE(tally.self_overlaps, tally.runs / 4);  // two executions of one operation at once
  }
}

INSTANTIATE_TEST_SUITE_P(Settings, Safe, ::testing::ValuesIn(all_settings),
                         [](const auto& setting) {
                           std::string name = setting.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace racelab::lab::safe_test
