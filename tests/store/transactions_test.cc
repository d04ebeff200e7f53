// Transactions and what they leave: autocommit, failed transactions, snapshots, provenance of versions, SQL in words.
#include <gtest/gtest.h>

#include "tests/store/history.h"

namespace racelab::history {
namespace {

constexpr Isolation rc = Isolation::read_committed;
constexpr Isolation rr = Isolation::repeatable_read;

TEST(Autocommit, every_statement_stands_alone) {
  Lab lab({10}, 2);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_FALSE(lab.store().in_transaction(lab.id(1)));
  EXPECT_EQ(lab.committed(0), 11);
  EXPECT_EQ(lab.run(2, select({0})), "11");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");  // of nothing
  EXPECT_EQ(lab.committed(0), 11);
}

TEST(Autocommit, a_failed_statement_leaves_no_failed_transaction) {
  Lab lab({10}, 2);
  lab.run(1, Statement::begin(rc));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0}, Locking::for_update_nowait)), "55P03");
  EXPECT_EQ(lab.run(2, select({0})), "10");
}

TEST(Transactions, commit_of_a_failed_one_answers_rollback) {
  Lab lab({10}, 1);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, insert(0, 5)), "23505");
  EXPECT_EQ(lab.run(1, select({0})), "25P02");
  EXPECT_EQ(lab.run(1, commit()), "ROLLBACK");
  EXPECT_EQ(lab.committed(0), 10);
  EXPECT_EQ(lab.run(1, select({0})), "10");  // and a new life begins
}

TEST(Transactions, read_committed_takes_a_snapshot_per_statement) {
  Lab lab({10}, 2);
  lab.run(1, Statement::begin(rc));
  EXPECT_EQ(lab.run(1, select({0})), "10");
  EXPECT_EQ(lab.run(2, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, select({0})), "11");
}

TEST(Transactions, repeatable_read_takes_its_snapshot_at_the_first_statement_not_at_begin) {
  Lab lab({10}, 2);
  lab.run(1, Statement::begin(rr));
  EXPECT_EQ(lab.run(2, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, select({0})), "11");
  EXPECT_EQ(lab.run(2, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, select({0})), "11");
  EXPECT_EQ(lab.run(1, add(0, 1)), "40001");  // at once: the other has committed
}

TEST(Transactions, repeatable_read_sees_its_own_writes) {
  Lab lab({10}, 2);
  lab.run(1, Statement::begin(rr));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, select({0})), "12");
  EXPECT_EQ(lab.run(2, select({0})), "10");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 12);
}

TEST(Transactions, for_update_at_repeatable_read_of_a_changed_row_fails) {
  Lab lab({10}, 2);
  lab.run(1, Statement::begin(rr));
  EXPECT_EQ(lab.run(1, select({0})), "10");
  EXPECT_EQ(lab.run(2, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, select_for_update({0})), "40001");
}

TEST(Transactions, a_lock_without_a_change_fails_nobody_at_repeatable_read) {
  Lab lab({10}, 2);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(2, select({0})), "10");
  EXPECT_EQ(lab.run(1, select_for_update({0})), "10");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
}

// The version column counts updates, whoever makes them: a condition on it sees every change.
TEST(Versions, a_condition_on_the_version_finds_it_changed) {
  Lab lab({10}, 2);
  EXPECT_EQ(lab.run(1, select({0})), "10");
  const SeenRow seen = lab.result(1).rows.at(0);
  EXPECT_EQ(seen.number, 0U);
  EXPECT_EQ(lab.run(2, update(0, 10)), "1 row");  // the same value, another version
  EXPECT_EQ(lab.run(1, update(0, 11, Where::version(seen.number))), "0 rows");
  EXPECT_EQ(lab.run(1, update(0, 11, Where::version(1))), "1 row");
}

// T1 adds in place; T2 writes 50 computed from the first version, as it had read it: T1's version is nobody's parent.
TEST(Versions, know_who_wrote_them_and_from_what) {
  Lab lab({10}, 2);
  EXPECT_EQ(lab.run(2, select({0})), "10");
  const VersionId read = lab.result(2).rows.at(0).version;
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, update(0, 50, {}, read)), "1 row");
  const auto& versions = lab.store().versions();
  ASSERT_EQ(versions.size(), 3U);
  EXPECT_EQ(versions[0].execution, no_execution);
  EXPECT_EQ(versions[0].computed_from, no_version);
  EXPECT_EQ(versions[1].execution, 1U);
  EXPECT_EQ(versions[1].computed_from, 0U);
  EXPECT_EQ(versions[2].execution, 2U);
  EXPECT_EQ(versions[2].computed_from, 0U);
  EXPECT_EQ(versions[2].previous, 1U);
  EXPECT_EQ(versions[1].number, 1U);
  EXPECT_EQ(versions[2].number, 2U);
  EXPECT_LT(versions[1].committed, versions[2].committed);
}

TEST(Versions, that_were_rolled_back_are_not_committed_and_use_up_no_number) {
  Lab lab({10}, 1);
  lab.run(1, Statement::begin(rc));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.run(1, add(0, 5)), "1 row");
  EXPECT_EQ(lab.store().versions()[1].committed, 0U);
  EXPECT_EQ(lab.store().versions()[2].number, 1U);
  EXPECT_EQ(lab.committed(0), 15);
}

TEST(Sql, statements_print_as_what_they_stand_for) {
  const std::vector<std::string> names{"n", "balance"};
  const auto sql = [&names](const Statement& statement) { return to_sql(statement, names); };
  EXPECT_EQ(sql(Statement::begin(rc)), "BEGIN");
  EXPECT_EQ(sql(Statement::begin(rr)), "BEGIN ISOLATION LEVEL REPEATABLE READ");
  EXPECT_EQ(sql(select({0, 1})), "SELECT n, balance");
  EXPECT_EQ(sql(select_for_update({0})), "SELECT n FOR UPDATE");
  EXPECT_EQ(sql(select_for_update({0}, Locking::for_update_nowait)), "SELECT n FOR UPDATE NOWAIT");
  EXPECT_EQ(sql(select_for_update({0}, Locking::for_update_skip_locked)),
            "SELECT n FOR UPDATE SKIP LOCKED");
  EXPECT_EQ(sql(update(0, 1)), "UPDATE n = 1");
  EXPECT_EQ(sql(update(0, 1, Where::version(4))), "UPDATE n = 1 WHERE version = 4");
  EXPECT_EQ(sql(update(0, 1, Where::value(0))), "UPDATE n = 1 WHERE n = 0");
  EXPECT_EQ(sql(add(0, 1)), "UPDATE n = n + 1");
  EXPECT_EQ(sql(add(1, -30, Where::at_least(30))),
            "UPDATE balance = balance - 30 WHERE balance >= 30");
  EXPECT_EQ(sql(Statement::scan(Where::remainder(3, 0))), "SELECT * WHERE value % 3 = 0");
  EXPECT_EQ(sql(Statement::insert_if_absent(RowKey::idempotency(0, 0, 0), 0)),
            "INSERT key-A1 ON CONFLICT DO NOTHING");
  EXPECT_EQ(sql(Statement::insert(RowKey::idempotency(27, 4, 2), 0)), "INSERT key-AB5.2");
  EXPECT_EQ(sql(commit()), "COMMIT");
  EXPECT_EQ(sql(rollback()), "ROLLBACK");
}

}  // namespace
}  // namespace racelab::history
