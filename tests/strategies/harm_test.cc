// What hurts whom, and how often: seeds 1 to 1,000, none picked by hand, one hazard at a time. Everything is deterministic,
// so the counts are literal: one that moves means that the simulator, a strategy or the weather has changed.
//
// Beside each count stands what arithmetic says it should be, where it is simple; it must agree within four standard
// deviations, and the fault must have struck and handlers overlapped as often as said, or the count would mean nothing.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/scenario/experiment.h"

namespace racelab::lab::harm_test {
namespace {

constexpr std::uint64_t seeds = 1'000;
constexpr double no_arithmetic = -1;

// Those that are not scenarios that ship.
const std::map<std::string, Lines> settings_by_name{
    // One operation, alone; a fifth of the replies are lost, and the client asks once more.
    {"repeat",
     {{"clients", "1"}, {"hazards", "repeat"}, {"lose-reply.rate", "20%"}, {"attempts-max", "2"}}},
    // One operation, alone; a fifth of the calls are slow, and the original runs beside the retry.
    {"slow",
     {{"clients", "1"},
      {"hazards", "overlap"},
      {"slow-call.rate", "20%"},
      {"attempts-max", "2"},
      {"timeout", "20ms"},
      {"backoff", "fixed"},
      {"backoff-base", "2ms"},
      {"backoff-cap", "2ms"}}},
    // One operation, alone; a fifth of the requests are delivered twice.
    {"double", {{"clients", "1"}, {"hazards", "overlap"}, {"duplicate-delivery.rate", "20%"}}},
    // One operation, alone; each statement is the handler's last with 10%, but only once.
    {"crash", {{"clients", "1"}, {"hazards", "crash"}, {"crash.rate", "10%"}, {"crash.max", "1"}}},
    // The same with the session lost after the statement: a COMMIT among them.
    {"session",
     {{"clients", "1"},
      {"hazards", "crash"},
      {"lose-session.rate", "10%"},
      {"lose-session.max", "1"},
      {"lose-session.side", "after"}}},
    // Two operations at once on one row, nothing else going wrong.
    {"race", {{"hazards", "race"}}},
    {"race-rc", {{"hazards", "race"}, {"isolation", "read-committed"}}},
    {"race-transfer",
     {{"workload", "transfer"}, {"hazards", "race"}, {"initial", "100"}, {"amount", "10"}}},
};

struct Cell {
  std::string settings;
  std::string fleet;
  double expected = no_arithmetic;  // harmful seeds
  // Measured: seeds with a violation; with each anomaly (lost, duplicate, false success, false failure); faults that
  // struck, handlers that started beside another, and beside one of the same operation.
  std::uint64_t harmful = 0;
  std::array<std::uint64_t, anomaly_kinds> anomalies{};
  std::uint64_t faults = 0;
  std::uint64_t overlaps = 0;
  std::uint64_t self_overlaps = 0;
};

// Expected, by line; a handler's statements are those of tests/service/crash_test.cc:
//   repeat   The first reply is lost: 0.2 x 1000. What becomes of the second does not matter: the work is done twice.
//            All strategies meet the same weather, so it is the same seeds for all of them.
//   slow     The first call is slow: 0.2 x 1000, where two executions always both count.
//   double   0.2 x 1000, the same. Read-modify-write: half of them, for the copy reads two hops after the original
//            arrived, and just then the original writes; if the copy reads first it overwrites, and one is left.
//   crash    -after: after the change, before the key is for good. One UPDATE: 0.9^2 x 0.1 = 81 in 1000; a SELECT before
//            it: 0.9^3 x 0.1 = 72.9; with two COMMITs: 0.9^4 x 0.1 + 0.9^5 x 0.1 = 124.7.
//            -before: after the key, before the change is for good: 0.9 x 0.1 = 90; with a SELECT 0.9 x (0.1 + 0.09) =
//            171; with COMMITs 0.9^2 x (0.1 + 0.09 + 0.081) = 219.5.
//   session  The statement that makes it permanent is lost after k others went well: 0.9^k x 0.1.
//   race     Harmless only if one client's read comes after the other's write, that is if of two sums of two hops one
//            exceeds the other by a whole third hop: with hops of 1 ms +- 25% that is 2 x 0.5^5 / 5! = 0.00052. With
//            more than one hop from the read to what makes the write visible it cannot be: every seed is harmful.
//            Beside an atomic increment only the one order that reads, is passed, and writes: half of them.
//   hot-counter      100 first replies, each lost with 2%: 1 - 0.98^100 = 0.8674, whatever was lost besides.
//                    idempotency-key-before: three tries in vain answer conflict, and the next attempt finds the key.
//   dropped-call     20 operations, each done twice unless of its four attempts at most one was done: an attempt's request
//                    is lost with r = 0.1, its reply with l = 0.09, neither with o = 0.81. None: r^4. One: o (1 + r + r^2
//                    + r^3) + 4 l r^3. Together 0.90037; 1 - 0.90037^20 = 0.8774.
//   retried-payment  The first reply is lost, always.
const std::vector<Cell> cells{
    // clang-format off
    {"repeat", "atomic-increment", 200, 201, {0, 201, 0, 0}, 238, 0, 0},
    {"repeat", "optimistic-version", 200, 201, {0, 201, 0, 0}, 238, 0, 0},
    {"repeat", "pessimistic-lock", 200, 201, {0, 201, 0, 0}, 238, 0, 0},
    {"repeat", "read-modify-write", 200, 201, {0, 201, 0, 0}, 238, 0, 0},
    {"repeat", "atomic-increment+new-key-per-attempt", 200, 201, {0, 201, 0, 0}, 238, 0, 0},
    {"repeat", "atomic-increment+idempotency-key+new-key-per-attempt", 200, 201, {0, 201, 0, 0}, 238, 0, 0},
    {"repeat", "atomic-increment+idempotency-key-after+new-key-per-attempt", 200, 201, {0, 201, 0, 0}, 238, 0, 0},
    {"repeat", "atomic-increment+idempotency-key-before+new-key-per-attempt", 200, 201, {0, 201, 0, 0}, 238, 0, 0},
    {"slow", "atomic-increment", 200, 181, {0, 181, 0, 0}, 215, 84, 84},
    {"slow", "optimistic-version", 200, 181, {0, 181, 0, 0}, 215, 136, 136},
    {"slow", "pessimistic-lock", 200, 181, {0, 181, 0, 0}, 215, 147, 147},
    {"slow", "read-modify-write", no_arithmetic, 97, {0, 97, 0, 0}, 215, 136, 136},
    {"slow", "atomic-increment+idempotency-key-after", no_arithmetic, 138, {0, 138, 0, 0}, 215, 147, 147},
    {"slow", "optimistic-version+idempotency-key-after", no_arithmetic, 69, {0, 69, 0, 0}, 215, 147, 147},
    {"slow", "pessimistic-lock+idempotency-key-after", no_arithmetic, 147, {0, 147, 0, 0}, 215, 147, 147},
    {"slow", "read-modify-write+idempotency-key-after", no_arithmetic, 62, {0, 62, 0, 0}, 215, 147, 147},
    {"slow", "atomic-increment+idempotency-key+new-key-per-attempt", 200, 181, {0, 181, 0, 0}, 215, 147, 147},
    {"slow", "atomic-increment+idempotency-key-before+new-key-per-attempt", 200, 181, {0, 181, 0, 0}, 215, 136, 136},
    {"double", "atomic-increment", 200, 210, {0, 210, 0, 0}, 210, 108, 108},
    {"double", "optimistic-version", 200, 210, {0, 210, 0, 0}, 210, 210, 210},
    {"double", "pessimistic-lock", 200, 210, {0, 210, 0, 0}, 210, 210, 210},
    {"double", "read-modify-write", 100, 111, {0, 111, 0, 0}, 210, 210, 210},
    {"double", "atomic-increment+idempotency-key-after", no_arithmetic, 210, {0, 210, 0, 0}, 210, 210, 210},
    {"double", "optimistic-version+idempotency-key-after", no_arithmetic, 121, {0, 121, 0, 0}, 210, 210, 210},
    {"double", "pessimistic-lock+idempotency-key-after", no_arithmetic, 210, {0, 210, 0, 0}, 210, 210, 210},
    {"double", "read-modify-write+idempotency-key-after", no_arithmetic, 119, {0, 119, 0, 0}, 210, 210, 210},
    {"crash", "atomic-increment+idempotency-key-after", 81, 84, {0, 84, 0, 0}, 274, 0, 0},
    {"crash", "atomic-increment+idempotency-key-before", 90, 97, {0, 0, 97, 0}, 190, 0, 0},
    {"crash", "optimistic-version+idempotency-key-after", 72.9, 83, {0, 83, 0, 0}, 357, 0, 0},
    {"crash", "optimistic-version+idempotency-key-before", 171, 181, {0, 0, 181, 0}, 274, 0, 0},
    {"crash", "pessimistic-lock+idempotency-key-after", 124.7, 104, {0, 104, 0, 0}, 461, 0, 0},
    {"crash", "pessimistic-lock+idempotency-key-before", 219.5, 213, {0, 0, 213, 0}, 403, 0, 0},
    {"crash", "read-modify-write+idempotency-key-after", 72.9, 83, {0, 83, 0, 0}, 357, 0, 0},
    {"crash", "read-modify-write+idempotency-key-before", 171, 181, {0, 0, 181, 0}, 274, 0, 0},
    {"session", "atomic-increment", 100, 119, {0, 119, 0, 0}, 119, 0, 0},
    {"session", "optimistic-version", 90, 92, {0, 92, 0, 0}, 211, 0, 0},
    {"session", "read-modify-write", 90, 92, {0, 92, 0, 0}, 211, 0, 0},
    {"session", "pessimistic-lock", 81, 80, {0, 80, 0, 0}, 291, 0, 0},
    {"session", "atomic-increment+idempotency-key-after", 90, 92, {0, 92, 0, 0}, 291, 0, 0},
    {"session", "atomic-increment+idempotency-key-before", 100, 119, {0, 0, 119, 0}, 211, 0, 0},
    {"session", "atomic-increment+idempotency-key+new-key-per-attempt", 72.9, 70, {0, 70, 0, 0}, 361, 0, 0},
    {"race", "read-modify-write", 999.48, 999, {999, 0, 0, 0}, 0, 1000, 0},
    {"race", "read-modify-write,atomic-increment", 499.7, 481, {481, 0, 0, 0}, 0, 1000, 0},
    {"race", "read-modify-write,pessimistic-lock", no_arithmetic, 1000, {1000, 0, 0, 0}, 0, 1000, 0},
    {"race", "read-modify-write+idempotency-key", 1000, 1000, {1000, 0, 0, 0}, 0, 1000, 0},
    {"race-rc", "read-modify-write", 1000, 1000, {1000, 0, 0, 0}, 0, 1000, 0},
    {"race-transfer", "read-modify-write", 1000, 1000, {1000, 0, 0, 0}, 0, 1000, 0},
    {"hot-counter", "read-modify-write", no_arithmetic, 1000, {1000, 579, 0, 0}, 2052, 69350, 0},
    {"hot-counter", "atomic-increment", 867.4, 877, {0, 877, 0, 0}, 2052, 54744, 0},
    {"hot-counter", "optimistic-version", 867.4, 856, {0, 856, 0, 0}, 2275, 86928, 0},
    {"hot-counter", "optimistic-version+idempotency-key-before", no_arithmetic, 1000, {0, 0, 1000, 0}, 2190, 95349, 0},
    {"dropped-call", "atomic-increment", 877.4, 860, {0, 860, 0, 0}, 4459, 0, 0},
    {"dropped-call", "read-modify-write", 877.4, 860, {0, 860, 0, 0}, 4459, 0, 0},
    {"retried-payment", "pessimistic-lock", 1000, 1000, {0, 1000, 0, 0}, 1000, 0, 0},
    {"money-transfer", "read-modify-write", 1000, 1000, {1000, 0, 0, 0}, 0, 5030, 0},
    // clang-format on
};

Cell measure(const Cell& cell) {
  const auto lines = settings_by_name.find(cell.settings);
  const Settings settings = lines == settings_by_name.end() ? scenario_settings(cell.settings)
                                                            : settings_of(lines->second);
  const Fleet fleet = fleet_of(cell.fleet);
  EXPECT_FALSE(settings.hazards.within(fleet.front().withstands(settings)))
      << cell.fleet << " says that it withstands " << cell.settings;
  Runner runner(settings, fleet);
  Cell found{.settings = cell.settings, .fleet = cell.fleet, .expected = cell.expected};
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const RunResult run = runner.run(seed);
    EXPECT_TRUE(run.judgement.defects.empty()) << cell.fleet << " --seed " << seed;
    EXPECT_EQ(run.end, World::End::finished) << cell.fleet << " --seed " << seed;
    found.harmful += run.verdict == Verdict::violated ? 1 : 0;
    for (std::size_t kind = 0; kind < anomaly_kinds; ++kind) {
      found.anomalies[kind] += run.judgement.count(static_cast<Anomaly>(kind)) > 0 ? 1 : 0;
    }
    for (const std::uint64_t faults : run.counts.service.faults) {
      found.faults += faults;
    }
    found.overlaps += run.counts.service.overlaps;
    found.self_overlaps += run.counts.service.self_overlaps;
  }
  return found;
}

std::string line(const Cell& cell) {
  std::ostringstream text;
  text << "    {\"" << cell.settings << "\", \"" << cell.fleet << "\", ";
  cell.expected == no_arithmetic ? text << "no_arithmetic" : text << cell.expected;
  text << ", " << cell.harmful << ", {" << cell.anomalies[0] << ", " << cell.anomalies[1] << ", "
       << cell.anomalies[2] << ", " << cell.anomalies[3] << "}, " << cell.faults << ", "
       << cell.overlaps << ", " << cell.self_overlaps << "},\n";
  return text.str();
}

TEST(Harm, as_often_as_recorded_and_as_arithmetic_says) {
  std::string recorded;
  std::string measured;
  for (const Cell& cell : cells) {
    const Cell found = measure(cell);
    recorded += line(cell);
    measured += line(found);
    EXPECT_GT(found.harmful, 0U) << cell.fleet << " under " << cell.settings << " is never hurt";
    if (cell.expected != no_arithmetic) {
      const double share = cell.expected / seeds;
      const double deviation = std::sqrt(seeds * share * (1 - share));
      EXPECT_NEAR(static_cast<double>(found.harmful), cell.expected, 4 * deviation) << line(found);
    }
    if (cell.settings.starts_with("race") || cell.settings == "money-transfer") {
      EXPECT_GT(found.overlaps, 0U);
    } else {
      EXPECT_GE(found.faults, seeds / 10);
    }
    if (cell.settings == "slow" || cell.settings == "double") {
      EXPECT_GT(found.self_overlaps, 0U);
    }
  }
  EXPECT_EQ(measured, recorded) << "the whole table as measured:\n" << measured;
}

}  // namespace
}  // namespace racelab::lab::harm_test
