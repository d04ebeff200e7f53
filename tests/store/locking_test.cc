// Waiting and what comes after it, one fact of PostgreSQL's a test: queues, re-reading, NOWAIT and SKIP LOCKED,
// timeouts, deadlocks. (Inserts that wait for one another: unique_keys_test.cc.)
#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <vector>

#include "tests/store/history.h"

namespace racelab::history::locking_test {
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

// T2 is next, but those at REPEATABLE READ fail at once, wherever in the queue they stand; the others keep their order.
TEST(Waiting, a_commit_reaches_those_at_repeatable_read_wherever_they_stand) {
  Lab lab({10}, 6);
  for (const std::size_t session : {1U, 2U, 4U, 6U}) {
    lab.run(session, Statement::begin(rc));
  }
  for (const std::size_t session : {3U, 5U}) {
    lab.run(session, Statement::begin(rr));
  }
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0})), "waits");
  for (const std::size_t session : {3U, 4U, 5U, 6U}) {
    EXPECT_EQ(lab.run(session, add(0, 1)), "waits");
  }
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 11, T3: 40001, T5: 40001");
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T4: 1 row");
  EXPECT_EQ(lab.run(4, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T6: 1 row");
}

TEST(Waiting, whoever_leaves_a_queue_leaves_the_order_of_the_others) {
  Lab lab({10}, 6);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  for (const std::size_t session : {2U, 3U, 4U, 5U, 6U}) {
    EXPECT_EQ(lab.run(session, add(0, 1)), "waits");
  }
  for (const std::size_t first_middle_last : {2U, 4U, 6U}) {
    lab.time_out(first_middle_last);
  }
  EXPECT_EQ(lab.run(4, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.run(4, add(0, 1)), "waits");  // now behind T5
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T5: 1 row");
  EXPECT_EQ(lab.run(5, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T4: 1 row");
}

// FOR UPDATE looks for its rows when it begins: one that comes while it waits for another is not among them.
TEST(Waiting, a_row_that_comes_meanwhile_is_neither_seen_nor_locked) {
  Lab lab({10}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0, 7})), "waits");
  EXPECT_EQ(lab.run(3, insert(7, 70)), "1 row");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 11");
  EXPECT_EQ(lab.run(3, add(7, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0, 7})), "11, 71");
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

// Takes the waiter that it is told, and keeps how many there were.
struct Told final : Grants {
  std::size_t next(std::span<const SessionId> waiters) override {
    asked.push_back(waiters.size());
    const std::size_t way = given < ways.size() ? ways[given] : 0;
    ++given;
    return way;
  }
  std::vector<std::size_t> ways;
  std::vector<std::size_t> asked;
  std::size_t given = 0;
};

// Whoever it is has the row next once it has changed; and so on until nobody waits, also after a rollback.
TEST(Waiting, is_in_no_order_once_the_row_has_changed) {
  Lab lab({10}, 5);
  Told told;
  told.ways = {2, 1};
  lab.store().set_grants(&told);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  for (const std::size_t session : {2U, 3U, 4U}) {
    EXPECT_EQ(lab.run(session, add(0, 1)), "waits");
  }
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T4: 1 row");
  EXPECT_EQ(lab.run(5, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(4, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.run(2, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T5: 1 row");  // the last one is nobody's choice
  EXPECT_EQ(told.asked, (std::vector<std::size_t>{3, 3, 2}));
}

TEST(Waiting, stays_in_order_while_nobody_changes_the_row) {
  Lab lab({10}, 3);
  Told told;
  told.ways = {1};
  lab.store().set_grants(&told);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, select_for_update({0})), "10");
  EXPECT_EQ(lab.run(2, select_for_update({0})), "waits");
  EXPECT_EQ(lab.run(3, select_for_update({0})), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 10");
  EXPECT_EQ(told.asked, (std::vector<std::size_t>{}));
}

// T3 would change nothing and hold nothing: it is no alternative. T4 fails when its turn comes, which is before T2 or after it.
TEST(Waiting, is_no_choice_for_who_holds_nothing_afterwards) {
  Lab lab({10}, 4);
  Told told;
  told.ways = {1};
  lab.store().set_grants(&told);
  lab.run(1, Statement::begin(rc));
  lab.run(2, Statement::begin(rc));
  lab.run(4, Statement::begin(rr));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(3, update(0, 99, Where::value(10))), "waits");
  EXPECT_EQ(lab.run(4, select_for_update({0})), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T3: 0 rows, T4: 40001, T2: 1 row");
  EXPECT_EQ(told.asked, (std::vector<std::size_t>{2}));
}

TEST(Waiting, readers_never_wait) {
  Lab lab({10}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select({0})), "10");
  EXPECT_EQ(lab.run(1, select({0})), "11");  // its own
}

// T3's snapshot has no room for T1's change: it fails when T1 commits, although T2 comes before it and takes the row.
TEST(Waiting, of_an_update_at_repeatable_read_ends_as_soon_as_the_row_has_changed) {
  Lab lab({10}, 3);
  lab.run(1, Statement::begin(rc));
  lab.run(2, Statement::begin(rc));
  lab.run(3, Statement::begin(rr));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(3, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row, T3: 40001");
}

// FOR UPDATE is less quick to give up: PostgreSQL locks the row's newest version before it looks, and so waits for T2.
TEST(Waiting, of_for_update_at_repeatable_read_goes_on_for_the_next_holder_and_then_fails) {
  Lab lab({10}, 3);
  lab.run(1, Statement::begin(rc));
  lab.run(2, Statement::begin(rc));
  lab.run(3, Statement::begin(rr));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(3, select_for_update({0})), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_TRUE(lab.waiting(3));
  EXPECT_EQ(lab.run(2, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.woken(), "T3: 40001");
}

TEST(Waiting, at_repeatable_read_goes_on_for_the_next_holder_if_the_row_did_not_change) {
  Lab lab({10}, 3);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 10)), "waits");
  EXPECT_EQ(lab.run(3, add(0, 100)), "waits");
  EXPECT_EQ(lab.run(1, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_TRUE(lab.waiting(3));
  EXPECT_EQ(lab.run(2, rollback()), "ROLLBACK");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 110);
}

TEST(Waiting, says_for_which_row_and_for_whom) {
  Lab lab({10, 20}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(1, 1)), "waits");
  EXPECT_EQ(lab.run(3, add(1, 1)), "waits");
  EXPECT_EQ(lab.store().contested(lab.id(3)), RowKey::row(1));
  EXPECT_EQ(lab.store().blocker(lab.id(2)), lab.id(1));
  EXPECT_EQ(lab.store().blocker(lab.id(3)), lab.id(1));  // the holder, not the one ahead
  EXPECT_EQ(lab.store().blocker(lab.id(1)), no_session);
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

TEST(Locking, nowait_and_skip_locked_take_what_is_free_or_their_own) {
  Lab lab({10, 20}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, select_for_update({0}, Locking::for_update_nowait)), "10");
  EXPECT_EQ(lab.run(1, select_for_update({0, 1}, Locking::for_update_nowait)), "10, 20");
  EXPECT_EQ(lab.run(1, select_for_update({0, 1}, Locking::for_update_skip_locked)), "10, 20");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");  // they lock as FOR UPDATE does
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.run(1, select_for_update({0}, Locking::for_update_skip_locked)), "nothing");
}

TEST(Locking, at_repeatable_read_skip_locked_fails_at_a_row_that_has_changed) {
  Lab lab({10, 20}, 2);
  lab.begin_all(rr);
  EXPECT_EQ(lab.run(2, select({1})), "20");
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, select_for_update({0, 1}, Locking::for_update_skip_locked)), "20");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.run(2, select_for_update({0, 1}, Locking::for_update_skip_locked)), "40001");
}

TEST(Locking, at_autocommit_the_locks_end_with_the_statement) {
  Lab lab({10, 20}, 2);
  EXPECT_EQ(lab.run(1, select_for_update({0, 1})), "10, 20");
  EXPECT_EQ(lab.run(2, select_for_update({0, 1}, Locking::for_update_nowait)), "10, 20");
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

TEST(Locking, a_queue_goes_on_after_timeouts_at_its_head_and_its_tail) {
  Lab lab({10}, 5);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  for (const std::size_t session : {2U, 3U, 4U}) {
    EXPECT_EQ(lab.run(session, add(0, 10)), "waits");
  }
  lab.time_out(2);
  lab.time_out(4);
  EXPECT_EQ(lab.run(5, add(0, 100)), "waits");  // behind T3
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T5: 1 row");
  EXPECT_EQ(lab.run(5, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(0), 121);  // 10 + 1 + 10 + 100
}

TEST(Locking, a_queue_that_a_timeout_has_emptied_can_be_joined_again) {
  Lab lab({10}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 10)), "waits");
  lab.time_out(2);
  EXPECT_EQ(lab.run(3, add(0, 100)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
}

TEST(Locking, a_timeout_gives_up_what_the_transaction_held) {
  Lab lab({10, 20}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(3, add(1, 5)), "waits");
  lab.time_out(2);
  EXPECT_EQ(lab.woken(), "T3: 1 row");
  EXPECT_EQ(lab.run(2, select({0})), "25P02");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.committed(1), 25);
}

TEST(Locking, a_timeout_at_autocommit_leaves_no_transaction) {
  Lab lab({10}, 2);
  lab.run(1, Statement::begin(rc));
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  lab.time_out(2);
  EXPECT_FALSE(lab.store().in_transaction(lab.id(2)));
  EXPECT_EQ(lab.run(2, select({0})), "10");
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

// Following the waits from the closer leads through a session that was granted meanwhile: T3 queued behind T2 when T1 held
// the row; now it waits for T2.
TEST(Deadlock, is_seen_through_a_waiter_that_has_become_the_holder) {
  Lab lab({10, 20}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, add(0, 1)), "1 row");
  EXPECT_EQ(lab.run(3, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(2, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(3, add(0, 1)), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 1 row");
  EXPECT_EQ(lab.store().blocker(lab.id(3)), lab.id(2));
  EXPECT_EQ(lab.run(2, add(1, 1)), "40P01");
  EXPECT_EQ(lab.woken(), "T3: 1 row");
}

// T1 is granted row 1 and goes on to row 2, which T2 holds; T2 waits for row 1, which T1 holds now: T1 closes the circle.
TEST(Deadlock, comes_of_locking_several_rows_in_opposite_orders) {
  Lab lab({10, 20, 30}, 3);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(3, add(1, 1)), "1 row");
  EXPECT_EQ(lab.run(1, select_for_update({0, 1, 2})), "waits");
  EXPECT_EQ(lab.run(2, select_for_update({2, 1, 0})), "waits");
  EXPECT_EQ(lab.run(3, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T1: 40P01, T2: 30, 21, 10");
}

TEST(Deadlock, does_not_come_of_locking_several_rows_in_one_order) {
  Lab lab({10, 20}, 2);
  lab.begin_all(rc);
  EXPECT_EQ(lab.run(1, select_for_update({0, 1})), "10, 20");
  EXPECT_EQ(lab.run(2, select_for_update({0, 1})), "waits");
  EXPECT_EQ(lab.run(1, commit()), "COMMIT");
  EXPECT_EQ(lab.woken(), "T2: 10, 20");
}

}  // namespace
}  // namespace racelab::history::locking_test
