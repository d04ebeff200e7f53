// Cancels and hedges where endpoints are SQL: what a cancel ends, and that an endpoint which records its key together with its work
// withstands both, and no other.
#include <gtest/gtest.h>

#include <string>

#include "tests/cli/command.h"

namespace racelab::lab::script_cancel_test {
namespace {

std::string output_of(const std::string& command) {
  const CommandResult result = racelab_of(command);
  EXPECT_NE(code(result), 2) << command << '\n' << result.errors;
  return result.output;
}

// A waits for B's lock, and gets it when B commits, at 4.8 ms; its cancel is there at 4.9. A's next statement would have come at 5.8:
// the transaction is rolled back, and the next attempt finds the row free. B's own cancel comes after its COMMIT.
TEST(ScriptCancel, ends_a_transaction_and_frees_its_locks) {
  const std::string output = output_of(
      "run oversold-stock --strategy select-for-update --timeout 4ms --attempts-max 2 --on-timeout "
      "cancel --backoff none --seed 2");
  const std::string story =
      "     4.0  A   timed out\n"
      "     4.0  A   sends a cancel\n"
      "     4.0  A'  asks again\n"
      "     4.0  B   timed out\n"
      "     4.0  B   sends a cancel\n"
      "     4.0  B'  asks again\n"
      "     4.8  B   commit\n"
      "     4.8  A   select stock from item where id = 1 for update -> 0\n"
      "     4.9  A   cancelled\n"
      "     5.0  B   the cancel finds nothing\n"
      "     5.7  A'  begin; select stock from item where id = 1 for update -> 0\n";
  EXPECT_NE(output.find(story), std::string::npos) << output;
  EXPECT_NE(output.find("item (1, 0); sale (1, 1, 1)\n"), std::string::npos) << output;
}

// One worker: A waits for it, and is cancelled in the queue, before B, which is at work.
TEST(ScriptCancel, frees_the_worker) {
  const std::string output = output_of(
      "run oversold-stock --strategy select-for-update --workers 1 --service-time 10ms --timeout "
      "4ms --attempts-max 1 --on-timeout cancel --seed 2");
  EXPECT_NE(output.find("A   cancelled\n"), std::string::npos) << output;
  EXPECT_NE(output.find("B   cancelled\n"), std::string::npos) << output;
  EXPECT_NE(output.find("A unknown, B unknown; nothing changed\n"), std::string::npos) << output;
}

// "SAFE", "NOT": the first word of a comparison.
std::string verdict(const std::string& strategy, const std::string& flags) {
  const std::string output =
      output_of("compare webhook --seeds 150 --strategy " + strategy + ' ' + flags);
  return output.substr(0, output.find(' '));
}

TEST(ScriptCancel, and_hedges_spare_whoever_records_the_key_with_the_work_and_nobody_else) {
  for (const std::string flags : {"--timeout 3500us --attempts-max 3 --backoff none --on-timeout "
                                  "cancel --crash.max 0",
                                  "--hedge-after 2ms", "--hedge-after 2ms --on-timeout cancel"}) {
    EXPECT_EQ(verdict("record-first", flags), "SAFE") << flags;
    EXPECT_EQ(verdict("record-together", flags), "SAFE") << flags;
    EXPECT_EQ(verdict("record-after", flags), "NOT") << flags;
  }
}

TEST(ScriptCancel, and_hedges_are_refused_where_there_is_no_clock) {
  for (const std::string flags : {"--on-timeout cancel", "--hedge-after 2ms"}) {
    const CommandResult result = racelab_of("explore webhook " + flags);
    EXPECT_EQ(code(result), 2);
    EXPECT_NE(result.errors.find("it needs "), std::string::npos) << result.errors;
  }
}

}  // namespace
}  // namespace racelab::lab::script_cancel_test
