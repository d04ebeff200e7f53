// The relational store behaves as PostgreSQL 15: literal histories, of which every answer was seen on a server (15.20) as well.
#include <array>

#include "tests/sql/lab.h"

namespace racelab::sql::relational_test {
namespace {

constexpr Isolation rr = Isolation::repeatable_read;

const std::string item =
    "create table item (id integer primary key, n integer not null check (n >= 0), tag text);"
    "insert into item values (1, 10, 'a'), (2, 20, 'b')";

// A statement sees what was committed before it (READ COMMITTED), or before the transaction's first statement.
TEST(Relational, read_committed_takes_a_snapshot_for_each_statement) {
  expect_history(item, R"(
      1: begin                                   -> BEGIN
      1: select n from item order by id          -> 10; 20
      2: update item set n = 11 where id = 1     -> 1 row
      2: insert into item values (3, 30)         -> 1 row
      1: select n from item order by id          -> 11; 20; 30
      2: delete from item where id = 1           -> 1 row
      1: select n from item order by id          -> 20; 30
      1: commit                                  -> COMMIT
  )");
}

TEST(Relational, repeatable_read_takes_one_at_its_first_statement) {
  expect_history(item, R"(
      1: begin                                   -> BEGIN
      2: update item set n = 11 where id = 1     -> 1 row
      1: select n from item order by id          -> 11; 20
      2: update item set n = 12 where id = 1     -> 1 row
      2: insert into item values (3, 30)         -> 1 row
      1: select n from item order by id          -> 11; 20
      1: update item set n = 21 where id = 2     -> 1 row
      1: select n from item order by id          -> 11; 21
      1: update item set n = 13 where id = 1     -> 40001
      1: select n from item                      -> 25P02
      1: commit                                  -> ROLLBACK
      item                                       -> 1, 12, a; 2, 20, b; 3, 30, NULL
  )",
                 rr);
}

TEST(Relational, the_first_updater_wins_when_it_commits) {
  expect_history(item, R"(
      1: begin                                   -> BEGIN
      2: begin                                   -> BEGIN
      2: select n from item where id = 2         -> 20
      1: update item set n = n + 1 where id = 1  -> 1 row
      2: update item set n = n + 5 where id = 1  -> waits
      1: commit                                  -> COMMIT | 2: 40001
      2: commit                                  -> ROLLBACK
      1: begin                                   -> BEGIN
      2: begin                                   -> BEGIN
      2: select n from item where id = 2         -> 20
      1: delete from item where id = 2           -> 1 row
      2: select n from item where id = 2 for share -> waits
      1: rollback                                -> ROLLBACK | 2: 20
      2: commit                                  -> COMMIT
      item                                       -> 1, 11, a; 2, 20, b
  )",
                 rr);
}

TEST(Relational, an_update_that_waited_looks_at_its_row_again) {
  expect_history(item, R"(
      1: begin                                              -> BEGIN
      2: begin                                              -> BEGIN
      1: update item set n = n - 10 where id = 1            -> 1 row
      2: update item set n = n - 10 where id = 1 and n >= 5 -> waits
      1: commit                                             -> COMMIT | 2: 0 rows
      3: update item set n = 5 where id = 1                 -> waits
      4: select n from item where id = 1 for update nowait  -> 55P03
      2: commit                                             -> COMMIT | 3: 1 row
      1: begin                                              -> BEGIN
      1: update item set n = 7 where id = 1                 -> 1 row
      2: update item set n = n + 1 where n in (5, 7, 20)    -> waits
      1: commit                                             -> COMMIT | 2: 2 rows
      item                                                  -> 1, 8, a; 2, 21, b
      1: begin                                              -> BEGIN
      1: delete from item where id = 1                      -> 1 row
      2: update item set n = 9 where id = 1 returning n     -> waits
      1: commit                                             -> COMMIT | 2: nothing
      item                                                  -> 2, 21, b
  )");
}

// A statement that waited keeps its snapshot for all but the row that it waited for.
TEST(Relational, a_statement_that_waited_keeps_its_snapshot_for_the_rest) {
  expect_history(item, R"(
      1: begin                                                              -> BEGIN
      1: update item set n = 11 where id = 1                                -> 1 row
      1: insert into item values (3, 30)                                    -> 1 row
      2: update item set n = n + (select count(*) from item) where id = 1   -> waits
      1: commit                                                             -> COMMIT | 2: 1 row
      item                                                                  -> 1, 13, a; 2, 20, b; 3, 30, NULL
  )");
}

TEST(Relational, a_key_that_was_deleted_and_inserted_again_is_another_row) {
  const char* setup =
      "create table item (id integer primary key, n integer);"
      "insert into item values (1, 10)";
  expect_history(setup, R"(
      1: begin                                   -> BEGIN
      1: delete from item where id = 1           -> 1 row
      1: insert into item values (1, 11)         -> 1 row
      2: update item set n = n + 5 where id = 1  -> waits
      1: commit                                  -> COMMIT | 2: 0 rows
      item                                       -> 1, 11
  )");
  expect_history(setup, R"(
      1: begin                                   -> BEGIN
      1: delete from item where id = 1           -> 1 row
      1: insert into item values (1, 11)         -> 1 row
      2: update item set n = n + 5 where id = 1  -> waits
      1: commit                                  -> COMMIT | 2: 40001
      item                                       -> 1, 11
  )",
                 rr);
}

// https://www.postgresql.org/docs/15/explicit-locking.html#ROW-LOCK-COMPATIBILITY
TEST(Relational, row_locks_conflict_as_the_table_says) {
  const std::array<const char*, 4> modes{"key share", "share", "no key update", "update"};
  const std::array<const char*, 4> waits{"...X", "..XX", ".XXX", "XXXX"};
  for (std::size_t held = 0; held < modes.size(); ++held) {
    for (std::size_t asked = 0; asked < modes.size(); ++asked) {
      Lab lab(item);
      const auto lock = [&](SessionId session, const char* mode, const char* if_locked) {
        return lab.start(session,
                         "select n from item where id = 1 for " + std::string(mode) + if_locked);
      };
      const bool conflict = waits[held][asked] == 'X';
      lab.start(1, "begin");
      EXPECT_EQ(lock(1, modes[held], ""), "10");
      EXPECT_EQ(lock(2, modes[asked], " nowait"), conflict ? "55P03" : "10");
      EXPECT_EQ(lock(3, modes[asked], " skip locked"), conflict ? "nothing" : "10");
      EXPECT_EQ(lock(4, modes[asked], ""), conflict ? "waits" : "10")
          << modes[held] << ", then " << modes[asked];
      std::string ways;
      EXPECT_EQ(lab.line("1: rollback", ways), conflict ? "ROLLBACK | 4: 10" : "ROLLBACK");
    }
  }
}

TEST(Relational, skip_locked_takes_the_next_and_nowait_does_not_wait) {
  expect_history(item, R"(
      1: begin                                                            -> BEGIN
      1: select id from item order by id limit 1 for update skip locked   -> 1
      2: begin                                                            -> BEGIN
      2: select id from item order by id limit 1 for update skip locked   -> 2
      3: select id from item order by id limit 1 for update skip locked   -> nothing
      3: select id from item order by id limit 1 for update nowait        -> 55P03
      3: select id from item order by id limit 1                          -> 1
      2: rollback                                                         -> ROLLBACK
      3: select id from item order by id for update skip locked           -> 2
      4: select id from item order by id limit 1 for update               -> waits
      4: [lock timeout]                                                   -> 55P03
      1: commit                                                           -> COMMIT
  )");
}

// Nobody changes the row: first come, first served; those who can share it go on together.
TEST(Relational, a_queue_is_first_come_first_served_while_nobody_changes_the_row) {
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
TEST(Relational, a_queue_is_open_once_a_change_was_committed) {
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
TEST(Relational, for_update_at_repeatable_read_waits_for_whoever_has_the_row_before_it) {
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

// The queue as it came, where that is asked for.
TEST(Relational, a_queue_that_is_kept_serves_as_they_came) {
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
TEST(Relational, a_waiter_that_finds_nothing_is_no_alternative) {
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

TEST(Relational, a_unique_key_is_waited_for) {
  expect_history(item, R"(
      1: begin                                                        -> BEGIN
      1: insert into item values (3, 30)                              -> 1 row
      2: insert into item values (3, 31)                              -> waits
      1: commit                                                       -> COMMIT | 2: 23505
      1: begin                                                        -> BEGIN
      1: insert into item values (4, 40)                              -> 1 row
      2: insert into item values (4, 41)                              -> waits
      1: rollback                                                     -> ROLLBACK | 2: 1 row
      1: begin                                                        -> BEGIN
      1: delete from item where id = 4                                -> 1 row
      2: insert into item values (4, 42)                              -> waits
      1: commit                                                       -> COMMIT | 2: 1 row
      1: begin                                                        -> BEGIN
      1: update item set id = 5 where id = 4                          -> 1 row
      2: insert into item values (5, 50)                              -> waits
      3: insert into item values (4, 43) on conflict do nothing       -> waits
      1: rollback                                                     -> ROLLBACK | 3: 0 rows | 2: 1 row
      1: update item set id = 5 where id = 4                          -> 23505
      1: update item set id = id + 10                                 -> 5 rows
      item                                                            -> 11, 10, a; 12, 20, b; 13, 30, NULL; 14, 42, NULL; 15, 50, NULL
  )");
  // Three who wait for one key race when it becomes free.
  expect_history(item, R"(
      1: begin                                        -> BEGIN
      1: insert into item values (3, 30)              -> 1 row
      2: insert into item values (3, 31)              -> waits
      3: insert into item values (3, 32)              -> waits
      4: insert into item values (3, 33)              -> waits
      1 (1/3): rollback                               -> ROLLBACK | 3: 1 row | 2: 23505 | 4: 23505
  )");
}

TEST(Relational, a_unique_key_may_have_columns_nulls_and_a_condition) {
  expect_history(
      "create table booking (room integer, day integer, cancelled boolean default false not null,"
      " guest text unique, unique (room, day));"
      "create table slot (id integer, taken boolean);"
      "create unique index one_taken on slot (id) where taken",
      R"(
      1: insert into booking values (1, 1, false, null), (1, 2, false, null) -> 2 rows
      1: insert into booking values (1, 2)                                   -> 23505
      1: insert into booking values (1, null), (1, null)                     -> 2 rows
      1: insert into booking (guest) values ('ann'), ('ann')                 -> 23505
      1: insert into slot values (1, false), (1, false), (1, true)           -> 3 rows
      1: insert into slot values (1, true)                                   -> 23505
      1: update slot set taken = true                                        -> 23505
      2: begin                                                               -> BEGIN
      2: update slot set taken = false where taken                           -> 1 row
      1: insert into slot values (1, true)                                   -> waits
      2: commit                                                              -> COMMIT | 1: 1 row
  )");
}

TEST(Relational, on_conflict_waits_and_then_does_nothing_or_updates) {
  expect_history(item, R"(
      1: insert into item values (1, 11) on conflict do nothing                       -> 0 rows
      1: insert into item values (1, 11) on conflict (id) do nothing returning n      -> nothing
      1: insert into item values (1, 5) on conflict (id) do update set n = item.n + excluded.n returning n -> 15
      1: insert into item values (1, 5) on conflict (id) do update set n = 0 where item.n = 0 -> 0 rows
      1: insert into item values (7, 1), (7, 2) on conflict (id) do nothing           -> 1 row
      1: insert into item values (8, 1), (8, 2) on conflict (id) do update set n = 9  -> 21000
      1: begin                                                                        -> BEGIN
      1: insert into item values (3, 30)                                              -> 1 row
      2: insert into item values (3, 31) on conflict do nothing                       -> waits
      3: insert into item values (3, 1) on conflict (id) do update set n = item.n + excluded.n -> waits
      1: commit                                              -> COMMIT | 2: 0 rows | 3: 1 row
      item                                                   -> 1, 15, a; 2, 20, b; 3, 31, NULL; 7, 1, NULL
      1: begin                                                                        -> BEGIN
      1: update item set n = 40 where id = 3                                          -> 1 row
      2: insert into item values (3, 1) on conflict do nothing                        -> waits
      1: commit                                                                       -> COMMIT | 2: 0 rows
      1: begin                                                                        -> BEGIN
      1: update item set n = 40 where id = 3                                          -> 1 row
      2: insert into item values (3, 1) on conflict (id) do update set n = item.n + excluded.n -> waits
      1: commit                                                                       -> COMMIT | 2: 1 row
      1: insert into item values (9, -1) on conflict (id) do nothing                  -> 23514
      item                                                   -> 1, 15, a; 2, 20, b; 3, 41, NULL; 7, 1, NULL
  )");
  expect_history(item, R"(
      1: begin                                                                        -> BEGIN
      1: select n from item where id = 1                                              -> 10
      2: insert into item values (3, 30)                                              -> 1 row
      1: insert into item values (3, 31) on conflict do nothing                       -> 40001
      1: rollback                                                                     -> ROLLBACK
      1: insert into item values (3, 31) on conflict do nothing                       -> 0 rows
  )",
                 rr);
}

// What it conflicted with is locked; if that is gone when it goes on, or has another key, there is no conflict any more.
TEST(Relational, on_conflict_inserts_when_the_other_is_gone) {
  expect_history(item, R"(
      1: begin                                                                        -> BEGIN
      1: select n from item where id = 1 for update                                   -> 10
      2: insert into item values (1, 5) on conflict (id) do update set n = 99         -> waits
      1: delete from item where id = 1                                                -> 1 row
      1: commit                                                                       -> COMMIT | 2: 1 row
      item                                                                            -> 1, 5, NULL; 2, 20, b
      1: begin                                                                        -> BEGIN
      1: select n from item where id = 1 for update                                   -> 5
      2: insert into item values (1, 6) on conflict (id) do update set n = 99         -> waits
      1: update item set id = 7 where id = 1                                          -> 1 row
      1: commit                                                                       -> COMMIT | 2: 1 row
      item                                                                            -> 1, 6, NULL; 2, 20, b; 7, 5, NULL
  )");
}

const std::string family =
    "create table parent (id integer primary key, n integer not null default 0);"
    "create table child (id serial primary key, parent integer references parent);"
    "insert into parent values (1), (2)";

TEST(Relational, a_reference_holds_both_ways) {
  expect_history(family, R"(
      1: insert into child (parent) values (3)              -> 23503
      1: insert into child (parent) values (1), (null)      -> 2 rows
      1: delete from parent where id = 1                    -> 23503
      1: update parent set id = 9 where id = 1              -> 23503
      1: update child set parent = 3                        -> 23503
      1: update parent set id = id, n = 5 where id = 1      -> 1 row
      1: update parent set id = 9 where id = 2              -> 1 row
      1: delete from child where parent = 1                 -> 1 row
      1: delete from parent where id = 1                    -> 1 row
      parent                                                -> 9, 0
  )");
}

TEST(Relational, a_child_locks_its_parents_key_only) {
  expect_history(family, R"(
      1: begin                                              -> BEGIN
      1: insert into child (parent) values (1)              -> 1 row
      2: update parent set n = n + 1 where id = 1           -> 1 row
      2: select n from parent where id = 1 for no key update -> 1
      2: select n from parent where id = 1 for update nowait -> 55P03
      3: delete from parent where id = 1                    -> waits
      2: insert into child (parent) values (1)              -> 1 row
      1: commit                                             -> COMMIT | 3: 23503
      1: begin                                              -> BEGIN
      1: delete from parent where id = 2                    -> 1 row
      2: insert into child (parent) values (2)              -> waits
      1: commit                                             -> COMMIT | 2: 23503
      1: insert into parent values (2)                      -> 1 row
      1: begin                                              -> BEGIN
      1: delete from parent where id = 2                    -> 1 row
      2: insert into child (parent) values (2)              -> waits
      1: rollback                                           -> ROLLBACK | 2: 1 row
      1: begin                                              -> BEGIN
      1: delete from child where parent = 2                 -> 1 row
      2: delete from parent where id = 2                    -> waits
      1: commit                                             -> COMMIT | 2: 1 row
      1: begin                                              -> BEGIN
      1: insert into parent values (3)                      -> 1 row
      2: insert into child (parent) values (3)              -> 23503
      1: insert into child (parent) values (3)              -> 1 row
      1: commit                                             -> COMMIT
      1: begin                                              -> BEGIN
      1: update child set parent = 1 where parent = 3       -> 1 row
      2: delete from parent where id = 3                    -> 23503
      1: commit                                             -> COMMIT
      1: begin                                              -> BEGIN
      1: delete from parent where id = 3                    -> 1 row
      1: insert into parent values (3)                      -> 1 row
      2: insert into child (parent) values (3)              -> waits
      1: commit                                             -> COMMIT | 2: 23503
  )");
}

// The snapshot decides which parents there are.
TEST(Relational, a_reference_at_repeatable_read) {
  expect_history(family, R"(
      1: begin                                              -> BEGIN
      1: select count(*) from parent                        -> 2
      2: update parent set n = 1 where id = 1               -> 1 row
      1: insert into child (parent) values (1)              -> 1 row
      1: commit                                             -> COMMIT
      1: begin                                              -> BEGIN
      1: select count(*) from parent                        -> 2
      2: delete from parent where id = 2                    -> 1 row
      1: insert into child (parent) values (2)              -> 40001
      1: rollback                                           -> ROLLBACK
      1: begin                                              -> BEGIN
      1: select count(*) from parent                        -> 1
      2: insert into parent values (3)                      -> 1 row
      1: insert into child (parent) values (3)              -> 23503
      1: rollback                                           -> ROLLBACK
      1: begin                                              -> BEGIN
      1: select count(*) from child                         -> 1
      2: begin                                              -> BEGIN
      2: delete from child where parent = 1                 -> 1 row
      1: delete from parent where id = 1                    -> waits
      2: commit                                             -> COMMIT | 1: 40001
      1: rollback                                           -> ROLLBACK
      2: insert into child (parent) values (1)              -> 1 row
      1: begin                                              -> BEGIN
      1: select count(*) from child                         -> 1
      2: delete from child where parent = 1                 -> 1 row
      1: delete from parent where id = 1                    -> 1 row
      1: commit                                             -> COMMIT
  )",
                 rr);
}

TEST(Relational, a_savepoint_gives_back_what_was_taken_since) {
  expect_history(item, R"(
      1: begin                                              -> BEGIN
      1: update item set n = 11 where id = 1                -> 1 row
      1: savepoint one                                      -> SAVEPOINT
      1: update item set n = 21 where id = 2                -> 1 row
      2: update item set n = n + 1 where id = 2             -> waits
      3: update item set n = n + 1 where id = 1             -> waits
      1: select 1 / 0                                       -> 22012 | 2: 1 row
      1: select n from item                                 -> 25P02
      1: release one                                        -> 25P02
      1: rollback to one                                    -> ROLLBACK
      1: select n from item order by id                     -> 11; 21
      1: commit                                             -> COMMIT | 3: 1 row
      item                                                  -> 1, 12, a; 2, 21, b
  )");
}

TEST(Relational, savepoints_are_released_and_rolled_back_to) {
  expect_history(item, R"(
      1: savepoint one                                      -> 25P01
      1: begin                                              -> BEGIN
      1: savepoint one                                      -> SAVEPOINT
      1: update item set n = 11 where id = 1                -> 1 row
      1: savepoint two                                      -> SAVEPOINT
      1: update item set n = 12 where id = 1                -> 1 row
      1: insert into item values (3, 30)                    -> 1 row
      1: savepoint one                                      -> SAVEPOINT
      1: update item set n = 13 where id = 1                -> 1 row
      1: rollback to one                                    -> ROLLBACK
      1: select n from item order by id                     -> 12; 20; 30
      1: release one                                        -> RELEASE
      1: rollback to two                                    -> ROLLBACK
      1: select n from item order by id                     -> 11; 20
      1: rollback to two                                    -> ROLLBACK
      1: release two                                        -> RELEASE
      1: rollback to two                                    -> 3B001
      1: rollback to one                                    -> ROLLBACK
      1: select n from item order by id                     -> 10; 20
      1: update item set n = 14 where id = 1                -> 1 row
      1: release savepoint one                              -> RELEASE
      2: update item set n = 15 where id = 1                -> waits
      1: commit                                             -> COMMIT | 2: 1 row
  )");
}

TEST(Relational, a_failed_transaction_answers_nothing_but_its_end) {
  expect_history(item, R"(
      1: begin                                              -> BEGIN
      1: update item set n = 11 where id = 1                -> 1 row
      2: update item set n = n + 1 where id = 1             -> waits
      1: insert into item values (2, 0)                     -> 23505 | 2: 1 row
      1: select 1                                           -> 25P02
      1: begin                                              -> 25P02
      1: savepoint one                                      -> 25P02
      1: commit                                             -> ROLLBACK
      1: insert into item values (3, null)                  -> 23502
      1: insert into item values (3, -1)                    -> 23514
      1: commit                                             -> COMMIT
      1: rollback                                           -> ROLLBACK
      item                                                  -> 1, 11, a; 2, 20, b
  )");
}

TEST(Relational, a_level_is_chosen_before_the_first_statement) {
  expect_history(item, R"(
      1: begin                                              -> BEGIN
      1: begin isolation level repeatable read              -> BEGIN
      1: select n from item where id = 1                    -> 10
      2: update item set n = 11 where id = 1                -> 1 row
      1: select n from item where id = 1                    -> 10
      1: begin                                              -> BEGIN
      1: begin isolation level serializable                 -> 25001
      1: rollback                                           -> ROLLBACK
      1: begin isolation level read committed               -> BEGIN
      1: select n from item where id = 1                    -> 11
      2: update item set n = 12 where id = 1                -> 1 row
      1: select n from item where id = 1                    -> 12
      1: commit                                             -> COMMIT
  )");
}

TEST(Relational, advisory_locks_are_of_a_transaction_or_of_a_session) {
  expect_history(item, R"(
      1: begin                                              -> BEGIN
      1: select 1 from item where pg_try_advisory_xact_lock(7) -> 1; 1
      2: select pg_try_advisory_lock(7)                     -> false
      2: select pg_try_advisory_lock(8)                     -> true
      1: commit                                             -> COMMIT
      2: begin                                              -> BEGIN
      2: rollback                                           -> ROLLBACK
      1: select pg_try_advisory_lock(8)                     -> false
      2: select pg_try_advisory_lock(8)                     -> true
      2: select pg_advisory_unlock(8)                       -> true
      1: select pg_try_advisory_lock(8)                     -> false
      2: select pg_advisory_unlock(8)                       -> true
      2: select pg_advisory_unlock(8)                       -> false
      1: select pg_try_advisory_lock(8)                     -> true
      1: select pg_advisory_unlock(8)                       -> true
      1: begin                                              -> BEGIN
      1: select pg_try_advisory_xact_lock(9)                -> true
      1: savepoint one                                      -> SAVEPOINT
      1: select pg_try_advisory_xact_lock(10)               -> true
      1: rollback to one                                    -> ROLLBACK
      2: select pg_try_advisory_xact_lock(10), pg_try_advisory_xact_lock(9) -> true, false
      1: select 1 / 0                                       -> 22012
      2: select pg_try_advisory_xact_lock(9)                -> false
      1: rollback                                           -> ROLLBACK
      2: select pg_try_advisory_xact_lock(9)                -> true
      1: select pg_try_advisory_lock(11)                    -> true
      1: [lost]                                             -> gone
      2: select pg_try_advisory_lock(11)                    -> true
  )");
  expect_history(item, R"(
      1: begin                                              -> BEGIN
      1: select pg_try_advisory_xact_lock(1)                -> true
      3: select pg_advisory_xact_lock(1), n from item where id = 1 -> waits
      2: select pg_advisory_xact_lock(1), n from item where id = 1 -> waits
      1: update item set n = 11 where id = 1                -> 1 row
      1: commit                                             -> COMMIT | 3: , 10 | 2: , 10
  )");
}

TEST(Relational, sequences_are_not_rolled_back) {
  expect_history(
      "create table t (id serial primary key, n integer generated always as identity"
      " (start with 10 increment by 5)); create sequence s start with 3;"
      "create table u (n integer default nextval('s'), m integer)",
      R"(
      1: begin                                              -> BEGIN
      1: insert into t default values returning id, n       -> 1, 10
      1: rollback                                           -> ROLLBACK
      1: insert into t (id) values (default), (100) returning id, n -> 2, 15; 100, 20
      1: insert into t default values returning id, n       -> 3, 25
      1: insert into t (id) values (100)                    -> 23505
      1: insert into t default values returning id, n       -> 4, 35
      2: select currval('s')                                -> 55000
      1: select nextval('s'), nextval('s')                  -> 3, 4
      1: select currval('s')                                -> 4
      2: insert into u (m) values (1), (2) returning n      -> 5; 6
      2: update u set n = nextval('s')                      -> 2 rows
      u                                                     -> 7, 1; 8, 2
  )");
}

TEST(Relational, a_circle_of_waits_is_a_deadlock_of_each_of_its_members) {
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
}  // namespace racelab::sql::relational_test
