// The store against a real PostgreSQL, statement by statement, and what must be seen when they differ.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/script_scenario.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"
#include "sim/explore/agreement.h"
#include "sim/explore/explore_on.h"
#include "sim/parse/scenario_folder.h"

namespace racelab::postgresql_test {
namespace {

using Flags = std::vector<std::pair<std::string, std::string>>;

#ifdef RACELAB_FEWER_ROUNDS
constexpr std::uint64_t orders_of_a_cell = 4;
const std::vector<const char*> levels{"read-committed"};
#else
constexpr std::uint64_t orders_of_a_cell = 12;
const std::vector<const char*> levels{"autocommit", "read-committed", "repeatable-read",
                                      "serializable"};
#endif

// One server for all tests.
drivers::Host& postgresql() {
  static const std::unique_ptr<drivers::Host> host = drivers::start_host("postgresql");
  return *host;
}

struct Laid {
  parse::ScriptScenario scenario;
  ScriptSetup setup;
  std::unique_ptr<RealServer> server;
};

std::unique_ptr<Laid> lay_out(const parse::FolderTexts& texts, const std::string& strategy,
                              const Flags& flags,
                              drivers::Numbers numbers = drivers::Numbers::as_the_store,
                              const std::string& setup_there = "") {
  auto made = std::make_unique<Laid>();
  made->scenario = parse::compile(texts, flags);
  made->setup = parse::setup_of(made->scenario, strategy);
  made->server = postgresql().server_for(
      made->setup, setup_there.empty() ? texts.setup.text : setup_there, numbers);
  return made;
}

parse::FolderTexts one_endpoint(const std::string& setup, const std::string& endpoint) {
  parse::FolderTexts texts;
  texts.name = "test";
  texts.setup = {"setup.sql", setup};
  texts.endpoints.emplace_back("e", parse::Source{"e.sql", endpoint});
  return texts;
}

constexpr const char* counter =
    "create table t (id int primary key, n int not null); insert into t values (1, 0);";
constexpr const char* read_modify_write =
    "select n from t where id = 1 \\gset\n"
    "update t set n = :n + 1 where id = 1;\n";

std::string told(const Agreement& found) {
  std::string text = std::to_string(found.agreed) + " of " + std::to_string(found.compared);
  if (found.difference) {
    text += "\norder " + found.difference->word;
    for (std::size_t i = 0; i < found.difference->lines.size(); ++i) {
      const Lockstep::Line& line = found.difference->lines[i];
      text += '\n' + found.difference->who[i] + ' ' + line.asked + "\n  store:  " + line.store +
              "\n  server: " + line.server;
    }
  }
  return text;
}

// Every scenario, every way to write it, every level: what two clients do in the orders that are drawn.
TEST(PostgreSqlAgrees, InEveryScenario) {
  std::uint64_t compared = 0;
  std::uint64_t not_taken = 0;
  for (const ListedScenario& listed : listed_script_scenarios()) {
    const parse::FolderTexts texts = load_folder(listed.name);
    for (const char* level : levels) {
      const parse::ScriptScenario scenario = parse::compile(texts, {{"isolation", level}});
      for (const std::string& strategy : scenario.strategies) {
        const bool serializable = any_serializable(parse::setup_of(scenario, strategy));
        const auto laid =
            lay_out(texts, strategy, {{"isolation", level}},
                    serializable ? drivers::Numbers::in_millions : drivers::Numbers::as_the_store);
        if (!problem_with_exploring(laid->setup).empty()) {
          continue;
        }
        AgreeOptions options;
        options.orders_max = orders_of_a_cell;
        options.limits.states = 400'000;
        const Agreement found = agree(laid->setup, *laid->server, options);
        EXPECT_EQ(found.disagreed(), 0)
            << listed.name << ' ' << strategy << ' ' << level << ": " << told(found);
        compared += found.compared;
        not_taken += found.not_taken;
      }
    }
  }
  EXPECT_GT(compared, 25 * levels.size() * orders_of_a_cell);
  EXPECT_LT(not_taken * 50, compared) << not_taken << " of " << compared;
}

// Three clients on a row that changes: who goes on is the server's to choose, and every choice is one that exploration lists.
TEST(PostgreSqlAgrees, WithThreeClientsAtOneRow) {
  for (const char* level : {"autocommit", "read-committed", "repeatable-read"}) {
    const auto laid = lay_out(one_endpoint(counter, read_modify_write), "e",
                              {{"clients", "3"}, {"isolation", level}});
    AgreeOptions options;
    options.orders_max = 3 * orders_of_a_cell;
    const Agreement found = agree(laid->setup, *laid->server, options);
    EXPECT_EQ(found.disagreed(), 0) << told(found);
    EXPECT_GT(found.agreed, 0U);
  }
}

TEST(PostgreSqlAgrees, WithFaults) {
  const auto laid = lay_out(one_endpoint(counter, read_modify_write), "e",
                            {{"isolation", "read-committed"},
                             {"lose-session.max", "1"},
                             {"crash.max", "1"},
                             {"faults-max", "1"}});
  AgreeOptions options;
  options.orders_max = 3 * orders_of_a_cell;
  const Agreement found = agree(laid->setup, *laid->server, options);
  EXPECT_EQ(found.disagreed(), 0) << told(found);
  EXPECT_EQ(found.not_taken, 0U);
}

// The other direction: where the server's tables are others than the store's, it is seen, and where.
TEST(PostgreSqlDiffers, WhereTheServerHoldsOtherRows) {
  const auto laid =
      lay_out(one_endpoint(counter, read_modify_write), "e", {{"isolation", "read-committed"}},
              drivers::Numbers::as_the_store,
              "create table t (id int primary key, n int not null); insert into t values (1, 5);");
  const Agreement found = agree(laid->setup, *laid->server, {});
  // A reads first: 0 in the store, 5 on the server. Two clients with SELECT, UPDATE, COMMIT: 20 orders; not those in which one commits
  // while its UPDATE waits for the other's COMMIT: 3 places for its SELECT, for either client. 20 - 6 = 14.
  EXPECT_EQ(found.compared, 14U);
  EXPECT_EQ(found.disagreed(), 14U);
  ASSERT_TRUE(found.difference);
  ASSERT_EQ(found.difference->lines.size(), 2U);  // BEGIN, SELECT
  EXPECT_EQ(found.difference->lines.back().asked, "select n from t where id = 1");
  EXPECT_EQ(found.difference->lines.back().store, "0 (0)");
  EXPECT_EQ(found.difference->lines.back().server, "5 (5)");
}

TEST(PostgreSqlDiffers, WhereTheServerChecksMore) {
  const auto laid = lay_out(one_endpoint(counter, read_modify_write), "e",
                            {{"isolation", "read-committed"}}, drivers::Numbers::as_the_store,
                            "create table t (id int primary key, n int not null check (n < 2));"
                            "insert into t values (1, 0);");
  // Only where one reads what the other has committed is 2 written: first A alone, then B alone, and the same the other way round.
  const Agreement found = agree(laid->setup, *laid->server, {});
  EXPECT_EQ(found.compared, 14U);
  EXPECT_EQ(found.disagreed(), 2U);
}

// Waiting, where the store does not wait.
TEST(PostgreSqlDiffers, WhereTheServerLocksMore) {
  const auto laid =
      lay_out(one_endpoint("create table t (id int primary key, n int not null);"
                           "insert into t values (1, 0), (2, 0);",
                           "update t set n = n + 1 where id = 1 + :client_id;\n"),
              "e", {{"isolation", "read-committed"}}, drivers::Numbers::as_the_store,
              "create table t (id int primary key, n int not null);"
              "insert into t values (1, 0), (2, 0);"
              "create table one (id int primary key, n int); insert into one values (1, 0);"
              "create function lock_one() returns trigger language plpgsql as "
              "$$begin update one set n = n + 1; return new; end$$;"
              "create trigger locks before update on t for each row execute function lock_one();");
  const Agreement found = agree(laid->setup, *laid->server, {});
  ASSERT_TRUE(found.difference);
  EXPECT_EQ(found.difference->lines.back().store, "1 row");
  EXPECT_EQ(found.difference->lines.back().server, "waits for A");
}

// Both wait, and not for the same: A and C change t, B changes u. On the server B locks a row of its own besides, and whoever finds
// somebody at work on t wants that one first.
TEST(PostgreSqlDiffers, WhereTheServerWaitsForSomebodyElse) {
  const std::string tables =
      "create table t (n int not null); insert into t values (0);"
      "create table u (n int not null); insert into u values (0);";
  const auto laid = lay_out(
      one_endpoint(tables,
                   "\\if :client_id = 1\nupdate u set n = n + 1;\n"
                   "\\else\nupdate t set n = n + 1;\n\\endif\n"),
      "e", {{"isolation", "read-committed"}, {"clients", "3"}}, drivers::Numbers::as_the_store,
      tables +
          "create table one (n int); insert into one values (0);"
          "create function takes() returns trigger language plpgsql as "
          "$$begin perform 1 from one for update skip locked; return null; end$$;"
          "create function wants() returns trigger language plpgsql as "
          "$$begin perform 1 from pg_locks where relation = 't'::regclass and "
          "mode = 'RowExclusiveLock' and pid <> pg_backend_pid(); "
          "if found then perform 1 from one for update; end if; return null; end$$;"
          "create trigger takes before update on u for each statement execute function takes();"
          "create trigger wants before update on t for each statement execute function wants();");
  const Agreement found = agree(laid->setup, *laid->server, {});
  ASSERT_TRUE(found.difference);
  EXPECT_EQ(found.difference->lines.back().store, "waits for A");
  EXPECT_EQ(found.difference->lines.back().server, "waits for B");
}

std::string counts_of(const ScriptExploration& all) {
  return all.odds.orders_violating.str() + " of " + all.odds.orders.str() + " violate, in " +
         all.orders_failing.str() + " somebody fails";
}

// Explored on the server itself, without the store: the same counts.
TEST(PostgreSqlExplored, CountsWhatTheStoreCounts) {
  struct Case {
    const char* scenario;
    const char* strategy;
    Flags flags;
  };
  const std::vector<Case> cases{
      {"oversold-stock", "read-then-write", {}},
      {"oversold-stock", "guarded-update", {}},
      {"on-call-doctors", "lock-the-shift", {{"isolation", "repeatable-read"}}},
      {"unique-username", "insert-and-answer", {{"lose-reply.max", "1"}}},
      {"get-or-create", "select-then-insert", {}},
      {"job-queue", "take-skip-locked", {}},
  };
  for (const Case& it : cases) {
    const parse::FolderTexts texts = load_folder(it.scenario);
    const parse::ScriptScenario scenario = parse::compile(texts, it.flags);
    const std::string strategy = std::find(scenario.strategies.begin(), scenario.strategies.end(),
                                           it.strategy) == scenario.strategies.end()
                                     ? scenario.strategies.front()
                                     : it.strategy;
    const auto laid = lay_out(texts, strategy, it.flags, drivers::Numbers::in_millions);
    const ScriptExploration there = explore_on(laid->setup, *laid->server, {});
    const ScriptExploration here = explore(laid->setup, {});
    EXPECT_EQ(counts_of(there), counts_of(here)) << it.scenario << ' ' << strategy;
    EXPECT_NEAR(there.odds.scheduler_low, here.odds.scheduler_low, 1e-9) << it.scenario;
    EXPECT_EQ(there.outcomes.size() > 0, here.outcomes.size() > 0);
  }
}

TEST(PostgreSqlExplored, ShowsTheSmallestCounterexampleAsTheServerTookIt) {
  const auto laid = lay_out(one_endpoint(counter, read_modify_write), "e",
                            {{"isolation", "read-committed"}}, drivers::Numbers::in_millions);
  const ScriptExploration there = explore_on(laid->setup, *laid->server, {});
  ASSERT_TRUE(there.counterexample);
  // A reads 0, B reads 0, writes 1 and commits, A writes 1 over it: both were told 200, and n is 1.
  EXPECT_EQ(there.counterexample->word(), "ABBBAA");
  EXPECT_EQ(there.counterexample->outcome.contents, "t (1, 1)");
}

TEST(PostgreSqlExplored, StopsWhenItIsAskedTo) {
  const auto laid = lay_out(one_endpoint(counter, read_modify_write), "e",
                            {{"isolation", "read-committed"}}, drivers::Numbers::in_millions);
  ExploreOnOptions options;
  options.orders_max = 3;
  const ScriptExploration three = explore_on(laid->setup, *laid->server, options);
  EXPECT_EQ(three.odds.orders.str(), "3");
  EXPECT_EQ(three.stopped, OrderGraph::Stopped::executions);
  EXPECT_FALSE(three.complete());
  options.go_on = [](std::uint64_t done) { return done < 2; };
  const ScriptExploration two = explore_on(laid->setup, *laid->server, options);
  EXPECT_EQ(two.odds.orders.str(), "2");
  EXPECT_EQ(two.stopped, OrderGraph::Stopped::asked);
}

// racelab's clock is the server's: a lease of 30 seconds runs out when a minute passes.
TEST(PostgreSqlExplored, TimePassesThere) {
  const parse::FolderTexts texts = one_endpoint(
      "create table lease (id int primary key, until timestamptz not null, owner int);"
      "insert into lease values (1, '2000-01-01 00:00:00+00', null);",
      "update lease set owner = :client_id, until = now() + interval '30 seconds'\n"
      "  where id = 1 and until < clock_timestamp() returning id as got \\aset\n"
      "\\if :got is null\n\\set status 423\n\\endif\n");
  const Flags flags{
      {"isolation", "read-committed"}, {"time-passes.max", "1"}, {"param.got", "null"}};
  const auto laid = lay_out(texts, "e", flags, drivers::Numbers::in_millions);
  const ScriptExploration there = explore_on(laid->setup, *laid->server, {});
  const ScriptExploration here = explore(laid->setup, {});
  EXPECT_EQ(counts_of(there), counts_of(here));
  EXPECT_EQ(there.outcomes.size(), here.outcomes.size());
  EXPECT_GT(there.outcomes.size(), 2U);
}

TEST(PostgreSqlHost, SaysWhatItTakes) {
  try {
    (void)drivers::start_host("oracle");
    FAIL();
  } catch (const drivers::DriverError& error) {
    EXPECT_EQ(std::string(error.what()),
              "--on is postgresql, mariadb, sqlite, postgresql://USER@HOST/DATABASE or "
              "exec:COMMAND, not 'oracle'");
  }
}

}  // namespace
}  // namespace racelab::postgresql_test
