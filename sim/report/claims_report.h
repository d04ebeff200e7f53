// What was verified, claim by claim, for the machines that watch over a pipeline: JUnit's XML, and GitHub's workflow commands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racelab {

/// A claim of one strategy in one scenario.
struct VerifiedClaim {
  enum class Found : std::uint8_t { as_derived, refuted, gave_up, not_applicable };
  std::string scenario;
  std::string name;  // "buy at read-committed"
  Found found = Found::as_derived;
  std::string says;            // in a sentence, what was found
  std::string counterexample;  // a refuted one's report, line by line
  std::string file;            // where the claim stands; empty: it is not known
  std::uint32_t line = 0;      // in it; 0: it is not known
  double seconds = 0;
};

/// A test suite for each scenario, a test case for each claim. What was given up is an error, what does not apply is skipped.
std::string junit_xml(const std::vector<VerifiedClaim>& claims);

/// An annotation for each claim that is refuted or was given up, then a line that counts them all.
std::string github_commands(const std::vector<VerifiedClaim>& claims);

}  // namespace racelab
