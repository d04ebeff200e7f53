// racelab verify as it is typed. That a wrong claim is found is tested with wrong claims, in tests/explore.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "tests/cli/command.h"
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

TEST(Verify, refuses_what_it_cannot_look_up) {
  EXPECT_EQ(racelab_of("verify two-writer").errors,
            "racelab: there is no scenario 'two-writer'; did you mean 'two-writers'?\n");
  EXPECT_EQ(racelab_of("verify --strategy read-modify-write,atomic-increment").errors,
            "racelab: `racelab verify` takes strategies one by one, not the fleet "
            "'read-modify-write,atomic-increment': --strategy may be given several times\n");
}

}  // namespace
}  // namespace racelab::lab::verify_test
