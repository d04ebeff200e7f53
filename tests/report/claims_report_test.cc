// Claims for the machines that watch over a pipeline: every byte of both formats, and what must not break out of them.
#include "sim/report/claims_report.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace racelab::lab::claims_report_test {
namespace {

using Found = VerifiedClaim::Found;

std::vector<VerifiedClaim> four_claims() {
  return {{.scenario = "./shop",
           .name = "buy at read-committed",
           .found = Found::as_derived,
           .says = "holds in all 6 orders",
           .counterexample = "",
           .file = "./shop/buy.sql",
           .line = 3,
           .seconds = 0.25},
          {.scenario = "./shop",
           .name = "take at read-committed",
           .found = Found::refuted,
           .says = "it says that it withstands all of it, and 4 of 6 orders fail",
           .counterexample = "VIOLATED  n < 0 & \"more\"\n  1  A  100 %\n",
           .file = "./shop/take,now.sql",
           .line = 7,
           .seconds = 0.5},
          {.scenario = "./shop",
           .name = "take+idempotency-key at read-committed",
           .found = Found::not_applicable,
           .says = "it ends its transaction itself",
           .counterexample = "",
           .file = "./shop/take,now.sql",
           .line = 7,
           .seconds = 0},
          {.scenario = "two-writers",
           .name = "read-modify-write",
           .found = Found::gave_up,
           .says = "a limit was reached",
           .counterexample = "",
           .file = "",
           .line = 0,
           .seconds = 1}};
}

TEST(JUnit, has_a_suite_for_each_scenario_and_a_case_for_each_claim) {
  EXPECT_EQ(junit_xml(four_claims()),
            R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="racelab verify" tests="4" failures="1" errors="1" skipped="1" time="1.750">
  <testsuite name="./shop" tests="3" failures="1" errors="0" skipped="1" time="0.750">
    <testcase classname="./shop" name="buy at read-committed" time="0.250" file="./shop/buy.sql" line="3"/>
    <testcase classname="./shop" name="take at read-committed" time="0.500" file="./shop/take,now.sql" line="7">
      <failure type="not-as-derived" message="it says that it withstands all of it, and 4 of 6 orders fail">VIOLATED  n &lt; 0 &amp; &quot;more&quot;
  1  A  100 %
</failure>
    </testcase>
    <testcase classname="./shop" name="take+idempotency-key at read-committed" time="0.000" file="./shop/take,now.sql" line="7">
      <skipped message="it ends its transaction itself"/>
    </testcase>
  </testsuite>
  <testsuite name="two-writers" tests="1" failures="0" errors="1" skipped="0" time="1.000">
    <testcase classname="two-writers" name="read-modify-write" time="1.000">
      <error type="gave-up" message="a limit was reached"/>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(JUnit, holds_no_byte_that_xml_does_not_allow) {
  std::vector<VerifiedClaim> claims = four_claims();
  claims.resize(1);
  claims.front().name = "a\x01\x1b[31m\xff<>\n\t";
  EXPECT_NE(junit_xml(claims).find("name=\"a??[31m\uFFFD&lt;&gt;&#10;&#9;\""), std::string::npos)
      << junit_xml(claims);
}

TEST(GitHub, has_an_annotation_for_what_is_not_as_derived_and_a_count) {
  EXPECT_EQ(
      github_commands(four_claims()),
      "::error file=./shop/take%2Cnow.sql,line=7,title=./shop%3A take at read-committed::not "
      "as derived: it says that it withstands all of it, and 4 of 6 orders fail%0A%0AVIOLATED  "
      "n < 0 & \"more\"%0A  1  A  100 %25%0A\n"
      "::error title=two-writers%3A read-modify-write::gave up: a limit was reached\n"
      "racelab verify: 4 claims: 1 as derived, 1 not, 1 given up, 1 not applicable\n");
}

TEST(GitHub, of_claims_that_are_all_as_derived_is_one_line) {
  std::vector<VerifiedClaim> claims = four_claims();
  claims.resize(1);
  EXPECT_EQ(github_commands(claims),
            "racelab verify: 1 claim: 1 as derived, 0 not, 0 given up, 0 not applicable\n");
}

}  // namespace
}  // namespace racelab::lab::claims_report_test
