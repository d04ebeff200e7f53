// Waiting and what comes after it, one fact of PostgreSQL's a test: queues, timeouts, deadlocks, re-reading, unique keys.
#include <gtest/gtest.h>

#include "tests/store/history.h"

namespace racelab::history {
namespace {

constexpr Isolation rc = Isolation::read_committed;
constexpr Isolation rr = Isolation::repeatable_read;

TEST(Waiting, an_update_that_waited_reads_the_row_again) {
  Lab lab({10}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_TRUE(lab.result(2).waited);
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 12);
}

TEST(Waiting, a_condition_that_fails_after_the_wait_changes_nothing_but_keeps_the_lock) {
  Lab lab({10}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, update(0, 99, Where::value(10))), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 0 rows");
  EXPECT_EQ(lab.run(3, add(0, 5)), "waits");  // for T2, which changed nothing
  EXPECT_EQ(lab.store().blocker(lab.id(3)), lab.id(2));
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 16);
}

TEST(Waiting, a_condition_that_fails_at_once_takes_no_lock) {
  Lab lab({10}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, update(0, 99, Where::value(11))), "0 rows");
  EXPECT_EQ(lab.run(2, add(0, 1)), "1 row");
}

TEST(Waiting, if_the_holder_rolls_back_the_old_row_is_used) {
  Lab lab({10}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, update(0, 99, Where::value(10))), "waits");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 99);
}

TEST(Waiting, at_repeatable_read_a_rolled_back_holder_does_no_harm) {
  Lab lab({10}, 2);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(2, select({0})), "10");
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 11);
}

TEST(Waiting, is_first_come_first_served_and_one_release_serves_a_queue_of_autocommits) {
  Lab lab({10}, 4);
  lab.run(1, Statement::begin(rc));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(3, add(0, 10)), "waits");
  EXPECT_EQ(lab.run(2, update(0, 7)), "waits");
  EXPECT_EQ(lab.run(4, add(0, 100)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(),
            "T3: 1 row, T2: 1 row, T4: 1 row");  // each commits, and so releases the row
  EXPECT_EQ(lab.committed(0), 107);              // 11, 21, 7, 107
}

TEST(Waiting, in_transactions_one_release_serves_one_waiter) {
  Lab lab({10}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, select_for_update({0})), "10");
  EXPECT_EQ(lab.run(2, select_for_update({0})), "waits");
  EXPECT_EQ(lab.run(3, select_for_update({0})), "waits");
  EXPECT_EQ(lab.run(1, update(0, 11)), "1 row");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 11");
  EXPECT_TRUE(lab.waiting(3));
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T3: 11");
}

TEST(Waiting, readers_never_wait) {
  Lab lab({10}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select({0})), "10");
  EXPECT_EQ(lab.run(1, select({0})), "11");  // its own
}

TEST(Waiting, several_rows_are_locked_one_after_another) {
  Lab lab({10, 20, 30}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(2, select_for_update({1})), "20");
  EXPECT_EQ(lab.run(1, select_for_update({0, 1, 2})), "waits");
  EXPECT_EQ(lab.run(3, add(2, 1)), "1 row");  // T1 has not come that far
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.run(3, add(0, 1)), "waits");  // but it has locked the first
  EXPECT_EQ(lab.run(2, update(1, 21)), "1 row");
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  // The row it waited for is read again; the third was read by the statement's snapshot, and it is locked and read anew too.
  EXPECT_EQ(lab.woken(), "T1: 10, 21, 31");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
}

TEST(Locking, nowait_fails_with_55P03_and_aborts) {
  Lab lab({10}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0}, Locking::for_update_nowait)), "55P03");
  EXPECT_EQ(lab.run(2, select({0})), "25P02");
  EXPECT_EQ(lab.run(2, commit()), "ROLLBACK");
}

TEST(Locking, skip_locked_leaves_out_what_is_locked) {
  Lab lab({10, 20, 30}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0, 1, 2}, Locking::for_update_skip_locked)), "10, 30");
}

TEST(Locking, a_timeout_takes_a_waiter_out_of_the_middle_of_the_queue) {
  Lab lab({10}, 4);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 10)), "waits");
  EXPECT_EQ(lab.run(3, add(0, 100)), "waits");
  EXPECT_EQ(lab.run(4, add(0, 1000)), "waits");
  lab.time_out(3);
  EXPECT_EQ(lab.result(3).error, StatementError::lock_not_available);
  EXPECT_EQ(lab.woken(), "");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T4: 1 row");
  EXPECT_EQ(lab.run(4, commit()), "COMMIT");
  EXPECT_EQ(lab.run(3, commit()), "ROLLBACK");
  EXPECT_EQ(lab.committed(0), 1021);
}

TEST(Locking, an_error_releases_the_locks_at_once) {
  Lab lab({10, 20}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(3, add(1, 5)), "waits");
  EXPECT_EQ(lab.run(2, select_for_update({0}, Locking::for_update_nowait)), "55P03");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(1), 25);  // T2's +1 is undone
}

TEST(Locking, a_lost_session_rolls_back_and_lets_others_go_on) {
  Lab lab({10}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 10)), "waits");
  EXPECT_EQ(lab.run(3, add(0, 100)), "waits");
  lab.disconnect(2);  // while it waits
  lab.disconnect(1);
  EXPECT_EQ(lab.woken(), "T3: 1 row");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 110);
  // Freed sessions are used again, last freed first, and start clean.
  EXPECT_EQ(lab.store().connect(), lab.id(1));
  EXPECT_EQ(lab.store().connect(), lab.id(2));
  EXPECT_FALSE(lab.store().in_transaction(lab.id(1)));
}

TEST(Deadlock, of_two_kills_the_one_who_closes_the_circle) {
  Lab lab({10, 20}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(1, add(1, 1)), "waits");
  EXPECT_EQ(lab.run(2, add(0, 1)), "40P01");
  EXPECT_EQ(lab.woken(), "T1: 1 row");
  EXPECT_EQ(lab.run(2, commit()), "ROLLBACK");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 11);
  EXPECT_EQ(lab.committed(1), 21);
}

TEST(Deadlock, of_three_kills_the_one_who_closes_the_circle) {
  Lab lab({10, 20, 30}, 4);
  lab.begin_all(rc);
  for (const std::uint32_t row : {0U, 1U, 2U}) {
    EXPECT_EQ(lab.run(row + 1, add(row, 1)), "1 row");
  }
  EXPECT_EQ(lab.run(1, add(1, 1)), "waits");
  EXPECT_EQ(lab.run(4, add(0, 1)), "waits");  // outside the circle
  EXPECT_EQ(lab.run(2, add(2, 1)), "waits");
  EXPECT_EQ(lab.run(3, add(0, 1)), "40P01");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T1: 1 row");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T4: 1 row");
}

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

}  // namespace
}  // namespace racelab::history
