// What refutes a claim is told as `racelab explore` tells it: the verdict, the smallest counterexample, why, and what holds.
#include "sim/cli/verify_claims.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/script_scenario.h"
#include "sim/parse/problem.h"
#include "sim/scenario/options.h"

namespace racelab {

namespace {

using Found = VerifiedClaim::Found;

std::string explored_words(const std::string& scenario, const std::string& strategy,
                           const std::string& isolation) {
  std::vector<std::string> words{scenario, "--strategy", strategy};
  if (!isolation.empty()) {
    words.insert(words.end(), {"--isolation", isolation});
  }
  return guarded([&] { return explore_command(words, Environment{}); }).output;
}

// Where an endpoint says what it withstands; its first line, where it says nothing.
void add_place(VerifiedClaim& claim, const parse::FolderTexts& folder,
               const std::string& strategy) {
  const std::string name = strategy.substr(0, strategy.find_first_of("+,:"));
  for (const auto& [endpoint, source] : folder.endpoints) {
    if (endpoint == name) {
      const std::size_t at = source.text.find("-- withstands:");
      // As it is called in the repository: whoever annotates lines knows no other name.
      claim.file = source.file.starts_with("./") ? source.file.substr(2) : source.file;
      claim.line = at == std::string::npos ? 1 : source.line_of(at);
    }
  }
}

std::string orders_of(const OrderCount& orders, const OrderCount& violating) {
  return violating > 0 ? fmt::format("fails in {} of {} orders", violating.str(), orders.str())
                       : fmt::format("holds in all {} orders", orders.str());
}

VerifiedClaim claim_of(const Verified& verified, std::size_t row, std::size_t column) {
  const VerifyReport& report = verified.report;
  const Cell& cell = report.cell(row, column);
  VerifiedClaim claim;
  claim.scenario = report.scenarios[column].scenario;
  claim.name = report.combinations[row].name();
  claim.file = fmt::format("strategies/{}.cc", report.combinations[row].strategy->name);
  claim.seconds = verified.seconds[(row * report.scenarios.size()) + column];
  if (!cell.applies) {
    claim.found = Found::not_applicable;
    claim.says = cell.why_not;
  } else if (cell.problem.empty()) {
    claim.says = orders_of(cell.orders, cell.orders_violating);
  } else {
    claim.found = cell.gave_up ? Found::gave_up : Found::refuted;
    claim.says = cell.problem;
    if (!cell.gave_up) {
      claim.counterexample = explored_words(claim.scenario, claim.name, "");
    }
  }
  return claim;
}

VerifiedClaim claim_of(const std::string& scenario, const ScriptCell& cell,
                       const parse::FolderTexts& folder) {
  VerifiedClaim claim;
  claim.scenario = scenario;
  claim.name = fmt::format("{} at {}", cell.strategy, cell.isolation);
  add_place(claim, folder, cell.strategy);
  if (!cell.why_not.empty()) {
    claim.found = Found::not_applicable;
    claim.says = cell.why_not;
  } else if (!cell.problem.empty()) {
    claim.found = Found::refuted;
    claim.says = cell.problem;
    if (!cell.claims_too_little) {  // there is nothing to show, where all is well
      claim.counterexample = explored_words(scenario, cell.strategy, cell.isolation);
    }
  } else if (cell.explored == Verdict::gave_up) {
    claim.found = Found::gave_up;
    claim.says = "a limit was reached";
  } else {
    claim.says = orders_of(cell.orders, cell.orders_violating);
  }
  return claim;
}

}  // namespace

std::vector<VerifiedClaim> claims_of(const Verified& verified) {
  std::vector<VerifiedClaim> claims;
  for (std::size_t column = 0; column < verified.report.scenarios.size(); ++column) {
    for (std::size_t row = 0; row < verified.report.combinations.size(); ++row) {
      claims.push_back(claim_of(verified, row, column));
    }
  }
  std::size_t cells = 0;
  for (const ScriptVerification& it : verified.scripts) {
    const parse::FolderTexts folder = load_folder(it.scenario);
    for (const ScriptCell& cell : it.cells) {
      claims.push_back(claim_of(it.scenario, cell, folder));
      claims.back().seconds = verified.script_seconds[cells++];
    }
  }
  if (verified.stopped) {
    VerifiedClaim& rest = claims.emplace_back();
    rest.scenario = "racelab verify";
    rest.name = "what is left";
    rest.found = Found::gave_up;
    rest.says = "it was stopped before everything was looked at";
  }
  return claims;
}

}  // namespace racelab
