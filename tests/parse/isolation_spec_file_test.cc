// Spec files of PostgreSQL's isolation tester: what they hold, and every mistake with its place.
#include "sim/parse/isolation_spec_file.h"

#include <gtest/gtest.h>

namespace racelab::parse::isolation_spec_file_test {
namespace {

std::string mistake(const std::string& text) {
  try {
    read_isolation_spec({"x.spec", text});
  } catch (const Problem& problem) {
    const std::string what = problem.what();
    return what.substr(0, what.find('\n'));
  }
  return "";
}

TEST(IsolationSpecFile, HoldsSessionsStepsAndPermutations) {
  const IsolationSpec spec = read_isolation_spec({"x.spec", R"(# first
setup { create table t (n int); }
setup
{
  insert into t values (1);
}
teardown { drop table t; }   # { not SQL }
session "a b" setup { begin; } step "step" {  select 1; } step two { } teardown { commit; }
session c step three { select '#'; }
permutation "step" three(*, two) two(three notices 2)
permutation three
)"});
  ASSERT_EQ(spec.setups.size(), 2U);
  EXPECT_EQ(spec.setups[0].sql, "create table t (n int);");
  EXPECT_EQ(spec.setups[1].sql, "\n  insert into t values (1);\n");
  EXPECT_EQ(spec.teardown->sql, "drop table t;");
  ASSERT_EQ(spec.sessions.size(), 2U);
  EXPECT_EQ(spec.sessions[0].name, "a b");
  EXPECT_EQ(spec.sessions[0].setup->sql, "begin;");
  EXPECT_EQ(spec.sessions[0].teardown->sql, "commit;");
  EXPECT_FALSE(spec.sessions[1].setup);
  ASSERT_EQ(spec.steps.size(), 3U);
  EXPECT_EQ(spec.steps[0].name, "step");
  EXPECT_EQ(spec.steps[0].block.sql, "select 1;");
  EXPECT_EQ(spec.steps[1].block.sql, "");
  EXPECT_EQ(spec.steps[2].session, 1U);
  EXPECT_EQ(spec.blocks, 8U);
  ASSERT_EQ(spec.permutations.size(), 2U);
  using Kind = IsolationSpec::Blocker::Kind;
  const IsolationSpec::Permutation& first = spec.permutations[0];
  ASSERT_EQ(first.size(), 3U);
  ASSERT_EQ(first[1].blockers.size(), 2U);
  EXPECT_EQ(first[1].blockers[0].kind, Kind::once);
  EXPECT_EQ(first[1].blockers[1].kind, Kind::step);
  EXPECT_EQ(first[1].blockers[1].step, 1U);
  EXPECT_EQ(first[2].blockers[0].kind, Kind::notices);
  EXPECT_EQ(first[2].blockers[0].notices, 2U);
  EXPECT_EQ(spec.permutations[1][0].step, 2U);
}

TEST(IsolationSpecFile, EveryMistakeHasASentenceAndAPlace) {
  const std::string good = "session a step one { } session b step two { }\n";
  EXPECT_EQ(mistake(good), "");
  EXPECT_EQ(mistake(""), "x.spec:1:1: here should stand a session: session NAME, then its steps");
  EXPECT_EQ(mistake("session a"),
            "x.spec:1:10: here should stand a step of session a: step NAME { SQL }");
  EXPECT_EQ(mistake("session step step one { }"),
            "x.spec:1:9: here should stand the name of a session (setup, teardown, session, step, "
            "permutation and notices only in quotes)");
  EXPECT_EQ(mistake("session a step one begin;"),
            "x.spec:1:20: here should stand the SQL of the step, between braces");
  EXPECT_EQ(mistake("session a step one { select 1;"),
            "x.spec:1:20: this block of SQL has no end: there is no } behind it");
  EXPECT_EQ(mistake("session \"a\nstep one { }"),
            "x.spec:1:9: this quoted name has no end on its line");
  EXPECT_EQ(mistake("session a step one { } step one { }"),
            "x.spec:1:29: there are two steps 'one': a name is that of one step in the whole file");
  EXPECT_EQ(mistake(good + "permutation one to"),
            "x.spec:2:17: there is no step 'to'; did you mean 'two'?");
  EXPECT_EQ(mistake(good + "permutation one(two)"),
            "x.spec:2:17: step 'two' is not in this permutation: nothing can wait for it");
  EXPECT_EQ(mistake("session a step one { } step two { } permutation one(two) two"),
            "x.spec:1:53: step 'one' cannot wait for a step of its own session");
  EXPECT_EQ(mistake(good + "permutation one(two notices 0) two"),
            "x.spec:2:29: here should stand how many notices: a number from 1");
  EXPECT_EQ(mistake(good + "permutation one(* two"),
            "x.spec:2:19: here should stand a comma and another marker, or )");
  EXPECT_EQ(mistake(good + "session"),
            "x.spec:2:8: here should stand the name of a session (setup, teardown, session, step, "
            "permutation and notices only in quotes)");
  EXPECT_EQ(mistake(good + "select 1;"),
            "x.spec:2:1: here should stand a step, a session, a permutation or the file's end");
  EXPECT_EQ(mistake(good + "; "),
            "x.spec:2:1: this is no part of a spec file: setup, teardown, session, step and "
            "permutation are, and SQL between braces");
  EXPECT_EQ(mistake(std::string("session a\0", 10)),
            "x.spec:1:10: a zero byte is no part of a text");
}

// Whatever is cut off or put in: it is read, or refused with a sentence.
TEST(IsolationSpecFile, DamagedFilesAreRefusedAndNothingElse) {
  const std::string good =
      "setup { x } teardown { y } session \"a\" setup { } step one { z } session b step two { }\n"
      "permutation one(two, *) two(one notices 3) # end\n";
  ASSERT_EQ(mistake(good), "");
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char letter :
         {'{', '}', '"', '(', ')', ',', '*', '#', '\n', '\0', '\xFF', '7', 'a'}) {
      std::string other = good;
      other[i] = letter;
      for (const std::string& text : {other, good.substr(0, i), good.substr(i)}) {
        const std::string sentence = mistake(text);
        EXPECT_TRUE(sentence.empty() || sentence.starts_with("x.spec:")) << sentence;
      }
    }
  }
}

}  // namespace
}  // namespace racelab::parse::isolation_spec_file_test
