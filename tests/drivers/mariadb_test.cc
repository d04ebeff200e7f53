// What MariaDB 10.11 does in every order, and what is read of its InnoDB's status.
#include <gtest/gtest.h>

#include "sim/cli/script_scenario.h"
#include "sim/drivers/dialect.h"
#include "sim/drivers/innodb_locks.h"
#include "sim/explore/agreement.h"
#include "tests/drivers/on_database.h"

namespace racelab::mariadb_test {
namespace {

using namespace on_database;

// One server for all tests.
drivers::Host& mariadb() {
  static const std::unique_ptr<drivers::Host> host = drivers::start_host("mariadb");
  return *host;
}

std::string read_then_write_at(const char* level, drivers::Host& host) {
  const auto laid = lay_out(host, endpoints(counter, {read_then_write}), "a",
                            {{"clients", "2"}, {"isolation", level}, {"attempts-max", "1"}});
  return explored(*laid);
}

// What PostgreSQL refuses with 40001 goes through: 14 orders, of which 2 have nobody in between.
TEST(MariaDb, AnUpdateIsLostAtRepeatableRead) {
  EXPECT_EQ(read_then_write_at("read-committed", mariadb()), "12 of 14 fail, 6 wait");
  EXPECT_EQ(read_then_write_at("repeatable-read", mariadb()), "12 of 14 fail, 6 wait");
}

TEST(MariaDb, SnapshotIsolationRefusesTheStaleWrite) {
  const auto host = drivers::start_host("mariadb:snapshot");
  EXPECT_EQ(read_then_write_at("repeatable-read", *host),
            "0 of 14 fail, 6 wait, 40001 (1020) in 12");
}

// At SERIALIZABLE a SELECT locks what it reads, and two that read and then write are a deadlock.
TEST(MariaDb, SerializableIsDoneWithLocks) {
  EXPECT_EQ(read_then_write_at("serializable", mariadb()),
            "0 of 8 fail, 6 wait, 40P01 (1213) in 4");
}

// Two rows in two orders: the deadlock is found at the statement that closes the circle, and no transaction of its victim is left.
TEST(MariaDb, ADeadlockEndsAtOnce) {
  const auto laid = lay_out(mariadb(), endpoints(two_rows, {first_then_second, second_then_first}),
                            "a,b", {{"attempts-max", "1"}});
  EXPECT_EQ(explored(*laid), "0 of 8 fail, 6 wait, 40P01 (1213) in 4");
}

// A locking SELECT that waits takes no snapshot there: who waited counts what is true by then. PostgreSQL counts what was.
TEST(MariaDb, ALockThatIsWaitedForComesBeforeTheSnapshot) {
  const auto laid =
      lay_out(mariadb(), load_folder("on-call-doctors"), "lock-the-shift-in-a-snapshot", {});
  EXPECT_EQ(explored(*laid), "0 of 8 fail, 6 wait");
}

TEST(MariaDb, TwoDoctorsLeaveAtRepeatableRead) {
  const auto laid = lay_out(mariadb(), load_folder("on-call-doctors"), "count-then-leave",
                            {{"isolation", "repeatable-read"}});
  EXPECT_EQ(explored(*laid), "18 of 20 fail, 0 wait");
}

// An error undoes its statement and nothing else: what the transaction did before is committed.
TEST(MariaDb, AnErrorDoesNotFailTheTransaction) {
  const auto laid =
      lay_out(mariadb(), endpoints(constrained, {breaks_them_all}), "a", {{"clients", "1"}});
  EXPECT_EQ(ends(*laid), "A 200 k=1 n=1 c=1 f=1; t (1, 0, 1)(2, 0, 1)");
}

// A lock timeout undoes one statement; the transaction that catches it commits the rest.
TEST(MariaDb, ALockTimeoutUndoesOneStatement) {
  const auto laid =
      lay_out(mariadb(),
              endpoints(two_rows, {"begin;\nupdate t set n = n + 1 where id = 1;\n"
                                   "update t set n = n + 1 where id = 2;\ncommit;\n",
                                   "begin;\nupdate t set n = n + 10 where id = 2;\n"
                                   "-- catch: 55P03 as late\n"
                                   "update t set n = n + 10 where id = 1;\ncommit;\n"}),
              "a,b", {{"lock-timeout", "1s"}, {"attempts-max", "1"}});
  const ExplorationOn found = explore_on(laid->setup, *laid->server, {});
  std::set<std::string> contents;
  for (const ScriptOutcome& outcome : found.outcomes) {
    contents.insert(outcome.contents);
  }
  EXPECT_TRUE(contents.count("t (1, 1)(2, 11)") > 0);
  EXPECT_TRUE(found.refused.count("55P03 (1205)") > 0);
}

// Its AUTO_INCREMENT goes on counting; what is shown begins anew with every order.
TEST(MariaDb, NumbersAreShownAsIfTheyHadBeenSetBack) {
  const auto laid = lay_out(mariadb(),
                            endpoints("create table t (id serial primary key, n int not null);",
                                      {"insert into t (n) values (1) returning id as id \\gset\n"
                                       "update t set n = 2 where id = :id;\n"}),
                            "a", {{"clients", "2"}}, drivers::Numbers::as_the_store);
  const Agreement found = agree(laid->setup, *laid->server, {});
  EXPECT_EQ(found.compared, 6);
  EXPECT_EQ(found.agreed, 6);
}

// As in the store: its days are not counted twice.
TEST(MariaDb, ADayIsOneDay) {
  const auto laid =
      lay_out(mariadb(),
              endpoints("create table t (id int primary key, at timestamptz);\n"
                        "insert into t values (1, '2025-01-01 00:00:00+00');\n",
                        {"update t set at = at + interval '1 day 2 hours' where id = 1;\n"}),
              "a", {{"clients", "2"}});
  EXPECT_EQ(explored(*laid), "0 of 2 fail, 0 wait");
}

TEST(MariaDb, SaysInItsOwnWordsWhatItDoesNotKnow) {
  try {
    lay_out(mariadb(), load_folder("on-call-doctors"), "advisory-lock", {});
    FAIL();
  } catch (const drivers::NotInThisDatabase& problem) {
    EXPECT_EQ(std::string(problem.what()),
              "MariaDB does not know scenarios/on-call-doctors/advisory-lock.sql:6: "
              "FUNCTION racelab.pg_advisory_xact_lock does not exist (1305)");
  }
}

TEST(MariaDb, HasNoLockForNoKeyUpdate) {
  try {
    lay_out(mariadb(),
            endpoints(counter, {"select n from t where id = 1 for no key update \\gset\n"}), "a",
            {});
    FAIL();
  } catch (const drivers::NotInThisDatabase& problem) {
    EXPECT_EQ(std::string(problem.what()),
              "MariaDB does not know a.sql:1: You have an error in your SQL syntax near 'no key "
              "update' at line 1 (1064)");
  }
}

TEST(Dialect, WritesWhatHasAPlainEqual) {
  sql::Schema schema;
  schema.tables.emplace_back().name = "t";
  schema.tables.back().columns.resize(2);
  schema.tables.back().columns[0].name = "key";
  schema.tables.back().columns[1].name = "expires";
  const auto number = [](std::size_t i) { return "?" + std::to_string(i + 1); };
  const std::string text =
      "update t set expires = now() + interval '30 seconds' -- a lease\n"
      "where key = $2 and $1 / 2 > 0 and 'now()' <> 'key'";
  EXPECT_EQ(drivers::spelled(text, drivers::Dialect::sqlite, schema, number),
            "update \"t\" set \"expires\" = now() + 30000000  \n"
            "where \"key\" = ?2 and ?1 / 2 > 0 and 'now()' <> 'key'");
  EXPECT_EQ(drivers::spelled(text, drivers::Dialect::mariadb, schema, number),
            "update \"t\" set \"expires\" = @racelab_now + 30000000  \n"
            "where \"key\" = ?2 and ?1  div  2 > 0 and 'now()' <> 'key'");
  EXPECT_EQ(drivers::spelled("select 1 from t for share nowait", drivers::Dialect::mariadb, schema,
                             number),
            "select 1 from \"t\" lock in share mode nowait");
  EXPECT_EQ(drivers::spelled("select 1 from t for no key update", drivers::Dialect::mariadb, schema,
                             number),
            "select 1 from \"t\" for no key update");
}

// Thread 5 holds record 2 of a page; 6 and 7 want it. Thread 8 holds the gap before it, which is in nobody's way but an INSERT's.
TEST(InnoDbLocks, AreReadFromTheStatus) {
  const std::string page =
      "RECORD LOCKS space id 5 page no 3 n bits 320 index PRIMARY of table `r`.`t`";
  const std::string record = "Record lock, heap no 2 PHYSICAL RECORD: n_fields 4; compact format\n";
  const auto waiter = [&](const char* thread, const char* trx, const char* mode) {
    return "---TRANSACTION " + std::string(trx) + ", ACTIVE 1 sec starting index read\n" +
           "LOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)\nMariaDB thread id " +
           thread + ", OS thread handle 1, query id 16 localhost root Updating\n" + page +
           " trx id " + trx + " lock_mode X " + mode + " waiting\n" + record;
  };
  const auto holder = [&](const char* thread, const char* trx, const char* mode) {
    return "---TRANSACTION " + std::string(trx) + ", ACTIVE 1 sec\nMariaDB thread id " + thread +
           ", OS thread handle 1, query id 14 localhost root\n" + page + " trx id " + trx +
           " lock_mode X " + mode + "\n" + record;
  };
  using Waits = std::map<unsigned long, std::vector<unsigned long>>;
  const std::string begin = "LIST OF TRANSACTIONS FOR EACH SESSION:\n";
  EXPECT_EQ(drivers::innodb_waits(begin + waiter("7", "25", "locks rec but not gap") +
                                  waiter("6", "24", "locks rec but not gap") +
                                  holder("5", "23", "locks rec but not gap") +
                                  holder("8", "22", "locks gap before rec") + "FILE I/O\n"),
            (Waits{{6, {5}}, {7, {5}}}));
  EXPECT_EQ(
      drivers::innodb_waits(begin + waiter("6", "24", "locks gap before rec insert intention") +
                            holder("5", "23", "locks rec but not gap") +
                            holder("8", "22", "locks gap before rec") + "FILE I/O\n"),
      (Waits{{6, {8}}}));
  EXPECT_EQ(drivers::innodb_waits("no transactions"), Waits{});
}

}  // namespace
}  // namespace racelab::mariadb_test
