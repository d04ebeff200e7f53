// What SQLite 3.40 does in every order: who is refused, and by which of its two kinds of BUSY. The counts of read-then-write were
// counted with another driver as well, Python's sqlite3.
#include <gtest/gtest.h>

#include "sim/cli/script_scenario.h"
#include "sim/drivers/driver_error.h"
#include "sim/explore/agreement.h"
#include "sim/report/databases_report.h"
#include "tests/drivers/on_database.h"

namespace racelab::sqlite_test {
namespace {

using namespace on_database;

std::string read_then_write_on(const char* on) {
  const auto host = drivers::start_host(on);
  const auto laid = lay_out(*host, endpoints(counter, {read_then_write}), "a",
                            {{"clients", "2"}, {"attempts-max", "1"}});
  return explored(*laid);
}

// A reads, B reads; whoever writes first may go on to its COMMIT. The other is told BUSY while that transaction is open, and
// BUSY_SNAPSHOT once it is committed: what it has read is old then. 2 orders have nobody in between; of the other 12 half end in each
// way.
TEST(Sqlite, AWriterWhoseSnapshotIsOldIsRefused) {
  EXPECT_EQ(read_then_write_on("sqlite"),
            "0 of 14 fail, 0 wait, 40001 (BUSY_SNAPSHOT) in 6, 55P03 (BUSY) in 6");
}

// With a rollback journal a reader keeps the other's COMMIT out as well.
TEST(Sqlite, WithARollbackJournalEveryRefusalIsBusy) {
  EXPECT_EQ(read_then_write_on("sqlite:journal"), "0 of 14 fail, 0 wait, 55P03 (BUSY) in 12");
}

// A busy_timeout changes nothing in WAL for a transaction that has read: waiting could not help it.
TEST(Sqlite, ABusyTimeoutDoesNotHelpWhoHasReadAlready) {
  EXPECT_EQ(read_then_write_on("sqlite:wait"),
            "0 of 14 fail, 0 wait, 40001 (BUSY_SNAPSHOT) in 6, 55P03 (BUSY) in 6");
}

// BEGIN IMMEDIATE takes the lock before the read: 3 places of B's BEGIN before A's COMMIT… of 6 orders 4 meet.
TEST(Sqlite, BeginImmediateIsRefusedAtTheBeginOrWaitsThere) {
  EXPECT_EQ(read_then_write_on("sqlite:immediate"), "0 of 6 fail, 0 wait, 55P03 (BUSY) in 4");
  EXPECT_EQ(read_then_write_on("sqlite:immediate,wait"), "0 of 6 fail, 4 wait");
}

// Without a transaction nothing is refused, and the update is lost: R_A R_B W_A W_B and the like, 4 of 6.
TEST(Sqlite, AnUpdateIsLostAtAutocommit) {
  const auto host = drivers::start_host("sqlite");
  const auto laid = lay_out(*host,
                            endpoints(counter, {"select n from t where id = 1 \\gset\n"
                                                "update t set n = :n + 1 where id = 1;\n"}),
                            "a", {{"clients", "2"}});
  EXPECT_EQ(explored(*laid), "4 of 6 fail, 0 wait");
}

// Two rows in two orders: there is one lock for all of them, and so no deadlock.
TEST(Sqlite, OneLockForAllRowsCannotDeadlock) {
  for (const auto& [on, found] : {std::pair("sqlite", "0 of 6 fail, 0 wait, 55P03 (BUSY) in 4"),
                                  std::pair("sqlite:wait", "0 of 6 fail, 4 wait")}) {
    const auto host = drivers::start_host(on);
    const auto laid = lay_out(*host, endpoints(two_rows, {first_then_second, second_then_first}),
                              "a,b", {{"attempts-max", "1"}});
    EXPECT_EQ(explored(*laid), found) << on;
  }
}

// Write skew cannot be: a transaction that has read cannot write once another has.
TEST(Sqlite, OneDoctorStaysOnCall) {
  const auto host = drivers::start_host("sqlite");
  const auto laid =
      lay_out(*host, load_folder("on-call-doctors"), "count-then-leave", {{"attempts-max", "1"}});
  EXPECT_EQ(explored(*laid), "0 of 14 fail, 0 wait, 40001 (BUSY_SNAPSHOT) in 6, 55P03 (BUSY) in 6");
}

// An error undoes its statement and nothing else: what the transaction did before is committed.
TEST(Sqlite, AnErrorDoesNotFailTheTransaction) {
  const auto host = drivers::start_host("sqlite");
  const auto laid =
      lay_out(*host, endpoints(constrained, {breaks_them_all}), "a", {{"clients", "1"}});
  EXPECT_EQ(ends(*laid), "A 200 k=1 n=1 c=1 f=1; t (1, 0, 1)(2, 0, 1)");
}

// The first disagreement with PostgreSQL's rules at READ COMMITTED: a stale write goes through there, and is refused here.
TEST(Sqlite, DiffersFromPostgreSqlWhereTheSnapshotIsOld) {
  const auto host = drivers::start_host("sqlite");
  const auto laid =
      lay_out(*host, endpoints(counter, {read_then_write}), "a",
              {{"clients", "2"}, {"isolation", "read-committed"}}, drivers::Numbers::as_the_store);
  const Agreement found = agree(laid->setup, *laid->server, {});
  ASSERT_TRUE(found.difference);
  EXPECT_EQ(found.difference->lines.back().store, "1 row");
  EXPECT_EQ(found.difference->lines.back().server,
            "ERROR 40001 (BUSY_SNAPSHOT): database is locked");
  EXPECT_EQ(found.agreed, 2);  // AAABBB, BBBAAA
}

// As in the store: its days are not counted twice.
TEST(Sqlite, ADayIsOneDay) {
  const auto host = drivers::start_host("sqlite");
  const auto laid =
      lay_out(*host,
              endpoints("create table t (id int primary key, at timestamptz);\n"
                        "insert into t values (1, '2025-01-01 00:00:00+00');\n",
                        {"update t set at = at + interval '1 day 2 hours' where id = 1;\n"}),
              "a", {{"clients", "2"}});
  EXPECT_EQ(explored(*laid), "0 of 2 fail, 0 wait");
}

// now() is racelab's: a lease of 30 seconds has ended once a minute has passed.
TEST(Sqlite, TimePasses) {
  const auto host = drivers::start_host("sqlite");
  const auto laid = lay_out(
      *host,
      endpoints("create table lease (id int primary key, holder int, expires timestamptz);"
                "insert into lease values (1, null, null);",
                {"update lease set holder = :client_id, expires = now() + interval '30 seconds'\n"
                 "  where id = 1 and (holder is null or expires < now());\n"}),
      "a", {{"clients", "2"}, {"time-passes.max", "1"}});
  const ExplorationOn found = explore_on(laid->setup, *laid->server, {});
  std::set<std::string> contents;
  for (const ScriptOutcome& outcome : found.outcomes) {
    contents.insert(outcome.contents);
  }
  EXPECT_TRUE(contents.count("lease (1, 0, 2025-01-01 00:00:30+00)") > 0);
  EXPECT_TRUE(contents.count("lease (1, 1, 2025-01-01 00:01:30+00)") > 0);
}

// Two databases and the store in one table; the words come first that say where they differ.
TEST(Databases, AreOneTable) {
  DatabasesReport report;
  report.scenario = "shop";
  report.isolation = "read-committed";
  report.seconds = 0.25;
  const auto add = [&report](const char* strategy, const char* database, unsigned violating) {
    DatabaseCell& cell = report.cells.emplace_back();
    cell.strategy = strategy;
    cell.database = database;
    cell.command = std::string("racelab explore shop --strategy ") + strategy;
    cell.found.odds.orders = 14;
    cell.found.odds.orders_violating = violating;
    cell.found.verdict = violating > 0 ? Verdict::violated : Verdict::holds;
    return &cell;
  };
  add("read-then-write", "the store", 12)->found.waiting = 6;
  add("read-then-write", "SQLite 3.40.1", 0)->found.refused = {{"40001 (BUSY_SNAPSHOT)", 6},
                                                               {"55P03 (BUSY)", 6}};
  add("lock", "the store", 0);
  add("lock", "SQLite 3.40.1", 0)->not_there = "SQLite does not know lock.sql:2: no";
  EXPECT_EQ(page_text(databases_page(report), {}),
            R"(DIFFER  read-then-write holds on SQLite 3.40.1, and fails on the store in 12 of
        14 orders

read-then-write           verdict  orders that fail  somebody waits
  the store               violated         12 of 14            in 6
  SQLite 3.40.1           holds             0 of 14           never
    refused: 40001 (BUSY_SNAPSHOT) in 6, 55P03 (BUSY) in 6

lock                      verdict  orders that fail  somebody waits
  the store               holds             0 of 14           never
  SQLite 3.40.1           n/a

n/a     SQLite does not know lock.sql:2: no
least   racelab explore shop --strategy read-then-write
covered shop, every order on each; isolation read-committed; 0.2 s
)");
  EXPECT_EQ(verdict_of(report), Verdict::violated);
  report.cells.erase(report.cells.begin(), report.cells.begin() + 3);
  EXPECT_EQ(verdict_of(report), Verdict::gave_up);  // nothing ran
}

TEST(Sqlite, SaysInItsOwnWordsWhatItDoesNotKnow) {
  const auto host = drivers::start_host("sqlite");
  try {
    lay_out(*host, load_folder("on-call-doctors"), "lock-the-shift", {});
    FAIL();
  } catch (const drivers::NotInThisDatabase& problem) {
    EXPECT_EQ(std::string(problem.what()),
              "SQLite does not know scenarios/on-call-doctors/lock-the-shift.sql:5: "
              "near \"for\": syntax error");
  }
}

}  // namespace
}  // namespace racelab::sqlite_test
