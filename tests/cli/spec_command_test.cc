// racelab explore FILE.spec, and the matrix of Hermitage: whole screens.
#include <gtest/gtest.h>

#include "tests/cli/command.h"
#include "tests/cli/folder.h"
#include "tests/explore/small_specs.h"

namespace racelab::lab::spec_command_test {
namespace {

TEST(SpecCommand, TellsTheVerdictTheEndingsAndTheNextCommand) {
  const TestFolder folder;
  folder.write("skew.spec", write_skew("repeatable read"));
  const CommandResult found = racelab_of("explore " + folder.path("skew.spec"));
  EXPECT_EQ(code(found), 1);
  EXPECT_EQ(found.output.substr(0, found.output.find("again")),
            "VIOLATED  in 18 of 20 permutations on the store: the sessions, one after\n"
            "        another, never end like it\n"
            "spec    a (3 steps), b (3 steps); every permutation: 20\n"
            "ends    18  t (1, 1) (2, 1); not as one after another\n"
            "        2   t (1, 1) (2, 1)\n"
            "such as ar aw br ac bw bc\n");
  EXPECT_NE(
      found.output.find("--format isolation     # as PostgreSQL's isolation tester prints it"),
      std::string::npos);
}

TEST(SpecCommand, SerializableHoldsAndTheTesterFormatHasEveryPermutation) {
  const TestFolder folder;
  folder.write("skew.spec", write_skew("serializable"));
  const CommandResult held = racelab_of("explore " + folder.path("skew.spec"));
  EXPECT_EQ(code(held), 0);
  EXPECT_TRUE(held.output.starts_with("HOLDS  in 20 permutations on the store")) << held.output;
  const CommandResult printed =
      racelab_of("explore " + folder.path("skew.spec") + " --format isolation --orders-max 1");
  EXPECT_EQ(code(printed), 3);  // 19 are left out
  EXPECT_EQ(printed.output,
            "Parsed test spec with 2 sessions\n"
            "\n"
            "starting permutation: ar aw ac br bw bc\n"
            "step ar: select sum(n) from t;\n"
            "sum\n---\n  0\n(1 row)\n\n"
            "step aw: update t set n = 1 where id = 1;\n"
            "step ac: commit;\n"
            "step br: select sum(n) from t;\n"
            "sum\n---\n  1\n(1 row)\n\n"
            "step bw: update t set n = 1 where id = 2;\n"
            "step bc: commit;\n");
  const CommandResult json = racelab_of("explore " + folder.path("skew.spec") + " --format json");
  EXPECT_NE(json.output.find("\"schema\": \"racelab.spec/1\""), std::string::npos);
  EXPECT_NE(json.output.find("\"permutations_run\": 20"), std::string::npos);
}

TEST(SpecCommand, BadInputIsOneSentence) {
  const TestFolder folder;
  folder.write("bad.spec", "session a step one { select 1; } permutation two");
  const CommandResult bad = racelab_of("explore " + folder.path("bad.spec"));
  EXPECT_EQ(code(bad), 2);
  EXPECT_NE(bad.errors.find("bad.spec:1:46: there is no step 'two'"), std::string::npos)
      << bad.errors;
  folder.write("good.spec", one_waits);
  EXPECT_EQ(racelab_of("explore " + folder.path("good.spec") + " --clients 3").errors,
            "racelab: a spec file says itself what runs, and in which orders; it takes --on, "
            "--orders-max, --seconds-max, --format, --output and --color\n");
  EXPECT_EQ(code(racelab_of("explore no-such.spec")), 2);
  EXPECT_EQ(racelab_of("explore two-writers --format isolation").errors,
            "racelab: --format isolation is for spec files of PostgreSQL's isolation tester: "
            "FILE.spec\n");
}

// Prevented and possible are those of Hermitage's author (shown there for PostgreSQL 9.3), and how often is counted here.
TEST(Hermitage, TheMatrixIsTheKnownOne) {
  const CommandResult verified = racelab_of("verify hermitage");
  EXPECT_EQ(code(verified), 0);
  EXPECT_EQ(verified.output,
            R"(AS DERIVED  all 39 verdicts of endpoints in SQL, as PostgreSQL 15 does it
        ✓ N: holds in all N orders; ✗ k/N: fails in k of N; n/a: does not apply.

hermitage  (race)
                                 read-committed repeatable-read serializable
  g0-1,g0-2                                 ✓ 6             ✓ 6          ✓ 6
  g1a-1,g1a-2                              ✓ 10            ✓ 10         ✓ 10
  g1b-1,g1b-2                              ✓ 20            ✓ 20         ✓ 20
  g1c-1,g1c-2                              ✓ 20            ✓ 20         ✓ 20
  otv-1,otv-2,otv-3                     ✓ 2,772         ✓ 1,428      ✓ 1,428
  pmp-1,pmp-2                            ✗ 2/10            ✓ 10         ✓ 10
  pmp-write-1,pmp-write-2                 ✗ 1/5             ✓ 5          ✓ 5
  p4                                    ✗ 12/14            ✓ 14         ✓ 14
  g-single-1,g-single-2                  ✗ 4/35            ✓ 35         ✓ 35
  g-single-predicate-1,g-single-predicate-2
                                         ✗ 2/10            ✓ 10         ✓ 10
  g-single-write-1,g-single-write-2
                                         ✗ 8/25            ✓ 25         ✓ 25
  g2-item-1,g2-item-2                   ✗ 18/20         ✗ 18/20         ✓ 20
  g2-1,g2-2                             ✗ 18/20         ✗ 18/20         ✓ 20
)");
}

}  // namespace
}  // namespace racelab::lab::spec_command_test
