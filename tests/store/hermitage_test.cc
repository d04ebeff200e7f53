// Hermitage (after Martin Kleppmann, CC BY 4.0): the table test(id primary key, value) holds (1,10), (2,20); each anomaly is
// a literal history, and READ COMMITTED and REPEATABLE READ prevent it or allow it as PostgreSQL does.
//
//                    G0  G1a  G1b  G1c  OTV  PMP  P4  G-single  G2-item  G2
//   READ COMMITTED   ✓   ✓    ✓    ✓    ✓    –    –   –         –        –
//   REPEATABLE READ  ✓   ✓    ✓    ✓    ✓    ✓    ✓   ✓         –        –
#include <gtest/gtest.h>

#include "tests/store/history.h"

namespace racelab::history::hermitage_test {
namespace {

constexpr Isolation rc = Isolation::read_committed;
constexpr Isolation rr = Isolation::repeatable_read;

// Rows 0 and 1 stand for ids 1 and 2; inserted ones follow.
class Hermitage : public testing::TestWithParam<Isolation> {
 protected:
  Hermitage() { lab.begin_all(GetParam()); }
  [[nodiscard]] bool repeatable() const { return GetParam() == rr; }
  std::string run(std::size_t session, const Statement& statement) {
    return lab.run(session, statement);
  }
  Lab lab{{10, 20}, 3};
};

INSTANTIATE_TEST_SUITE_P(Levels, Hermitage, testing::Values(rc, rr), [](const auto& level) {
  return level.param == rc ? "read_committed" : "repeatable_read";
});

// Dirty write: T2's first write waits for T1, so the rows end as one of them wrote both.
TEST_P(Hermitage, g0_is_prevented) {
  EXPECT_EQ(run(1, update(0, 11)), "1 row");
  EXPECT_EQ(run(2, update(0, 12)), "waits");
  EXPECT_EQ(run(1, update(1, 21)), "1 row");
  EXPECT_EQ(run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), repeatable() ? "T2: 40001" : "T2: 1 row");
  EXPECT_EQ(run(2, update(1, 22)), repeatable() ? "25P02" : "1 row");
  EXPECT_EQ(run(2, commit()), repeatable() ? "ROLLBACK" : "COMMIT");
  EXPECT_EQ(lab.committed(0), repeatable() ? 11 : 12);
  EXPECT_EQ(lab.committed(1), repeatable() ? 21 : 22);
}

// Aborted read: what T1 wrote and took back is never seen.
TEST_P(Hermitage, g1a_is_prevented) {
  EXPECT_EQ(run(1, update(0, 101)), "1 row");
  EXPECT_EQ(run(2, select({0, 1})), "10, 20");
  EXPECT_EQ(run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(run(2, select({0, 1})), "10, 20");
  EXPECT_EQ(run(2, commit()), "COMMIT");
}

// Intermediate read: 101 is never seen.
TEST_P(Hermitage, g1b_is_prevented) {
  EXPECT_EQ(run(1, update(0, 101)), "1 row");
  EXPECT_EQ(run(2, select({0, 1})), "10, 20");
  EXPECT_EQ(run(1, update(0, 11)), "1 row");
  EXPECT_EQ(run(1, commit()), "COMMIT");
  EXPECT_EQ(run(2, select({0, 1})), repeatable() ? "10, 20" : "11, 20");
  EXPECT_EQ(run(2, commit()), "COMMIT");
}

// Circular information flow: neither sees the other's write.
TEST_P(Hermitage, g1c_is_prevented) {
  EXPECT_EQ(run(1, update(0, 11)), "1 row");
  EXPECT_EQ(run(2, update(1, 22)), "1 row");
  EXPECT_EQ(run(1, select({1})), "20");
  EXPECT_EQ(run(2, select({0})), "10");
  EXPECT_EQ(run(1, commit()), "COMMIT");
  EXPECT_EQ(run(2, commit()), "COMMIT");
}

// Observed transaction vanishes: T3 never sees T2's write of one row and T1's of the other go back and forth.
TEST_P(Hermitage, otv_is_prevented) {
  EXPECT_EQ(run(1, update(0, 11)), "1 row");
  EXPECT_EQ(run(1, update(1, 19)), "1 row");
  EXPECT_EQ(run(2, update(0, 12)), "waits");
  EXPECT_EQ(run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), repeatable() ? "T2: 40001" : "T2: 1 row");
  EXPECT_EQ(run(3, select({0})), "11");
  EXPECT_EQ(run(2, update(1, 18)), repeatable() ? "25P02" : "1 row");
  EXPECT_EQ(run(3, select({1})), "19");
  EXPECT_EQ(run(2, commit()), repeatable() ? "ROLLBACK" : "COMMIT");
  EXPECT_EQ(run(3, select({1, 0})), repeatable() ? "19, 11" : "18, 12");
  EXPECT_EQ(run(3, commit()), "COMMIT");
}

// Predicate-many-preceders: a row that appears between two predicate reads.
TEST_P(Hermitage, pmp_is_prevented_by_repeatable_read_only) {
  EXPECT_EQ(run(1, Statement::scan(Where::value(30))), "nothing");
  EXPECT_EQ(run(2, insert(2, 30)), "1 row");
  EXPECT_EQ(run(2, commit()), "COMMIT");
  EXPECT_EQ(run(1, Statement::scan(Where::remainder(3, 0))), repeatable() ? "nothing" : "30");
  EXPECT_EQ(run(1, commit()), "COMMIT");
}

// Lost update: both read 10, both write 11.
TEST_P(Hermitage, p4_is_prevented_by_repeatable_read_only) {
  EXPECT_EQ(run(1, select({0})), "10");
  EXPECT_EQ(run(2, select({0})), "10");
  EXPECT_EQ(run(1, update(0, 11)), "1 row");
  EXPECT_EQ(run(2, update(0, 11)), "waits");
  EXPECT_EQ(run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), repeatable() ? "T2: 40001" : "T2: 1 row");
  EXPECT_EQ(run(2, commit()), repeatable() ? "ROLLBACK" : "COMMIT");
}

// Read skew: T1 sees row 1 from before T2 and row 2 from after it.
TEST_P(Hermitage, g_single_is_prevented_by_repeatable_read_only) {
  EXPECT_EQ(run(1, select({0})), "10");
  EXPECT_EQ(run(2, select({0})), "10");
  EXPECT_EQ(run(2, select({1})), "20");
  EXPECT_EQ(run(2, update(0, 12)), "1 row");
  EXPECT_EQ(run(2, update(1, 18)), "1 row");
  EXPECT_EQ(run(2, commit()), "COMMIT");
  EXPECT_EQ(run(1, select({1})), repeatable() ? "20" : "18");
  EXPECT_EQ(run(1, commit()), "COMMIT");
}

// Write skew: each writes what the other has read; both commit.
TEST_P(Hermitage, g2_item_is_possible) {
  EXPECT_EQ(run(1, select({0, 1})), "10, 20");
  EXPECT_EQ(run(2, select({0, 1})), "10, 20");
  EXPECT_EQ(run(1, update(0, 11)), "1 row");
  EXPECT_EQ(run(2, update(1, 21)), "1 row");
  EXPECT_EQ(run(1, commit()), "COMMIT");
  EXPECT_EQ(run(2, commit()), "COMMIT");
}

// Write skew on a predicate: each inserts a row that the other's predicate would have found; both commit.
TEST_P(Hermitage, g2_is_possible) {
  EXPECT_EQ(run(1, Statement::scan(Where::remainder(3, 0))), "nothing");
  EXPECT_EQ(run(2, Statement::scan(Where::remainder(3, 0))), "nothing");
  EXPECT_EQ(run(1, insert(2, 30)), "1 row");
  EXPECT_EQ(run(2, insert(3, 42)), "1 row");
  EXPECT_EQ(run(1, commit()), "COMMIT");
  EXPECT_EQ(run(2, commit()), "COMMIT");
  EXPECT_EQ(run(3, Statement::scan(Where::remainder(3, 0))), "30, 42");
}

}  // namespace
}  // namespace racelab::history::hermitage_test
