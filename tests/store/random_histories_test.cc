// Random histories, whatever the isolation: sums worked out by the store are never lost, nobody waits in a circle, no queue
// is forgotten, and a row's committed versions form one chain without gaps. These hold for every order, so no history here
// is told in advance.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <vector>

#include "tests/store/history.h"

namespace racelab::history::random_histories_test {
namespace {

constexpr std::uint32_t sessions = 4;
constexpr std::uint32_t rows = 3;
using Sums = std::array<std::int64_t, rows>;

// Knows of each session only what it was told: the sums it has added since it began.
class Bookkeeper {
 public:
  explicit Bookkeeper(std::uint32_t seed) : dice_(seed), lab_({100, 200, 300}, sessions) {}

  void step() {
    const std::size_t session = 1 + below(sessions);
    const std::uint32_t kind = below(20);
    if (lab_.waiting(session)) {
      if (kind == 0) {
        lab_.time_out(session);
        told(session, lab_.result(session));
        told_to_woken();
      }
      return;
    }
    issue(session, statement(kind, session));
  }

  void end_all() {
    for (std::size_t round = 0; round < sessions; ++round) {
      for (std::size_t session = 1; session <= sessions; ++session) {
        if (!lab_.waiting(session)) {
          issue(session, commit());
        }
      }
    }
  }

  void check_waits() const {
    for (std::size_t session = 1; session <= sessions; ++session) {
      std::size_t links = 0;
      for (SessionId id = lab_.store().blocker(lab_.id(session)); id != no_session;
           id = lab_.store().blocker(id)) {
        ASSERT_TRUE(lab_.store().in_transaction(id));
        ASSERT_TRUE(++links < sessions);  // a circle would have no end
      }
      ASSERT_TRUE(lab_.waiting(session) == (links > 0));
    }
  }

  void check_rows() const {
    const auto& versions = lab_.store().versions();
    for (std::uint32_t row = 0; row < rows; ++row) {
      ASSERT_EQ(lab_.committed(row), (100 * (std::int64_t{row} + 1)) + committed_[row]);
      VersionId version = lab_.store().last_committed(RowKey::row(row));
      for (; versions[version].previous != no_version; version = versions[version].previous) {
        const Version& before = versions[versions[version].previous];
        ASSERT_TRUE(versions[version].computed_from == versions[version].previous);
        ASSERT_TRUE(versions[version].number == before.number + 1);
        ASSERT_TRUE(before.committed > 0 && before.committed <= versions[version].committed);
      }
      ASSERT_TRUE(versions[version].number == 0U);
    }
  }

  std::map<StatementError, int> met;  // how the statements ended

  [[nodiscard]] bool anyone_waits_or_is_open() const {
    bool any = false;
    for (std::size_t session = 1; session <= sessions; ++session) {
      any = any || lab_.waiting(session) || lab_.store().in_transaction(lab_.id(session));
    }
    return any;
  }

 private:
  // The raw numbers of this engine are the same everywhere.
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(dice_() % limit); }

  Statement statement(std::uint32_t kind, std::size_t session) {
    const std::uint32_t row = below(rows);
    if (kind < 8) {
      adding_[session - 1] = {row, 1 + below(99)};
      const Where where = kind < 2 ? Where::remainder(2, 0) : Where{};
      return add(row, adding_[session - 1].amount, where);
    }
    if (kind < 11 && !lab_.store().in_transaction(lab_.id(session))) {
      return Statement::begin(kind == 8 ? Isolation::repeatable_read : Isolation::read_committed);
    }
    if (kind < 16) {
      const auto locking = static_cast<Locking>(below(4));
      return select_for_update({row, (row + 1) % rows}, locking);
    }
    return kind < 19 ? commit() : rollback();
  }

  void issue(std::size_t session, const Statement& statement) {
    running_[session - 1] = statement.verb;
    was_open_[session - 1] = lab_.store().in_transaction(lab_.id(session));
    if (lab_.run(session, statement) != "waits") {
      told(session, lab_.result(session));
    }
    told_to_woken();
  }

  void told_to_woken() {
    for (const SessionId woken : lab_.store().woken()) {
      std::size_t session = 1;
      while (lab_.id(session) != woken) {
        ++session;
      }
      told(session, lab_.result(session));
    }
    lab_.store().clear_woken();
  }

  void told(std::size_t session, const StatementResult& result) {
    ++met[result.error];
    Sums& open = open_[session - 1];
    const Verb verb = running_[session - 1];
    if (result.error != StatementError::none || verb == Verb::rollback || result.rolled_back) {
      open = {};
      return;
    }
    if (verb == Verb::update_add && result.affected == 1) {
      open[adding_[session - 1].row] += adding_[session - 1].amount;
    }
    if (verb == Verb::commit || !was_open_[session - 1]) {
      for (std::uint32_t row = 0; row < rows; ++row) {
        committed_[row] += open[row];
      }
      open = {};
    }
  }

  struct Adding {
    std::uint32_t row = 0;
    std::int64_t amount = 0;
  };

  std::mt19937 dice_;
  Lab lab_;
  std::array<Sums, sessions> open_{};
  std::array<Adding, sessions> adding_{};
  std::array<Verb, sessions> running_{};
  std::array<bool, sessions> was_open_{};
  Sums committed_{};
};

TEST(RandomHistories, keep_every_sum_and_every_queue) {
  std::map<StatementError, int> met;
  for (std::uint32_t seed = 1; seed <= 1'000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Bookkeeper keeper(seed);
    for (int step = 0; step < 100; ++step) {
      keeper.step();
      keeper.check_waits();
      keeper.check_rows();
    }
    keeper.end_all();
    keeper.check_rows();
    EXPECT_FALSE(keeper.anyone_waits_or_is_open());
    for (const auto& [error, times] : keeper.met) {
      met[error] += times;
    }
  }
  // Every way to fail was met often; an insert's is not among them.
  for (const StatementError error :
       {StatementError::serialization_failure, StatementError::deadlock_detected,
        StatementError::lock_not_available, StatementError::in_failed_transaction}) {
    EXPECT_GT(met[error], 200) << sqlstate(error);
  }
}

}  // namespace
}  // namespace racelab::history::random_histories_test
