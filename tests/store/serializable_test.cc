// SERIALIZABLE: what no order explains does not commit, what one explains does. PostgreSQL 15.20 answers the same, but for who is
// refused, and when.
#include "tests/sql/lab.h"

namespace racelab::sql::serializable_test {
namespace {

constexpr Isolation ser = Isolation::serializable;

const std::string family =
    "create table parent (id integer primary key, n integer not null default 0);"
    "create table child (id serial primary key, parent integer references parent);"
    "insert into parent values (1), (2)";

const std::string duty =
    "create table doctor (id integer primary key, on_call boolean not null);"
    "create table log (id serial primary key, doctor integer);"
    "insert into doctor values (1, true), (2, true)";

// Each writes what the other has read: one of the two is refused.
TEST(Serializable, refuses_write_skew) {
  Lab skew(duty, ser);
  const char* history = R"(
      1: begin                                              -> BEGIN
      2: begin                                              -> BEGIN
      1: select count(*) from doctor where on_call          -> 2
      2: select count(*) from doctor where on_call          -> 2
      1: update doctor set on_call = false where id = 1     -> 1 row
      2: update doctor set on_call = false where id = 2     -> 1 row
      1: commit                                             -> COMMIT
      2: commit                                             -> 40001
      doctor                                                -> 1, false; 2, true
  )";
  expect_history(skew, history);
  // With one side at REPEATABLE READ nobody is.
  expect_history(duty, R"(
      1: begin                                              -> BEGIN
      2: begin isolation level repeatable read              -> BEGIN
      1: select count(*) from doctor where on_call          -> 2
      2: select count(*) from doctor where on_call          -> 2
      1: update doctor set on_call = false where id = 1     -> 1 row
      2: update doctor set on_call = false where id = 2     -> 1 row
      1: commit                                             -> COMMIT
      2: commit                                             -> COMMIT
  )",
                 ser);
  // Phantoms: each inserts what the other's search would have found.
  expect_history(duty, R"(
      1: begin                                              -> BEGIN
      2: begin                                              -> BEGIN
      1: select count(*) from log where doctor = 1          -> 0
      2: select count(*) from log where doctor = 1          -> 0
      1: insert into log (doctor) values (1)                -> 1 row
      2: insert into log (doctor) values (1)                -> 1 row
      2: commit                                             -> COMMIT
      1: commit                                             -> 40001
  )",
                 ser);
}

TEST(Serializable, lets_pass_what_an_order_explains) {
  expect_history(duty, R"(
      1: begin                                              -> BEGIN
      2: begin                                              -> BEGIN
      1: select count(*) from doctor where on_call          -> 2
      2: update doctor set on_call = false where id = 2     -> 1 row
      2: commit                                             -> COMMIT
      1: insert into log (doctor) values (2)                -> 1 row
      1: commit                                             -> COMMIT
      log                                                   -> 1, 2
  )",
                 ser);
}

// Read-only transactions count as well (Fekete, O'Neil, O'Neil 2004): 3 saw 2's change and not 1's, so 1 comes after 3.
TEST(Serializable, sees_the_one_that_only_reads) {
  expect_history(
      "create table account (id integer primary key, n integer);"
      "insert into account values (1, 0), (2, 0)",
      R"(
      1: begin                                              -> BEGIN
      1: select id, n from account order by id              -> 1, 0; 2, 0
      2: begin                                              -> BEGIN
      2: update account set n = n + 20 where id = 2         -> 1 row
      2: commit                                             -> COMMIT
      3: begin                                              -> BEGIN
      3: select id, n from account order by id              -> 1, 0; 2, 20
      3: commit                                             -> COMMIT
      1: update account set n = -11 where id = 1            -> 1 row
      1: commit                                             -> 40001
  )",
      ser);
}

// A statement that waited can be refused at the end of its own transaction, too.
TEST(Serializable, refuses_a_statement_by_itself) {
  expect_history(family + ";create table note (n integer)",
                 R"(
      1: begin                                              -> BEGIN
      1: select count(*) from child                         -> 0
      1: select n from parent where id = 1 for update       -> 0
      1: insert into note values (1)                        -> 1 row
      2: insert into child (parent) select 1 from parent where id = 1 and (select count(*) from note) = 0 -> waits
      1: commit                                             -> COMMIT | 2: 40001
      child                                                 -> nothing
      2: insert into child (parent) values (1)              -> 1 row
  )",
                 ser);
}

// A key that was found taken was read (found by relational_property_test.cc).
TEST(Serializable, a_key_that_was_taken_was_read) {
  expect_history(family, R"(
      1: begin                                              -> BEGIN
      2: begin                                              -> BEGIN
      2: insert into parent values (2) on conflict do nothing -> 0 rows
      1: delete from parent where id = 2                    -> 1 row
      1: select count(*) from child                         -> 0
      2: insert into child (parent) values (1)              -> 1 row
      1: commit                                             -> COMMIT
      2: commit                                             -> 40001
  )",
                 ser);
}

// What somebody deleted after the snapshot is not both there and not.
TEST(Serializable, a_key_that_was_freed_later_is_not_free) {
  expect_history(family, R"(
      1: begin                                              -> BEGIN
      1: select count(*) from parent                        -> 2
      2: delete from parent where id = 2                    -> 1 row
      1: insert into parent values (2)                      -> 40001
  )",
                 ser);
}

}  // namespace
}  // namespace racelab::sql::serializable_test
