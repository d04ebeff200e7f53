// Two sessions × BEGIN, SELECT n, UPDATE n, COMMIT, in all 70 orders of issuing them (8!/(4! 4!) = 70), against the counts
// that PostgreSQL 15 was observed to give. An order is the order in which the next statement of A or B is issued; a letter
// for a session that is waiting is taken when it can go on. After an error a session goes straight to its COMMIT.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>

#include "tests/store/history.h"

namespace racelab::history::postgresql_orders_test {
namespace {

struct Counts {
  int orders = 0;
  int correct = 0;  // ends at 12
  int lost = 0;     // both committed, and ends at 11
  int aborted = 0;  // one side failed with 40001
  int waited = 0;   // some statement had to wait
  int aborted_after_wait = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
};

void PrintTo(const Counts& c, std::ostream* out) {
  *out << c.orders << " orders, " << c.correct << " correct, " << c.lost << " lost, " << c.aborted
       << " aborted, " << c.waited << " waited, " << c.aborted_after_wait
       << " aborted after a wait";
}

// What a session does: the statement for its step, given what it has read.
using Program = std::function<Statement(int step, const StatementResult& last)>;

class Execution {
 public:
  Execution(const Program& program, Isolation isolation)
      : program_(program), isolation_(isolation) {}

  void letter(std::size_t session) {
    held_.push_back(session);
    // Whatever can go on goes on, oldest letter first.
    for (bool moved = true; moved;) {
      moved = false;
      for (auto held = held_.begin(); held != held_.end(); ++held) {
        if (!lab_.waiting(*held)) {
          const std::size_t next = *held;
          held_.erase(held);
          step(next);
          moved = true;
          break;
        }
      }
    }
  }

  void count(Counts& counts) const {
    ++counts.orders;
    const bool failed = failed_[0] || failed_[1];
    counts.correct += lab_.committed(0) == 12 ? 1 : 0;
    counts.lost += !failed && lab_.committed(0) == 11 ? 1 : 0;
    counts.aborted += failed ? 1 : 0;
    counts.waited += waited_ ? 1 : 0;
    counts.aborted_after_wait += failed && waited_ ? 1 : 0;
  }

 private:
  void step(std::size_t session) {
    int& at = at_[session - 1];
    if (failed_[session - 1]) {
      at = 3;
    }
    if (at > 3 || done_[session - 1]) {
      return;  // letters left over after an error
    }
    const Statement statement = at == 0   ? Statement::begin(isolation_)
                                : at == 3 ? commit()
                                          : program_(at, lab_.result(session));
    done_[session - 1] = at == 3;
    ++at;
    const std::string told = lab_.run(session, statement);
    waited_ = waited_ || told == "waits";
    note(session);
    for (const SessionId woken : lab_.store().woken()) {
      note(woken == lab_.id(1) ? 1 : 2);
    }
    lab_.store().clear_woken();
  }

  void note(std::size_t session) {
    if (!lab_.waiting(session) && lab_.result(session).error != StatementError::none) {
      EXPECT_EQ(lab_.result(session).error, StatementError::serialization_failure);
      failed_[session - 1] = true;
    }
  }

  const Program& program_;
  Isolation isolation_;
  Lab lab_{{10}, 2};
  std::deque<std::size_t> held_;
  int at_[2] = {0, 0};
  bool failed_[2] = {false, false};
  bool done_[2] = {false, false};
  bool waited_ = false;
};

Counts all_orders(const Program& program, Isolation isolation) {
  Counts counts;
  std::string order = "11112222";
  do {
    Execution execution(program, isolation);
    for (const char letter : order) {
      execution.letter(static_cast<std::size_t>(letter - '0'));
    }
    execution.count(counts);
  } while (std::next_permutation(order.begin(), order.end()));
  return counts;
}

Statement read_then_write(int step, const StatementResult& last) {
  return step == 1 ? select({0}) : update(0, last.rows.at(0).value + 1);
}
Statement add_in_place(int step, const StatementResult& /*last*/) {
  return step == 1 ? select({0}) : add(0, 1);
}
Statement lock_then_write(int step, const StatementResult& last) {
  return step == 1 ? select_for_update({0}) : update(0, last.rows.at(0).value + 1);
}

// The 10 clean orders are those in which one session's COMMIT comes before the other's SELECT: with A first, B's BEGIN can
// stand at any of the 5 places among A's four statements, and twice that for B first.
TEST(PostgresqlOrders, read_then_write_at_read_committed) {
  EXPECT_EQ(all_orders(read_then_write, Isolation::read_committed),
            (Counts{.orders = 70,
                    .correct = 10,
                    .lost = 60,
                    .aborted = 0,
                    .waited = 40,
                    .aborted_after_wait = 0}));
}

TEST(PostgresqlOrders, add_in_place_at_read_committed) {
  EXPECT_EQ(all_orders(add_in_place, Isolation::read_committed), (Counts{.orders = 70,
                                                                         .correct = 70,
                                                                         .lost = 0,
                                                                         .aborted = 0,
                                                                         .waited = 40,
                                                                         .aborted_after_wait = 0}));
}

TEST(PostgresqlOrders, for_update_at_read_committed) {
  EXPECT_EQ(all_orders(lock_then_write, Isolation::read_committed),
            (Counts{.orders = 70,
                    .correct = 70,
                    .lost = 0,
                    .aborted = 0,
                    .waited = 60,
                    .aborted_after_wait = 0}));
}

// First updater wins: the same 60 orders that lose at READ COMMITTED end with one side refused, 20 of them without a wait
// (the first had committed before the second's UPDATE).
TEST(PostgresqlOrders, read_then_write_at_repeatable_read) {
  EXPECT_EQ(all_orders(read_then_write, Isolation::repeatable_read),
            (Counts{.orders = 70,
                    .correct = 10,
                    .lost = 0,
                    .aborted = 60,
                    .waited = 40,
                    .aborted_after_wait = 40}));
}

TEST(PostgresqlOrders, add_in_place_at_repeatable_read) {
  EXPECT_EQ(all_orders(add_in_place, Isolation::repeatable_read),
            (Counts{.orders = 70,
                    .correct = 10,
                    .lost = 0,
                    .aborted = 60,
                    .waited = 40,
                    .aborted_after_wait = 40}));
}

TEST(PostgresqlOrders, for_update_at_repeatable_read_fails_only_after_a_wait) {
  EXPECT_EQ(all_orders(lock_then_write, Isolation::repeatable_read),
            (Counts{.orders = 70,
                    .correct = 10,
                    .lost = 0,
                    .aborted = 60,
                    .waited = 60,
                    .aborted_after_wait = 60}));
}

}  // namespace
}  // namespace racelab::history::postgresql_orders_test
