// Unique keys: an INSERT of a key that someone else is writing waits for that write's fate, and never for a mere lock. An
// idempotency key is worth what this is worth: it is how a repeated call finds out that it is one.
#include <gtest/gtest.h>

#include "tests/store/history.h"

namespace racelab::history::unique_keys_test {
namespace {

constexpr Isolation rc = Isolation::read_committed;
constexpr Isolation rr = Isolation::repeatable_read;

TEST(UniqueKeys, a_second_insert_waits_and_fails_when_the_first_commits) {
  Lab lab({}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(2, insert(7, 2)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 23505");
}

TEST(UniqueKeys, on_conflict_do_nothing_inserts_nothing_when_the_first_commits) {
  Lab lab({}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, insert_if_absent(7, 1)), "1 row");
  EXPECT_EQ(lab.run(2, insert_if_absent(7, 2)), "waits");
  EXPECT_EQ(lab.run(3, insert_if_absent(7, 3)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 0 rows, T3: 0 rows");  // neither keeps a lock
  EXPECT_EQ(lab.committed(7), 1);
}

TEST(UniqueKeys, a_second_insert_inserts_when_the_first_rolls_back) {
  Lab lab({}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(2, insert(7, 2)), "waits");
  EXPECT_EQ(lab.run(3, insert_if_absent(7, 3)), "waits");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_TRUE(lab.waiting(3));  // now for T2
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T3: 0 rows");
  EXPECT_EQ(lab.committed(7), 2);
}

TEST(UniqueKeys, at_repeatable_read_on_conflict_fails_against_a_newer_row) {
  Lab lab({10}, 2);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(2, select({0})), "10");  // takes T2's snapshot
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.run(2, select({7})), "nothing");
  EXPECT_EQ(lab.run(2, insert_if_absent(7, 2)), "40001");
}

TEST(UniqueKeys, an_insert_is_invisible_until_it_commits) {
  Lab lab({}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(1, select({7})), "1");
  EXPECT_EQ(lab.run(2, select({7})), "nothing");
  EXPECT_EQ(lab.run(2, add(7, 1)), "0 rows");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.run(2, add(7, 1)), "1 row");
}

TEST(UniqueKeys, a_key_that_is_there_is_refused_at_once) {
  Lab lab({10}, 2);
  EXPECT_EQ(lab.run(1, insert(0, 1)), "23505");
  EXPECT_EQ(lab.run(1, insert_if_absent(0, 1)), "0 rows");
  EXPECT_EQ(lab.result(1).written, no_version);
  EXPECT_EQ(lab.committed(0), 10);
}

TEST(UniqueKeys, a_transaction_meets_its_own_insert) {
  Lab lab({}, 1);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(1, insert_if_absent(7, 2)), "0 rows");
  EXPECT_EQ(lab.run(1, insert(7, 3)), "23505");
  EXPECT_EQ(lab.run(1, commit()), "ROLLBACK");
  EXPECT_EQ(lab.run(1, select({7})), "nothing");
}

TEST(UniqueKeys, a_lock_without_a_write_keeps_no_insert_waiting) {
  Lab lab({10}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, select_for_update({0})), "10");
  EXPECT_EQ(lab.run(2, insert(0, 1)), "23505");
  EXPECT_EQ(lab.run(3, insert_if_absent(0, 1)), "0 rows");
}

// Whatever becomes of the update, the key is there.
TEST(UniqueKeys, an_insert_waits_for_an_update_of_the_row_that_is_there) {
  for (const Statement& fate : {commit(), rollback()}) {
    Lab lab({10}, 3);
    lab.begin_all(rc);
    EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
    EXPECT_EQ(lab.run(2, insert(0, 1)), "waits");
    EXPECT_EQ(lab.run(3, insert_if_absent(0, 1)), "waits");
    lab.run(1, fate);
    EXPECT_EQ(lab.woken(), "T2: 23505, T3: 0 rows");
  }
}

// T2 is granted the lock, and that is nothing to T3's insert, whichever of the two came first.
TEST(UniqueKeys, an_insert_does_not_wait_for_the_next_holder_of_a_lock) {
  Lab lab({10}, 4);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0})), "waits");
  EXPECT_EQ(lab.run(4, select_for_update({0})), "waits");
  EXPECT_EQ(lab.run(3, insert_if_absent(0, 1)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 11, T3: 0 rows");
  EXPECT_TRUE(lab.waiting(4));
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T4: 11");
}

TEST(UniqueKeys, inserts_crosswise_are_a_deadlock) {
  Lab lab({}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(2, insert(8, 2)), "1 row");
  EXPECT_EQ(lab.run(1, insert(8, 1)), "waits");
  EXPECT_EQ(lab.run(2, insert(7, 2)), "40P01");
  EXPECT_EQ(lab.woken(), "T1: 1 row");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(7), 1);
  EXPECT_EQ(lab.committed(8), 1);
}

TEST(UniqueKeys, a_lost_session_lets_the_next_insert_in) {
  Lab lab({}, 2);
  lab.run(1, Statement::begin(rc));
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(2, insert(7, 2)), "waits");
  lab.disconnect(1);
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.committed(7), 2);
}

TEST(UniqueKeys, a_wait_for_an_insert_can_time_out) {
  Lab lab({}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(2, insert_if_absent(7, 2)), "waits");
  lab.time_out(2);
  EXPECT_EQ(lab.result(2).error, StatementError::lock_not_available);
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "");
}

// T2 cannot see the row and yet may not insert it.
TEST(UniqueKeys, at_repeatable_read_a_newer_row_is_a_violation_that_the_snapshot_does_not_show) {
  Lab lab({10}, 2);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(2, select({0})), "10");
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.run(2, select({7})), "nothing");
  EXPECT_EQ(lab.run(2, insert(7, 2)), "23505");
}

TEST(UniqueKeys, at_repeatable_read_on_conflict_fails_after_the_wait_too) {
  Lab lab({}, 2);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(1, insert(7, 1)), "1 row");
  EXPECT_EQ(lab.run(2, insert_if_absent(7, 2)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 40001");
}

TEST(UniqueKeys, idempotency_keys_are_a_table_of_their_own) {
  Lab lab({10}, 1);
  const RowKey key = RowKey::idempotency(0, 0, 0);
  EXPECT_EQ(lab.run(1, Statement::insert(key, 1, 77)), "1 row");
  EXPECT_EQ(lab.run(1, Statement::scan({})), "10");
  EXPECT_EQ(lab.run(1, Statement::select({key})), "1");
  EXPECT_EQ(lab.result(1).rows.at(0).note, 77);
  EXPECT_EQ(lab.run(1, Statement::update(Write{.key = key, .value = 2})), "1 row");
  EXPECT_EQ(lab.run(1, Statement::select({key})), "2");
  EXPECT_EQ(lab.result(1).rows.at(0).note, 77);  // an UPDATE of the value leaves it
  EXPECT_EQ(lab.run(1, Statement::insert(RowKey::idempotency(0, 0, 2), 1)), "1 row");
  EXPECT_EQ(lab.run(1, Statement::insert(RowKey::idempotency(0, 1, 0), 1)), "1 row");
  EXPECT_EQ(lab.run(1, Statement::insert(RowKey::idempotency(1, 0, 0), 1)), "1 row");
}

}  // namespace
}  // namespace racelab::history::unique_keys_test
