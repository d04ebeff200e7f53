// Endpoints in SQL: what joins two clients into one part, and parts explored apart against the same world explored as one.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "sim/explore/script_explore.h"
#include "sim/parse/scenario_folder.h"
#include "tests/explore/random_programs.h"

namespace racelab::lab::script_parts_test {
namespace {

using Endpoints = std::vector<std::pair<std::string, std::string>>;

ScriptSetup setup_of(const std::string& tables, const Endpoints& endpoints,
                     const std::string& fleet, const Lines& settings,
                     const std::string& check = "") {
  parse::FolderTexts texts;
  texts.name = "test";
  texts.setup = {"setup.sql", tables};
  if (!check.empty()) {
    texts.check = {"check.sql", check};
  }
  for (const auto& [name, text] : endpoints) {
    texts.endpoints.emplace_back(name, parse::Source{name + ".sql", text});
  }
  return parse::setup_of(parse::compile(texts, settings), fleet);
}

ScriptExploration found(const ScriptSetup& setup, bool apart, bool examples) {
  ExploreOptions options;
  options.apart = apart;
  options.examples = examples;
  options.limits.states = 20'000;
  return explore(setup, options);
}

constexpr const char* tables =
    "create table account (id int primary key, n int not null);"
    "create table post (id int primary key, account int references account (id), n int not null);"
    "create table visit (id serial primary key, n int not null);"
    "create table plain (a int, n int not null);"
    "insert into account values (1, 0), (2, 0), (3, 0);"
    "insert into post values (1, 1, 0), (2, 2, 0), (3, 3, 0);"
    "insert into plain values (1, 0), (2, 0);";

std::size_t parts_of(const std::string& a, const std::string& b, const Lines& more = {},
                     const std::string& check = "") {
  Lines settings{{"clients", "2"}};
  settings.insert(settings.end(), more.begin(), more.end());
  return found(setup_of(tables, {{"a", a}, {"b", b}}, "a,b", settings, check), true, false).parts;
}

const std::string first = "update account set n = n + 1 where id = 1;";
const std::string second = "update account set n = n + 1 where id = 2;";

TEST(ScriptParts, two_that_cannot_meet_are_two) {
  EXPECT_EQ(parts_of(first, second), 2U);
  EXPECT_EQ(parts_of(first, "update post set n = 1 where id = 2;"), 2U);
  EXPECT_EQ(parts_of("select n from account where id = 1 \\gset", "select n from account \\gset"),
            2U)
      << "who only reads meets nobody";
  EXPECT_EQ(parts_of("insert into account values (4, 0);", "insert into account values (5, 0);"),
            2U);
  EXPECT_EQ(parts_of("select pg_advisory_xact_lock(1);", "select pg_advisory_xact_lock(2);"), 2U);
}

TEST(ScriptParts, two_that_can_meet_are_one) {
  EXPECT_EQ(parts_of(first, first), 1U) << "a row";
  EXPECT_EQ(parts_of(first, "select n from account where id = 1 \\gset"), 1U) << "read and written";
  EXPECT_EQ(parts_of(first, "select sum(n) as n from account \\gset"), 1U) << "a predicate";
  EXPECT_EQ(parts_of(first, "update account set n = 5 where n > 7;"), 2U)
      << "one that no row meets";
  EXPECT_EQ(parts_of(first, "update account set n = 5 where n = 1;"), 1U)
      << "one that a row meets once it is written";
  EXPECT_EQ(parts_of("select n from account where id = 1 for update \\gset",
                     "select n from account where id = 1 for update \\gset"),
            1U)
      << "a lock";
  EXPECT_EQ(parts_of("insert into account values (4, 0);", "insert into account values (4, 0);"),
            1U)
      << "a unique key";
  EXPECT_EQ(parts_of("insert into account values (4, 0) on conflict do nothing;",
                     "delete from account where id = 4;"),
            1U)
      << "a key that is looked for";
  EXPECT_EQ(parts_of("insert into post values (4, 3, 0);", "delete from account where id = 3;"), 1U)
      << "a parent that one refers to and the other deletes";
  EXPECT_EQ(parts_of("insert into post values (4, 3, 0);", "insert into post values (5, 3, 0);"),
            1U)
      << "a parent that both refer to";
  EXPECT_EQ(parts_of("insert into post values (4, 9, 0);", "insert into account values (9, 0);"),
            1U)
      << "a parent that is not there yet";
  EXPECT_EQ(parts_of("insert into visit (n) values (1) returning id as n \\gset",
                     "insert into visit (n) values (2);"),
            1U)
      << "a generator whose numbers are read";
  EXPECT_EQ(parts_of("insert into visit (n) values (1);",
                     "update visit set n = 3 where n = 2 and id > 0;"),
            2U)
      << "only one draws";
  EXPECT_EQ(parts_of("select pg_advisory_xact_lock(1);", "select pg_try_advisory_xact_lock(1);"),
            1U)
      << "an advisory key";
  EXPECT_EQ(parts_of("update plain set n = 1 where a = 1;", "update plain set n = 1 where a = 2;"),
            2U);
  EXPECT_EQ(parts_of(first, second, {}, "-- All are counted.\nselect sum(n) = 2 from account;"), 1U)
      << "a check over both";
  EXPECT_EQ(parts_of(first, "update post set n = 1 where id = 2;", {},
                     "-- All are counted.\nselect sum(n) = 1 from account;"),
            2U)
      << "a check over one";
  EXPECT_EQ(
      parts_of(first, second, {}, "-- Both are told.\nselect count(*) = 2 from racelab.answer;"),
      1U)
      << "a check over what is answered";
  EXPECT_EQ(parts_of(first, second, {{"time-passes.max", "1"}}), 1U) << "the clock";
}

// Each draws 1 where it is alone. As a whole somebody draws 2, and who does is nobody's business.
TEST(ScriptParts, numbers_that_nobody_reads_are_drawn_one_after_another) {
  const Endpoints endpoints{{"a", "insert into visit (n) values (7);"},
                            {"b", "insert into visit (n) values (8);"}};
  const ScriptExploration all =
      found(setup_of(tables, endpoints, "a,b", {{"clients", "2"}}), true, false);
  EXPECT_EQ(all.parts, 2U);
  EXPECT_EQ(all.odds.orders, 2);
  EXPECT_EQ(all.verdict, Verdict::holds);
  ASSERT_EQ(all.outcomes.size(), 1U);
  EXPECT_EQ(all.outcomes[0].contents, "visit (1, 7)(2, 8)");
}

// The check is about what B does, and fails there only: that A's part does not see B's row is no violation of its own.
TEST(ScriptParts, a_check_is_looked_at_where_it_belongs) {
  const Endpoints endpoints{{"a", first}, {"b", "update post set n = 1 where id = 2;"}};
  const std::string check = "-- B has been there.\nselect n = 1 from post where id = 2;";
  const ScriptExploration all =
      found(setup_of(tables, endpoints, "a,b", {{"clients", "2"}}, check), true, true);
  EXPECT_EQ(all.parts, 2U);
  EXPECT_EQ(all.verdict, Verdict::holds);
  EXPECT_EQ(all.odds.orders, 2);
  ASSERT_EQ(all.outcomes.size(), 1U);
  EXPECT_EQ(all.outcomes[0].ending->checks, std::vector<std::string>{""});
  EXPECT_EQ(all.outcomes[0].contents,
            "account (1, 1)(2, 0)(3, 0); post (1, 1, 0)(2, 2, 1)(3, 3, 0)");
  EXPECT_EQ(all.outcomes[0].told, "A 200, B 200");
}

// Eight clients, of which A and E read and write one row: 6 orders of 4 steps, 4 of which lose an update. Six more do one statement
// each: 10! / 4! = 151,200 ways to put them in between.
TEST(ScriptParts, eight_clients_of_which_two_meet) {
  const std::string race =
      "select n from account where id = 1 \\gset\nupdate account set n = :n + 1 where id = 1;";
  const std::string fleet = "race,b,c,d,race,f,g,h";
  const Endpoints endpoints{{"race", race},
                            {"b", second},
                            {"c", "update account set n = n + 1 where id = 3;"},
                            {"d", "update post set n = n + 1 where id = 1;"},
                            {"f", "update post set n = n + 1 where id = 2;"},
                            {"g", "update plain set n = n + 1 where a = 1;"},
                            {"h", "insert into visit (n) values (1);"}};
  const ScriptExploration all =
      found(setup_of(tables, endpoints, fleet, {{"clients", "8"}}), true, true);
  EXPECT_EQ(all.parts, 7U);
  EXPECT_EQ(all.odds.orders.str(), "907200");
  EXPECT_EQ(all.odds.orders_violating.str(), "604800");
  EXPECT_EQ(all.odds.scheduler_low, 0.5);
  ASSERT_TRUE(all.counterexample.has_value());
  EXPECT_EQ(all.counterexample->word(), "AEEA");
  EXPECT_EQ(all.counterexample->issued, (std::vector<std::uint32_t>{1, 0, 0, 0, 1, 0, 0, 0}));
}

// A random statement that has to do with row `own`, mostly.
std::string random_statement(Dice& dice, std::uint32_t own, bool seen) {
  const std::string row = std::to_string(dice.chance(88) ? own : 1 + dice.roll(3));
  const std::string fresh = std::to_string(10 + own + (dice.chance(10) ? dice.roll(2) : 0));
  switch (dice.roll(14)) {
    case 0:
    case 1:
      return "select n from account where id = " + row + " \\gset\n";
    case 2:
      return "select n from post where id = " + row + " for update \\gset\n";
    case 3:
    case 4:
      return seen ? "update account set n = :n + 1 where id = " + row + ";\n"
                  : "update account set n = n + 1 where id = " + row + ";\n";
    case 5:
      return seen ? "update post set n = :n + 1 where account = " + row + ";\n"
                  : "update post set n = n + 1 where id = " + row + ";\n";
    case 6:
      return "insert into account values (" + fresh + ", 1) on conflict do nothing;\n";
    case 7:
      return "insert into account values (" + fresh + ", 1);\n";
    case 8:
      return "insert into post values (" + fresh + ", " + row + ", 0);\n";
    case 9:
      return "delete from post where id = " + row + ";\n";
    case 10:
      return dice.chance(70) ? "update plain set n = n + 1 where a = " + row + ";\n"
                             : "select sum(n) as n from plain \\gset\n";
    case 11:
      return dice.chance(80) ? "select pg_advisory_xact_lock(" + row + ");\n"
                             : "update account set n = n + 1 where n > 3;\n";
    case 12:
      return dice.chance(50) ? "insert into visit (n) values (1) returning id as n \\gset\n"
                             : "delete from account where id = " + row + ";\n";
    default:
      return "select n from account where id = " + row + " for update skip locked \\aset\n";
  }
}

std::string random_endpoint(Dice& dice, std::uint32_t own) {
  std::string text = "-- retry: 40001, 40P01\n-- reply: n\n\\set n 0\n";
  const bool transaction = dice.chance(40);
  text += transaction ? "begin;\n" : "";
  const std::uint32_t statements = 1 + dice.roll(3);
  for (std::uint32_t i = 0; i < statements; ++i) {
    text += random_statement(dice, own, i > 0);
  }
  return text + (transaction ? "commit;\n" : "");
}

// What people see of the outcomes, with their orders.
std::string to_text(const ScriptExploration& all) {
  std::map<std::string, OrderCount> endings;
  for (std::size_t i = 0; i < all.outcomes.size(); ++i) {
    const ScriptEnding& it = *all.outcomes[i].ending;
    std::string text = all.outcomes[i].told + "; " + all.outcomes[i].contents +
                       (it.right          ? "; right"
                        : it.answers_only ? "; answers only"
                                          : "; wrong");
    for (const std::string& check : it.checks) {
      text += "; " + check;
    }
    endings[text + (it.stuck > 0 ? "; stuck " + std::to_string(it.stuck) : "")] +=
        all.odds.by_outcome[i];
  }
  std::string text;
  for (const auto& [ending, orders] : endings) {
    text += orders.str() + "  " + ending + '\n';
  }
  return text;
}

void expect_same_odds(const Odds& apart, const Odds& joint, const std::string& what) {
  EXPECT_EQ(apart.orders, joint.orders) << what;
  EXPECT_EQ(apart.orders_violating, joint.orders_violating) << what;
  EXPECT_TRUE(apart.scheduler_known) << what;
  EXPECT_NEAR(apart.scheduler_low, joint.scheduler_low, 1e-12) << what;
}

void expect_same(const ScriptExploration& apart, const ScriptExploration& joint,
                 const std::string& what) {
  EXPECT_EQ(apart.verdict, joint.verdict) << what;
  expect_same_odds(apart.odds, joint.odds, what);
  EXPECT_EQ(apart.orders_failing, joint.orders_failing) << what;
  EXPECT_EQ(apart.orders_answers_only, joint.orders_answers_only) << what;
  ASSERT_EQ(apart.odds_without_faults.has_value(), joint.odds_without_faults.has_value()) << what;
  if (apart.odds_without_faults) {
    expect_same_odds(*apart.odds_without_faults, *joint.odds_without_faults, what);
  }
  EXPECT_EQ(to_text(apart), to_text(joint)) << what;
  ASSERT_EQ(apart.counterexample.has_value(), joint.counterexample.has_value()) << what;
  if (apart.counterexample) {
    EXPECT_EQ(apart.counterexample->word(), joint.counterexample->word()) << what;
    EXPECT_EQ(apart.counterexample->issued, joint.counterexample->issued) << what;
  }
  ASSERT_EQ(apart.near_misses.size(), joint.near_misses.size()) << what;
  for (std::size_t i = 0; i < apart.near_misses.size(); ++i) {
    EXPECT_EQ(apart.near_misses[i].orders, joint.near_misses[i].orders) << what;
  }
}

struct RandomFolder {
  Endpoints endpoints;
  std::string fleet;
  Lines settings;
  std::string text;

  explicit RandomFolder(std::uint64_t seed) {
    Dice dice(seed);
    const std::uint32_t clients = 2 + dice.roll(2);
    for (std::uint32_t client = 0; client < clients; ++client) {
      const std::string name(1, static_cast<char>('a' + client));
      endpoints.emplace_back(name, random_endpoint(dice, 1 + (dice.chance(80) ? client : 0)));
      fleet += (fleet.empty() ? "" : ",") + name;
      text += name + ":\n" + endpoints.back().second;
    }
    settings.emplace_back("clients", std::to_string(clients));
    const char* levels[] = {"autocommit", "read-committed", "repeatable-read", "serializable"};
    settings.emplace_back("isolation", levels[dice.roll(4)]);
    settings.emplace_back("attempts-max", dice.chance(50) ? "1" : "2");
    for (const char* fault :
         {"lose-reply", "crash", "duplicate-delivery", "slow-call", "lose-session"}) {
      if (dice.chance(8)) {
        settings.emplace_back(std::string(fault) + ".max", "1");
      }
    }
    if (dice.chance(20)) {
      settings.emplace_back("lock-timeout", "10ms");
    }
    for (const auto& [key, value] : settings) {
      text += key + "=" + value + " ";
    }
  }
};

// With --gtest_shuffle --gtest_random_seed=N: other endpoints.
TEST(RandomScriptParts, are_explored_apart_as_they_are_as_one) {
  const auto first_round =
      static_cast<std::uint64_t>(testing::UnitTest::GetInstance()->random_seed());
  constexpr std::uint64_t rounds = 800 / fewer;
  std::uint64_t several = 0;
  for (std::uint64_t seed = first_round * rounds; seed < (first_round + 1) * rounds; ++seed) {
    const RandomFolder random(seed);
    const std::string what = "seed " + std::to_string(seed) + ":\n" + random.text;
    const ScriptSetup setup = setup_of(tables, random.endpoints, random.fleet, random.settings);
    const bool examples = seed % 4 == 0;
    const ScriptExploration apart = found(setup, true, examples);
    if (apart.parts == 1 || !apart.complete() || apart.odds.orders > 20'000) {
      continue;
    }
    const ScriptExploration joint = found(setup, false, examples);
    if (!joint.complete()) {
      continue;
    }
    ++several;
    expect_same(apart, joint, what);
    ASSERT_FALSE(HasFailure()) << what;
  }
  EXPECT_GT(several, rounds / 4);
}

}  // namespace
}  // namespace racelab::lab::script_parts_test
