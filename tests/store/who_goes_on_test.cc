// Who goes on after a wait in the relational store, and who fails in a circle: literal histories, as PostgreSQL 15.20 has them.
#include "tests/sql/lab.h"

namespace racelab::sql::who_goes_on_test {
namespace {

const std::string item =
    "create table item (id integer primary key, n integer not null check (n >= 0), tag text);"
    "insert into item values (1, 10, 'a'), (2, 20, 'b')";

// Nobody changes the row: first come, first served; those who can share it go on together.
TEST(WhoGoesOn, a_queue_is_first_come_first_served_while_nobody_changes_the_row) {
  expect_history(item, R"(
      1: begin                                        -> BEGIN
      1: select n from item where id = 1 for update   -> 10
      3: begin                                        -> BEGIN
      3: select n from item where id = 1 for update   -> waits
      2: update item set n = n + 1 where id = 1       -> waits
      1: commit                                       -> COMMIT | 3: 10
      3: commit                                       -> COMMIT | 2: 1 row
      1: begin                                        -> BEGIN
      1: select n from item where id = 1 for update   -> 11
      4: begin                                        -> BEGIN
      4: select n from item where id = 1 for share    -> waits
      2: select n from item where id = 1 for share    -> waits
      3: update item set n = n + 1 where id = 1       -> waits
      1: rollback                                     -> ROLLBACK | 4: 11 | 2: 11
      4: rollback                                     -> ROLLBACK | 3: 1 row
  )");
}

// From a committed change on until nobody waits any more the server is free; also where somebody's condition no longer fits and the
// row is held all the same.
TEST(WhoGoesOn, a_queue_is_open_once_a_change_was_committed) {
  const char* both_wait = R"(
      1: begin                                             -> BEGIN
      2: begin                                             -> BEGIN
      3: begin                                             -> BEGIN
      1: update item set n = 5 where id = 1                -> 1 row
      2: update item set n = n + 1 where id = 1            -> waits
      3: update item set n = n * 2 where id = 1 and n > 5  -> waits
  )";
  Lab second(item);
  expect_history(second, both_wait);
  expect_history(second, R"(
      1 (1/2): commit                                      -> COMMIT | 3: 0 rows
      3: commit                                            -> COMMIT | 2: 1 row
      2: commit                                            -> COMMIT
      item                                                 -> 1, 6, a; 2, 20, b
  )");
  Lab first(item);
  expect_history(first, both_wait);
  expect_history(first, R"(
      1 (0/2): commit                                      -> COMMIT | 2: 1 row
      4: update item set n = n + 100 where id = 1          -> waits
      2 (1/2): rollback                                    -> ROLLBACK | 4: 1 row | 3: 1 row
      3: commit                                            -> COMMIT
      item                                                 -> 1, 210, a; 2, 20, b
  )");
}

// FOR UPDATE at REPEATABLE READ locks the row's newest version before it looks whether it may: it fails at once only if its turn comes
// before anybody has the row again. (As PostgreSQL 15.20 does it, where the one who came first goes first.)
TEST(WhoGoesOn, for_update_at_repeatable_read_waits_for_whoever_has_the_row_before_it) {
  const char* both_wait = R"(
      1: begin                                             -> BEGIN
      2: begin                                             -> BEGIN
      3: begin                                             -> BEGIN
      1: update item set n = 5 where id = 1                -> 1 row
      2: update item set n = n + 1 where id = 1            -> waits
      3: select n from item where id = 1 for update        -> waits
  )";
  const auto third_at_repeatable_read = [](Lab& lab) {
    lab.database().disconnect(3);
    lab.database().connect(3, Isolation::repeatable_read);
  };
  Lab second(item);
  third_at_repeatable_read(second);
  expect_history(second, both_wait);
  expect_history(second, R"(
      1 (0/2): commit                                      -> COMMIT | 2: 1 row
      2: rollback                                          -> ROLLBACK | 3: 40001
  )");
  Lab third(item);
  third_at_repeatable_read(third);
  expect_history(third, both_wait);
  expect_history(third, R"(
      1 (1/2): commit                                      -> COMMIT | 3: 40001 | 2: 1 row
  )");
}

// Who waited for different rows of one transaction goes on at its end, and each may be the first to come to a row that both want.
TEST(WhoGoesOn, of_several_that_go_on_at_once_any_is_first_where_their_ways_cross) {
  const char* both_wait = R"(
      1: begin                                             -> BEGIN
      2: begin                                             -> BEGIN
      3: begin                                             -> BEGIN
      1: update item set n = n + 5                         -> 2 rows
      2: update item set n = n + 1                         -> waits
      3: select n from item where id = 2 for update        -> waits
  )";
  Lab second(item);
  expect_history(second, both_wait);
  expect_history(second, R"(
      1 (0/2): commit                                      -> COMMIT | 2: 2 rows
      2: commit                                            -> COMMIT | 3: 26
  )");
  Lab third(item);
  expect_history(third, both_wait);
  expect_history(third, R"(
      1 (1/2): commit                                      -> COMMIT | 3: 25
      3: rollback                                          -> ROLLBACK | 2: 2 rows
  )");
}

// The one at REPEATABLE READ fails at once only if nobody has the row's new version before it, wherever that one comes from.
TEST(WhoGoesOn, for_update_at_repeatable_read_may_meet_one_that_comes_from_another_row) {
  const char* both_wait = R"(
      1: begin                                             -> BEGIN
      2: begin                                             -> BEGIN
      3: begin isolation level repeatable read             -> BEGIN
      1: update item set n = n + 5                         -> 2 rows
      2: update item set n = n + 1                         -> waits
      3: select n from item where id = 2 for update        -> waits
  )";
  Lab second(item);
  expect_history(second, both_wait);
  expect_history(second, R"(
      1 (0/2): commit                                      -> COMMIT | 2: 2 rows
      2: commit                                            -> COMMIT | 3: 40001
  )");
  Lab third(item);
  expect_history(third, both_wait);
  expect_history(third, R"(
      1 (1/2): commit                                      -> COMMIT | 3: 40001 | 2: 2 rows
  )");
}

// Where nobody can tell who went on first there is nothing to choose.
TEST(WhoGoesOn, several_that_go_on_at_once_on_rows_of_their_own_are_one_way) {
  expect_history(item, R"(
      1: begin                                             -> BEGIN
      1: update item set n = n + 5                         -> 2 rows
      2: update item set n = n + 1 where id = 1            -> waits
      3: select n from item where id = 2 for update        -> waits
      1: commit                                            -> COMMIT | 2: 1 row | 3: 25
      item                                                 -> 1, 16, a; 2, 25, b
  )");
}

// The queue as it came, where that is asked for.
TEST(WhoGoesOn, a_queue_that_is_kept_serves_as_they_came) {
  Lab lab(item);
  lab.database().keep_queues();
  expect_history(lab, R"(
      1: begin                                             -> BEGIN
      3: begin                                             -> BEGIN
      1: update item set n = 5 where id = 1                -> 1 row
      3: update item set n = n + 1 where id = 1            -> waits
      2: update item set n = n * 2 where id = 1            -> waits
      1: commit                                            -> COMMIT | 3: 1 row
      3: commit                                            -> COMMIT | 2: 1 row
      item                                                 -> 1, 12, a; 2, 20, b
  )");
}

// At autocommit, one whose condition no longer fits holds nothing afterwards: no way of its own.
TEST(WhoGoesOn, a_waiter_that_finds_nothing_is_no_alternative) {
  expect_history(item, R"(
      1: begin                                             -> BEGIN
      1: update item set n = 0 where id = 1                -> 1 row
      2: update item set n = n - 1 where id = 1 and n > 0  -> waits
      3: update item set n = n - 1 where id = 1 and n > 0  -> waits
      4: update item set tag = 'x' where id = 1            -> waits
      1: commit                                            -> COMMIT | 2: 0 rows | 3: 0 rows | 4: 1 row
      item                                                 -> 1, 0, x; 2, 20, b
  )");
}

TEST(WhoGoesOn, a_circle_of_waits_is_a_deadlock_of_each_of_its_members) {
  Lab lab(item);
  expect_history(lab, R"(
      1: begin                                              -> BEGIN
      2: begin                                              -> BEGIN
      1: update item set n = 11 where id = 1                -> 1 row
      2: update item set n = 22 where id = 2                -> 1 row
      1: update item set n = 12 where id = 2                -> waits
  )");
  EXPECT_FALSE(lab.database().deadlocked(1));
  expect_history(lab, R"(
      2: update item set n = 21 where id = 1                -> waits
      3: update item set n = 33 where id = 1                -> waits
  )");
  EXPECT_TRUE(lab.database().deadlocked(1));
  EXPECT_TRUE(lab.database().deadlocked(2));
  EXPECT_FALSE(lab.database().deadlocked(3));  // it waits for one, but is no part of it
  EXPECT_EQ(lab.database().blockers(3), (std::vector<SessionId>{1, 2}));
  Database other = lab.database();
  other.end_wait(2, state::deadlock_detected);
  EXPECT_FALSE(other.deadlocked(1));
  expect_history(lab, R"(
      1: [deadlock]                                         -> 40P01 | 2: 1 row
      1: commit                                             -> ROLLBACK
      2: commit                                             -> COMMIT | 3: 1 row
      item                                                  -> 1, 33, a; 2, 22, b
  )");
}

}  // namespace
}  // namespace racelab::sql::who_goes_on_test
