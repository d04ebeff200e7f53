// racelab verify as it is typed. That a wrong claim is found is tested with wrong claims, in tests/explore.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "tests/cli/command.h"
#include "tests/cli/folder.h"

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
  const CommandResult result = racelab_of("verify --format json");
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
  EXPECT_GE(violated, 50U);
  EXPECT_GE(holds, 50U);
}

TEST(Verify, a_limit_is_no_success) {
  const CommandResult result =
      racelab_of("verify two-writers --strategy optimistic-version --states-max 3");
  EXPECT_EQ(code(result), 3);
  EXPECT_TRUE(result.output.starts_with(
      "GAVE UP  1 of 1 verdict: a limit was reached before it was certain\n"))
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
