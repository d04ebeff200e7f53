// A recorded history with one lie in it: an application dropped, doubled, given to another operation, or computed from
// another version. The judge must object to every single one, or the ledger would prove nothing.
//
// Operation k adds 8^k, and no operation runs more than seven times, so a value names the applications inside it: two
// values are equal only if they contain every operation equally often.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/check/judge.h"
#include "sim/client/world.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::mutation_test {
namespace {

constexpr std::uint32_t clients = 3;
constexpr std::uint32_t operations_each = 4;

class PowersOfEight final : public Workload {
 public:
  explicit PowersOfEight(std::uint32_t rows) : rows_(rows) {}
  [[nodiscard]] Change change(OperationName operation) const override {
    Change change;
    for (std::uint32_t row = 0; row < rows_; ++row) {
      change.amounts[row] = std::int64_t{1}
                            << (3 * ((operation.client * operations_each) + operation.operation));
      change.rows.push_back(RowKey::row(row));
    }
    change.function = add_amounts;
    change.in_place = InPlace{.key = RowKey::row(0), .amount = change.amounts[0], .where = {}};
    return change;
  }

 private:
  std::uint32_t rows_;
};

// A run full of mishaps: calls so slow that they are asked again, replies lost, sessions lost, two deliveries of one.
History record(const std::string& fleet_name, std::uint32_t rows, std::uint64_t seed) {
  const PowersOfEight workload(rows);
  const Fleet fleet = fleet_of(fleet_name);
  const std::unique_ptr<Endpoint> endpoint = fleet.front().endpoint(settings_of({}));
  FaultPlan faults;
  for (FaultSetting& setting : faults.settings) {
    setting.rate_parts_per_billion = 60'000'000;
  }
  WorldSettings settings;
  settings.service.latency = {microseconds(750), microseconds(1'250)};
  settings.service.session_timeout = milliseconds(5);
  settings.service.slow_extra = milliseconds(12);
  settings.clients.clients = clients;
  settings.clients.operations = operations_each;
  // With a second delivery of each attempt: at most six executions.
  settings.clients.retry = {.timeout = milliseconds(12), .attempts_max = 3};
  settings.initial_values.assign(rows, 0);
  Arena arena;
  Timed timed(seed, faults);
  World world(arena, timed, workload, {endpoint.get()}, settings);
  EXPECT_EQ(world.run(), World::End::finished);
  History history = history_of(world, workload, settings);
  EXPECT_TRUE(judge(history).defects.empty()) << "the recorded history itself must be honest";
  return history;
}

bool objected(const History& history) { return !judge(history).defects.empty(); }

std::size_t place_of(const History& history, VersionId id) {
  const auto found = std::find_if(history.versions.begin(), history.versions.end(),
                                  [id](const HistoryVersion& version) { return version.id == id; });
  return static_cast<std::size_t>(found - history.versions.begin());
}

// Takes an application out, with its versions; the later ones move up in the table of applications.
History without(History history, ApplicationId dropped) {
  std::erase_if(history.versions, [dropped](const HistoryVersion& version) {
    return version.application == dropped;
  });
  history.applications.erase(history.applications.begin() + dropped);
  for (HistoryVersion& version : history.versions) {
    version.application -=
        version.application != no_application && version.application > dropped ? 1 : 0;
  }
  return history;
}

// Renumbers the versions of each row, so that a gap or a double does not show in their numbers.
History renumbered(History history) {
  std::vector<std::uint32_t> next(history.rows.size(), 0);
  for (HistoryVersion& version : history.versions) {
    version.number = next[version.row]++;
  }
  return history;
}

// The same application once more, right after itself; the copies have ids of their own.
History with_double(History history, ApplicationId doubled) {
  const auto copy = static_cast<ApplicationId>(history.applications.size());
  history.applications.push_back(history.applications[doubled]);
  VersionId next_id = 0;
  for (const HistoryVersion& version : history.versions) {
    next_id = std::max(next_id, version.id + 1);
  }
  for (std::size_t i = 0; i < history.versions.size(); ++i) {
    if (history.versions[i].application == doubled) {
      HistoryVersion again = history.versions[i];
      again.id = next_id++;
      again.application = copy;
      history.versions.insert(history.versions.begin() + static_cast<std::ptrdiff_t>(++i), again);
    }
  }
  return history;
}

struct Mutations {
  std::uint64_t histories = 0;
  std::uint64_t applications = 0;
  std::uint64_t overwritten = 0;
  std::uint64_t parents = 0;
  std::uint64_t same_value_parents = 0;
};

void drop_each(const History& honest, const Judgement& judgement) {
  for (ApplicationId id = 0; id < honest.applications.size(); ++id) {
    // No exception: a dropped version leaves a gap in its row's numbers, or the row without the version it should hold.
    EXPECT_TRUE(objected(without(honest, id))) << "dropped " << id;
    // With the gap covered up, a dropped application that survived takes away a parent or the final version. One that
    // was overwritten leaves the history of another honest run, in which it never happened; no judge could object.
    if (judgement.survives[id]) {
      EXPECT_TRUE(objected(renumbered(without(honest, id)))) << "dropped and covered up " << id;
    }
  }
}

void double_each(const History& honest) {
  for (ApplicationId id = 0; id < honest.applications.size(); ++id) {
    // No exception: two versions of one row with one number.
    EXPECT_TRUE(objected(with_double(honest, id))) << "doubled " << id;
    // In the table of applications alone: one without a version.
    History listed_twice = honest;
    listed_twice.applications.push_back(honest.applications[id]);
    EXPECT_TRUE(objected(listed_twice)) << "listed twice " << id;
    // The very same versions twice: one id in two places.
    History same_ids = honest;
    for (const HistoryVersion& version : honest.versions) {
      if (version.application == id) {
        same_ids.versions.push_back(version);
      }
    }
    EXPECT_TRUE(objected(same_ids)) << "doubled with its ids " << id;
  }
}

void reattribute_each(const History& honest) {
  for (ApplicationId id = 0; id < honest.applications.size(); ++id) {
    for (std::uint32_t other = 0; other < honest.operations.size(); ++other) {
      if (other != honest.applications[id].operation) {
        History mutated = honest;
        mutated.applications[id].operation = other;
        // No exception: no two operations have the same amount.
        EXPECT_TRUE(objected(mutated)) << id << " given to " << other;
      }
    }
  }
}

void reparent_each(const History& honest, const Judgement& judgement, Mutations& seen) {
  for (std::size_t at = 0; at < honest.versions.size(); ++at) {
    const HistoryVersion& version = honest.versions[at];
    if (version.application == no_application) {
      continue;
    }
    const HistoryVersion& parent = honest.versions[place_of(honest, version.computed_from)];
    for (std::size_t other = 0; other < honest.versions.size(); ++other) {
      const HistoryVersion& candidate = honest.versions[other];
      if (candidate.id == parent.id) {
        continue;
      }
      History mutated = honest;
      mutated.versions[at].computed_from = candidate.id;
      ++seen.parents;
      if (candidate.row == version.row && other < at && candidate.value == parent.value) {
        // No mutation in substance: the other parent contains every operation equally often (one operation done twice
        // from the same version gives two such parents), so each still survives as often as before.
        ++seen.same_value_parents;
        const Judgement again = judge(mutated);
        for (std::size_t i = 0; i < again.fates.size(); ++i) {
          EXPECT_EQ(again.fates[i].surviving, judgement.fates[i].surviving);
        }
        continue;
      }
      EXPECT_TRUE(objected(mutated)) << "version " << version.id << " from " << candidate.id;
    }
    for (const VersionId nowhere : {no_version, VersionId{1'000'000}}) {
      History mutated = honest;
      mutated.versions[at].computed_from = nowhere;
      EXPECT_TRUE(objected(mutated)) << "version " << version.id << " from nowhere";
    }
  }
}

class Mutation : public ::testing::TestWithParam<std::tuple<std::string, std::uint32_t>> {};

TEST_P(Mutation, of_a_recorded_history_never_goes_unnoticed) {
  const auto& [fleet, rows] = GetParam();
  Mutations seen;
  for (std::uint64_t seed = 1; seed <= std::max<std::uint64_t>(100 / fewer, 10); ++seed) {
    const History honest = record(fleet, rows, seed);
    const Judgement judgement = judge(honest);
    ++seen.histories;
    seen.applications += honest.applications.size();
    seen.overwritten += static_cast<std::uint64_t>(
        std::count(judgement.survives.begin(), judgement.survives.end(), false));
    drop_each(honest, judgement);
    double_each(honest);
    reattribute_each(honest);
    reparent_each(honest, judgement, seen);
  }
  EXPECT_GT(seen.applications, seen.histories * 8);  // of 12 operations, some never arrive
  EXPECT_LT(seen.same_value_parents * 20, seen.parents);
  const bool may_lose = fleet.starts_with("read-modify-write");
  EXPECT_EQ(seen.overwritten > 0, may_lose);
}

INSTANTIATE_TEST_SUITE_P(
    Fleets, Mutation,
    ::testing::Values(std::tuple{"read-modify-write", 1U}, std::tuple{"read-modify-write", 3U},
                      std::tuple{"read-modify-write+idempotency-key-after", 2U},
                      std::tuple{"atomic-increment", 1U}, std::tuple{"optimistic-version", 1U},
                      std::tuple{"pessimistic-lock", 2U},
                      std::tuple{"pessimistic-lock+idempotency-key", 2U}),
    [](const auto& cell) {
      std::string name =
          std::get<0>(cell.param) + "_on_" + std::to_string(std::get<1>(cell.param)) + "_rows";
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c == '-' || c == '+'; }, '_');
      return name;
    });

}  // namespace
}  // namespace racelab::lab::mutation_test
