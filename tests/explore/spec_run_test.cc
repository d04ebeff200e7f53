// Isolation specs on the store: what the isolation tester would print, and how all permutations end.
#include "sim/explore/spec_run.h"

#include <gtest/gtest.h>

#include "sim/explore/spec_explore.h"
#include "sim/parse/isolation_spec_file.h"
#include "sim/parse/spec_for_store.h"
#include "sim/report/spec_report.h"
#include "tests/explore/small_specs.h"

namespace racelab::lab::spec_run_test {
namespace {

struct Read {
  explicit Read(const std::string& text)
      : spec(parse::read_isolation_spec({"x.spec", text})),
        compiled(parse::compile_for_store(spec)) {}
  IsolationSpec spec;
  SpecForStore compiled;
};

SpecExploration explored(const Read& read, SpecExploreOptions options = {}) {
  SpecStore store(read.spec, read.compiled);
  options.one_transaction = parse::one_transaction_each(read.spec);
  options.why_not = [&read](const IsolationSpec::Permutation& permutation) {
    return read.compiled.why_not(read.spec, permutation);
  };
  return explore_spec(read.spec, store, options);
}

std::string printed(const std::string& text) {
  const Read read(text);
  std::string all = isolation_head(read.spec);
  SpecExploreOptions options;
  options.every_way = false;
  options.visit = [&](const SpecRun& run, const std::string& why_not) {
    all += isolation_run_text(read.spec, run, why_not);
  };
  explored(read, options);
  return all;
}

TEST(SpecRun, TellsWhoWaitsAndWhoGoesOn) {
  EXPECT_EQ(printed(one_waits), R"(Parsed test spec with 2 sessions

starting permutation: a_add b_add a_end
step a_add: update t set n = n + 1 where id = 1;
step b_add: update t set n = n + 10 where id = 1 returning n, n > 10 as more; <waiting ...>
step a_end: commit;
step b_add: <... completed>
 n|more
--+----
11|t   
(1 row)


starting permutation: b_add a_add a_end
step b_add: update t set n = n + 10 where id = 1 returning n, n > 10 as more;
 n|more
--+----
10|f   
(1 row)

step a_add: update t set n = n + 1 where id = 1;
step a_end: commit;
)");
}

TEST(SpecRun, TheShortDeadlockTimeoutEndsItsOwnSession) {
  EXPECT_EQ(printed(deadlock), R"(Parsed test spec with 2 sessions

starting permutation: a1 b2 a2 b1 ac bc
step a1: update t set n = 1 where id = 1;
step b2: update t set n = 2 where id = 2;
step a2: update t set n = 1 where id = 2; <waiting ...>
step b1: update t set n = 2 where id = 1; <waiting ...>
step a2: <... completed>
step b1: <... completed>
ERROR:  deadlock detected
step ac: commit;
step bc: commit;
)");
}

// Behind the queue it would be a deadlock of b and c.
TEST(SpecRun, WhoHoldsARowWaitsBesideItsQueue) {
  const std::string text = printed(upgrade);
  EXPECT_NE(text.find("step a_end: rollback;\n"
                      "step c_update: <... completed>\n"
                      "n\n-\n0\n(1 row)\n\n"
                      "step c_end: rollback;\n"
                      "step b_update: <... completed>\n"
                      "n\n-\n0\n(1 row)\n\n"
                      "step b_end: rollback;\n"),
            std::string::npos)
      << text;
}

TEST(SpecRun, ABlockIsOneTransactionUnlessItSaysOtherwise) {
  EXPECT_EQ(printed(several_statements), R"(Parsed test spec with 1 sessions

starting permutation: a_both a_look a_own a_back a_none
step a_both: insert into t values (2, 0); insert into t values (1, 0); insert into t values (3, 0);
ERROR:  duplicate key value violates unique constraint "t_pkey"
step a_look: select id from t order by id; select 'NULL is' as word, null::int as nothing;
id
--
 1
(1 row)

word   |nothing
-------+-------
NULL is|       
(1 row)

step a_own: insert into t values (4, 0); begin; insert into t values (5, 0);
step a_back: rollback; select count(*) from t;
count
-----
    1
(1 row)

a: WARNING:  there is no transaction in progress
step a_none: commit;
)");
}

TEST(SpecRun, TimeoutsEndWaitsWhenNothingElseCanHappen) {
  const std::string text = printed(timeouts);
  EXPECT_NE(text.find("step b_add: <... completed>\n"
                      "ERROR:  canceling statement due to lock timeout\n"
                      "step b_end: commit;\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("step c_add: <... completed>\n"
                      "ERROR:  canceling statement due to statement timeout\n"
                      "step c_end: commit;\n"),
            std::string::npos)
      << text;
}

// 6!/(3!3!) = 20 permutations. One after another they are right in 2; both also when one has committed before the other reads, and
// that is all: in 18 both read 0 and both write, which at REPEATABLE READ both may.
TEST(SpecRun, WriteSkewIsFoundInEveryPermutationAndOnlyThere) {
  const SpecExploration skewed = explored(Read(write_skew("repeatable read")));
  EXPECT_EQ(skewed.permutations, 20U);
  EXPECT_EQ(skewed.ran, 20U);
  EXPECT_EQ(skewed.orders_wrong, 18U);
  const SpecExploration safe = explored(Read(write_skew("serializable")));
  EXPECT_EQ(safe.ran, 20U);
  EXPECT_EQ(safe.orders_wrong, 0U);
  EXPECT_EQ(safe.why_not_judged, "");
}

// a_add b_add a_end and its two neighbours: b's step is after all of a, before all, or between; in none does a session send while it
// waits. With a second step of b, it is sent while b waits in 1 of 6: a b1 b2 a is impossible, a b1 a b2 is not.
TEST(SpecRun, AStepOfASessionThatStillWaitsCannotBeSent) {
  const SpecExploration found = explored(
      Read("setup { create table t (id int primary key, n int); insert into t values (1, 0); }\n"
           "session a setup { begin; } step a1 { update t set n = 1; } step a2 { commit; }\n"
           "session b setup { begin; } step b1 { update t set n = 2; } step b2 { commit; }\n"));
  EXPECT_EQ(found.permutations, 6U);
  EXPECT_EQ(found.impossible, 2U);  // a1 b1 b2 a2, and b1 a1 a2 b2
  EXPECT_EQ(found.ran, 4U);
  EXPECT_EQ(found.impossible_why, "b2 cannot be sent: its session still waits in b1");
  EXPECT_EQ(found.orders_wrong, 0U);
}

// Three updates of one row: after a's commit b or c may be the next.
TEST(SpecRun, WhereTheServerIsFreeEveryWayIsTaken) {
  const std::string text =
      "setup { create table t (id int primary key, n int); insert into t values (1, 0); }\n"
      "session a setup { begin; } step a1 { update t set n = 1; } step a2 { commit; }\n"
      "session b step b1 { update t set n = 10 * n + 2; }\n"
      "session c step c1 { update t set n = 10 * n + 3; }\n"
      "permutation a1 b1 c1 a2\n";
  const SpecExploration found = explored(Read(text));
  EXPECT_EQ(found.ran, 1U);
  EXPECT_EQ(found.orders, 2U);
  ASSERT_EQ(found.outcomes.size(), 2U);
  EXPECT_EQ(found.outcomes[0].contents[0].second[0][1], "123");
  EXPECT_EQ(found.outcomes[1].contents[0].second[0][1], "132");
}

TEST(SpecRun, WhatIsNotModelledIsNamedAndTheRestIsRun) {
  const SpecExploration found = explored(
      Read("setup { create table t (id int primary key, n int); insert into t values (1, 0); }\n"
           "session a\n"
           "step locks { lock table t; }\n"
           "step reads { select n from t; }\n"
           "permutation reads\n"
           "permutation locks reads\n"));
  EXPECT_EQ(found.ran, 1U);
  ASSERT_EQ(found.not_run.size(), 1U);
  EXPECT_EQ(found.not_run[0].permutations, 1U);
  EXPECT_EQ(found.not_run[0].why,
            "x.spec:3:14: LOCK TABLE (rows can be locked, with SELECT … FOR UPDATE) is not "
            "modelled; `racelab list sql` shows what is");
  EXPECT_EQ(found.why_not_judged, "session a is not one transaction");
}

}  // namespace
}  // namespace racelab::lab::spec_run_test
