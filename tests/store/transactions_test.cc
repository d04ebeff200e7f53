// Transactions and what they leave: autocommit, failed transactions, snapshots, provenance of versions, SQL in words.
#include <gtest/gtest.h>

#include "tests/store/history.h"

namespace racelab::history::transactions_test {
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

TEST(Autocommit, is_read_committed_whatever_the_session_did_before) {
  Lab lab({10}, 2);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");  // at REPEATABLE READ: 40001
  EXPECT_EQ(lab.committed(0), 12);
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
  EXPECT_FALSE(lab.result(1).rolled_back);
  EXPECT_EQ(lab.run(1, Statement::begin(rc)), "BEGIN");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
}

TEST(Transactions, a_rollback_takes_back_every_write_of_every_row) {
  Lab lab({10, 20}, 2);
  lab.run(1, Statement::begin(rc));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, insert(2, 30)), "1 row");
  EXPECT_EQ(lab.run(1, add(2, 1)), "1 row");
  EXPECT_EQ(lab.run(1, select({0, 1, 2})), "12, 21, 31");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.run(1, select({0, 1, 2})), "10, 20");
  EXPECT_EQ(lab.run(2, add(0, 5)), "1 row");  // and the locks are gone
  EXPECT_EQ(lab.run(2, insert(2, 40)), "1 row");
}

// The first row was read and locked before the second failed.
TEST(Transactions, a_statement_that_fails_half_way_answers_nothing) {
  Lab lab({10, 20}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0, 1}, Locking::for_update_nowait)), "55P03");
  EXPECT_TRUE(lab.result(2).rows.empty());
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
}

TEST(Transactions, rollback_ends_a_failed_one) {
  Lab lab({10}, 1);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, insert(0, 5)), "23505");
  EXPECT_EQ(lab.run(1, Statement::begin(rc)), "25P02");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_FALSE(lab.store().in_transaction(lab.id(1)));
}

// A second BEGIN gets a warning and changes nothing: neither the level, nor the snapshot, nor what was written and locked.
TEST(Transactions, a_begin_inside_an_open_one_changes_nothing) {
  Lab lab({10, 20}, 2);
  lab.run(1, Statement::begin(rr));
  EXPECT_EQ(lab.run(1, select({0})), "10");
  EXPECT_EQ(lab.run(1, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, Statement::begin(rr)), "BEGIN");
  EXPECT_EQ(lab.run(1, select({0})), "10");  // a new snapshot would show 11
  EXPECT_EQ(lab.run(1, Statement::begin(rc)), "BEGIN");
  EXPECT_EQ(lab.run(1, select({0})), "10");
  EXPECT_EQ(lab.run(2, add(1, 5)), "waits");
  EXPECT_EQ(lab.run(1, add(0, 1)), "40001");  // at READ COMMITTED: 1 row
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.committed(1), 25);  // the first BEGIN's write went, too
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

TEST(Transactions, repeatable_read_takes_a_new_snapshot_in_each_transaction) {
  Lab lab({10}, 2);
  lab.run(1, Statement::begin(rr));
  EXPECT_EQ(lab.run(1, select({0})), "10");
  EXPECT_EQ(lab.run(2, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  lab.run(1, Statement::begin(rr));
  EXPECT_EQ(lab.run(1, select({0})), "11");
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
  EXPECT_EQ(seen.number.column(), 0U);
  EXPECT_EQ(lab.run(2, update(0, 10)), "1 row");  // the same value, another version
  EXPECT_EQ(lab.run(1, update(0, 11, Where::version(seen.number))), "0 rows");
  EXPECT_EQ(lab.run(1, update(0, 11, Where::version(RowVersion(1)))), "1 row");
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

// One transaction writes row 0 twice, row 1 once, and inserts row 2. Versions 0 and 1 are there from the start.
TEST(Versions, of_one_transaction_are_committed_together_and_build_on_each_other) {
  Lab lab({10, 20}, 2);
  lab.run(1, Statement::begin(rc));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.result(1).written, 2U);
  EXPECT_EQ(lab.run(1, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(1, insert(2, 30)), "1 row");
  EXPECT_EQ(lab.result(1).written, 5U);
  EXPECT_EQ(lab.store().last_committed(RowKey::row(0)), 0U);
  EXPECT_EQ(lab.store().last_committed(RowKey::row(2)), no_version);
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  const auto& versions = lab.store().versions();
  ASSERT_EQ(versions.size(), 6U);
  for (VersionId version = 2; version < 6; ++version) {
    EXPECT_EQ(versions[version].committed, versions[2].committed) << version;
    EXPECT_EQ(versions[version].execution, 1U) << version;
  }
  EXPECT_GT(versions[2].committed, versions[0].committed);
  EXPECT_EQ(versions[4].computed_from, 2U);  // its own, not yet committed then
  EXPECT_EQ(versions[4].previous, 2U);
  EXPECT_EQ(versions[4].number, 2U);
  EXPECT_EQ(versions[5].computed_from, no_version);
  EXPECT_EQ(versions[5].previous, no_version);
  EXPECT_EQ(versions[5].number, 0U);
  EXPECT_EQ(lab.store().last_committed(RowKey::row(0)), 4U);
}

// After a wait a sum builds on what is there then, an assignment still on what was read: that is the lost update.
TEST(Versions, written_after_a_wait_build_on_the_row_read_again_only_if_worked_out_there) {
  Lab lab({10}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(2, select({0})), "10");
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");  // version 1
  EXPECT_EQ(lab.run(2, update(0, 11, {}, lab.result(2).rows.at(0).version)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");  // version 2
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");  // version 3
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");  // version 4
  const auto& versions = lab.store().versions();
  EXPECT_EQ(versions[2].computed_from, 0U);
  EXPECT_EQ(versions[2].previous, 1U);
  EXPECT_EQ(versions[2].number, 2U);  // one more than the row's, not than the version read
  EXPECT_EQ(versions[4].computed_from, 3U);
  EXPECT_EQ(versions[4].previous, 3U);
}

// The rows there from the start count as the first commit; what writes nothing is none.
TEST(Versions, know_their_place_in_the_order_of_commits) {
  Lab lab({10, 20}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");  // version 2
  EXPECT_EQ(lab.run(2, add(1, 1)), "1 row");  // version 3
  EXPECT_EQ(lab.run(3, select_for_update({})), "nothing");
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  const auto& versions = lab.store().versions();
  EXPECT_EQ(versions[0].committed, 1U);
  EXPECT_EQ(versions[3].committed, 2U);
  EXPECT_EQ(versions[2].committed, 3U);
}

TEST(Versions, of_a_session_used_again_are_not_the_former_execution_s) {
  Lab lab({10}, 1);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  lab.disconnect(1);
  EXPECT_EQ(lab.store().connect(), lab.id(1));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.store().versions()[1].execution, 1U);
  EXPECT_EQ(lab.store().versions()[2].execution, no_execution);
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
  EXPECT_EQ(sql(update(0, 1, Where::version(RowVersion(4)))), "UPDATE n = 1 WHERE version = 4");
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
}  // namespace racelab::history::transactions_test
