// racelab verify as it is typed. That a wrong claim is found is tested with wrong claims, in tests/explore.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/scenario/experiment.h"

namespace racelab::lab::verify_test {
namespace {

TEST(Verify, opens_with_the_verdict_and_has_a_line_for_each_cell) {
  const CommandResult result = racelab_of(
      "verify two-writers retried-payment --strategy read-modify-write --strategy "
      "atomic-increment+idempotency-key");
  EXPECT_EQ(code(result), 0);
  EXPECT_EQ(result.output,
            "AS DERIVED  all 4 verdicts, each at three isolation levels\n"
            "At the scenario's own level: ✓ N: holds in all N orders; ✗ k/N: fails in k of N;\n"
            "n/a: cannot express the change; ?: not known, a limit was reached.\n"
            "\n"
            "two-writers  (race)\n"
            "  ✗ 4/6  read-modify-write\n"
            "  ✓  24  atomic-increment+idempotency-key\n"
            "\n"
            "retried-payment  (repeat)\n"
            "  ✗ 1/2  read-modify-write\n"
            "  ✓   2  atomic-increment+idempotency-key\n");
}

// SQLite has one level, under which nobody overtakes: two endpoints that PostgreSQL lets fail hold there at every level, and that is
// said. Of what it does not know it says why.
TEST(Verify, holds_claims_against_a_real_server) {
  const CommandResult result = racelab_of("verify on-call-doctors --on sqlite --format json");
  EXPECT_EQ(code(result), 1);
  const boost::json::value all = boost::json::parse(result.output);
  EXPECT_EQ(all.at("as_derived"), false);
  std::size_t not_there = 0;
  std::size_t refuted = 0;
  for (const boost::json::value& cell : all.at("cells_in_sql").as_array()) {
    not_there += cell.at("explored") == "n/a" ? 1 : 0;
    if (cell.at("strategy") == "count-then-leave" && cell.at("isolation") == "read-committed") {
      EXPECT_TRUE(cell.at("on").as_string().starts_with("SQLite 3."));
      EXPECT_EQ(cell.at("derived"), "violated");
      EXPECT_EQ(cell.at("explored"), "holds");
      EXPECT_EQ(cell.at("problem"),
                "it does not say that it withstands race, and every order holds");
    }
    refuted += cell.at("problem").is_null() ? 0 : 1;
  }
  EXPECT_EQ(not_there, 12U);  // four endpoints at three levels
  EXPECT_EQ(refuted, 4U);     // two at the two levels below SERIALIZABLE
  EXPECT_TRUE(racelab_of("verify on-call-doctors --on sqlite")
                  .output.starts_with("NOT AS DERIVED  4 of 9 verdicts of endpoints in SQL, run on "
                                      "SQLite 3."));
}

TEST(Verify, says_what_a_server_cannot_run) {
  EXPECT_EQ(racelab_of("verify two-writers --on sqlite").errors,
            "racelab: 'two-writers' has no endpoints in SQL; `racelab list scenarios` shows those "
            "that have\n");
  EXPECT_EQ(racelab_of("verify on-call-doctors --on sqlite --on store").errors,
            "racelab: verify runs on one database: --on is given once\n");
}

// What a database does not know is a row of the table, not its end.
TEST(Verify, explore_has_n_a_for_what_a_database_does_not_know) {
  const CommandResult result = racelab_of("explore on-call-doctors --on sqlite");
  EXPECT_EQ(code(result), 0);
  EXPECT_NE(result.output.find("\nadvisory-lock                   n/a\n"), std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("\nin-one-statement                holds         0 %              0 "
                               "of 8\n"),
            std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("\nrun on  SQLite 3."), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("\nn/a     SQLite does not know"), std::string::npos)
      << result.output;
}

TEST(Verify, writes_a_table_for_markdown) {
  EXPECT_EQ(racelab_of("verify two-writers money-transfer --strategy read-modify-write --strategy "
                       "atomic-increment --format markdown")
                .output,
            "| strategy | two-writers | money-transfer |\n"
            "|---|---|---|\n"
            "| read-modify-write | ✗ 4 of 6 | ✗ 18 of 20 |\n"
            "| atomic-increment | ✓ 2 | n/a |\n");
}

TEST(Verify, all_of_it_is_as_derived) {
  const CommandResult result =
      racelab_of(lab::fewer == 1 ? "verify --format json"
                                 : "verify two-writers retried-payment dropped-call --format json");
  EXPECT_EQ(code(result), 0);
  const boost::json::value all = boost::json::parse(result.output);
  EXPECT_EQ(all.at("as_derived"), true);
  EXPECT_EQ(all.at("strategies_left_out"), 0);
  std::size_t violated = 0;
  std::size_t holds = 0;
  for (const boost::json::value& cell : all.at("cells").as_array()) {
    if (cell.at("applies") == true) {
      EXPECT_EQ(cell.at("derived"), cell.at("explored"));
      violated += cell.at("explored") == "violated" ? 1 : 0;
      holds += cell.at("explored") == "holds" ? 1 : 0;
    }
  }
  EXPECT_GE(violated, 50U / lab::fewer);
  EXPECT_GE(holds, 50U / lab::fewer);
}

TEST(Verify, a_limit_is_no_success) {
  const CommandResult result =
      racelab_of("verify two-writers --strategy optimistic-version --states-max 3");
  EXPECT_EQ(code(result), 3);
  EXPECT_TRUE(result.output.starts_with(
      "GAVE UP  1 of 1 verdict: a limit was reached before it was certain\n"))
      << result.output;
}

TEST(Verify, a_limit_is_no_success_of_endpoints_in_sql_either) {
  const CommandResult result = racelab_of("verify oversold-stock --states-max 12");
  EXPECT_EQ(code(result), 3);
  EXPECT_TRUE(result.output.starts_with(
      "GAVE UP  16 of 18 verdicts of endpoints in SQL: a limit was reached before it\n"
      "        was certain\n"
      "        ✓ N: holds in all N orders; ✗ k/N: fails in k of N; n/a: does not apply;\n"
      "        ? k/N+: not certain, a limit was reached after N.\n"))
      << result.output;
  EXPECT_NE(result.output.find(
                "  guarded-update                   ? 0/3+          ? 0/3+       ? 0/3+\n"),
            std::string::npos)
      << result.output;
}

TEST(Verify, refuses_what_it_cannot_look_up) {
  EXPECT_EQ(racelab_of("verify two-writer").errors,
            "racelab: there is no scenario 'two-writer'; did you mean 'two-writers'?\n");
  EXPECT_EQ(racelab_of("verify --strategy read-modify-write,atomic-increment").errors,
            "racelab: `racelab verify` takes strategies one by one, not the fleet "
            "'read-modify-write,atomic-increment': --strategy may be given several times\n");
}

// An endpoint that claims too much, in the third line of its file.
class VerifyFolder : public ::testing::Test {
 protected:
  VerifyFolder() {
    folder_.write("scenario.ini",
                  "# Two.\n# Both want it.\nhazards = race\nisolation = read-committed\n");
    folder_.write("setup.sql",
                  "create table item (id integer primary key, stock integer not null);\n"
                  "insert into item values (1, 2);\n");
    folder_.write("take.sql",
                  "-- Reads, then writes.\n"
                  "--\n"
                  "-- withstands: race\n"
                  "select stock from item where id = 1 \\gset\n"
                  "update item set stock = :stock - 1 where id = 1;\n");
  }
  TestFolder folder_;
};

TEST_F(VerifyFolder, gives_github_the_line_of_the_claim) {
  const CommandResult result = racelab_of("verify " + folder_.path() + " --format github");
  EXPECT_EQ(code(result), 1);
  const std::string begin = "::error file=" + folder_.path("take.sql") +
                            ",line=3,title=" + folder_.path() +
                            "%3A take at read-committed::not as derived: it says";
  EXPECT_TRUE(result.output.starts_with(begin)) << result.output;
  EXPECT_NE(result.output.find("%0A%0AVIOLATED  in "), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("\nracelab verify: "), std::string::npos);
  EXPECT_EQ(code(racelab_of("verify two-writers --strategy atomic-increment --format github")), 0);
}

TEST_F(VerifyFolder, gives_junit_the_counterexample) {
  const CommandResult result = racelab_of("verify " + folder_.path() + " --format junit");
  EXPECT_EQ(code(result), 1);
  EXPECT_NE(
      result.output.find("<failure type=\"not-as-derived\" message=\"it says that it withstands"),
      std::string::npos);
  EXPECT_NE(result.output.find(">VIOLATED  in "), std::string::npos) << result.output;
  EXPECT_EQ(
      racelab_of("verify two-writers --strategy optimistic-version --states-max 3 --format junit")
          .output.find("<failure"),
      std::string::npos);
  const CommandResult given_up =
      racelab_of("verify two-writers --strategy optimistic-version --states-max 3 --format junit");
  EXPECT_EQ(code(given_up), 3);
  EXPECT_NE(given_up.output.find("<error type=\"gave-up\" message=\"a limit was reached"),
            std::string::npos)
      << given_up.output;
}

}  // namespace
}  // namespace racelab::lab::verify_test
