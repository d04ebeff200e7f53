// What endpoints in SQL say that they withstand, against what exploring finds: in the store, or on a real server.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/cli/watch.h"
#include "sim/drivers/driver_error.h"
#include "sim/drivers/host.h"
#include "sim/explore/explore_on.h"
#include "sim/parse/idempotency_key.h"
#include "sim/report/script_words.h"

namespace racelab {

namespace {

// Whether it says that it withstands a hazard at a level.
bool withstands(const Script& script, std::string_view hazard, sql::Isolation level) {
  return std::any_of(
      script.withstands.begin(), script.withstands.end(),
      [&](const Script::Withstood& it) { return it.hazard == hazard && level >= it.from; });
}

// One hazard alone: without the faults of the others.
void leave_only(ScriptSetup& setup, Hazard hazard) {
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    if (hazard_of(static_cast<FaultKind>(kind)) != hazard) {
      setup.faults.settings[kind] = {};
      setup.faults.settings[kind].max = 0;
    }
  }
  if (hazard != Hazard::race) {
    setup.plan.resize(1);
    setup.parameters.resize(1);
  }
}

// Orders in which a check is broken, whatever else is wrong.
OrderCount orders_breaking_checks(const ScriptExploration& found) {
  OrderCount orders = 0;
  for (std::size_t i = 0; i < found.outcomes.size(); ++i) {
    if (!found.outcomes[i].ending->checks_hold()) {
      orders += found.odds.by_outcome[i];
    }
  }
  return orders;
}

// Explores a scenario's setups, in the store or on a server.
class Explorer {
 public:
  Explorer(const parse::FolderTexts& texts, Watch& watch, const VerifyOn& on)
      : texts_(texts), watch_(watch), on_(on) {}

  /// `until_violated`: nothing but the verdict counts.
  ScriptExploration explored(const ScriptSetup& setup, bool until_violated) {
    if (on_.host == nullptr) {
      ExploreOptions options;
      options.limits = watch_.limits();
      options.examples = false;
      return explore(setup, options);
    }
    const std::unique_ptr<RealServer> server =
        on_.host->server_for(setup, texts_.setup.text, drivers::Numbers::in_millions);
    version_ = server->version();
    ExploreOnOptions options;
    options.orders_max = on_.orders_max;
    options.steps_max = static_cast<std::uint32_t>(on_.steps_max);
    options.example = false;
    options.until_violated = until_violated;
    options.go_on = [this](std::uint64_t done) { return watch_.go_on("order", done); };
    return explore_on(setup, *server, options);
  }
  /// Of the server; empty: the store, or it was not asked yet.
  [[nodiscard]] const std::string& version() const { return version_; }

 private:
  const parse::FolderTexts& texts_;
  Watch& watch_;
  const VerifyOn& on_;
  std::string version_;
};

ScriptCell verify_cell(const parse::ScriptScenario& scenario, ScriptSetup setup,
                       const std::string& strategy, sql::Isolation level, Explorer& explorer) {
  setup.rules.isolation = level;
  if (const std::string problem = problem_with_exploring(setup); !problem.empty()) {
    throw UsageError(problem);
  }
  ScriptCell cell;
  cell.strategy = strategy;
  cell.isolation = isolation_text(level);
  std::vector<Hazard> open;  // that some endpoint of it does not withstand
  for (const HazardDescription& it : hazard_descriptions) {
    if (!scenario.settings.hazards.contain(it.hazard)) {
      continue;
    }
    bool all = true;
    for (const auto& plan : setup.plan) {
      for (const std::size_t script : plan) {
        all = all && withstands(*setup.scripts[script], it.name, level);
      }
    }
    if (!all) {
      open.push_back(it.hazard);
    }
  }
  cell.withstands = open.empty();
  ScriptExploration found = explorer.explored(setup, false);
  if (scenario.judged_by_checks && found.verdict != Verdict::gave_up) {
    found.odds.orders_violating = orders_breaking_checks(found);
    found.verdict = found.odds.orders_violating > 0 ? Verdict::violated : Verdict::holds;
  }
  cell.explored = found.verdict;
  cell.orders = found.odds.orders;
  cell.orders_violating = found.odds.orders_violating;
  if (found.verdict == Verdict::gave_up) {
    return cell;
  }
  if (cell.withstands && found.verdict != Verdict::holds) {
    cell.problem = "it says that it withstands " +
                   std::string(scenario.settings.hazards.empty() ? "everything" : "all of it") +
                   ", and " + found.odds.orders_violating.str() + " of " + found.odds.orders.str() +
                   " orders fail";
  }
  for (const Hazard hazard : open) {
    ScriptSetup alone = setup;
    leave_only(alone, hazard);
    const bool same = open.size() == 1 && hazard == Hazard::race;
    const Verdict verdict = same ? found.verdict : explorer.explored(alone, true).verdict;
    if (verdict == Verdict::holds || verdict == Verdict::idle) {
      cell.problem = "it does not say that it withstands " +
                     std::string(hazard_descriptions[static_cast<std::size_t>(hazard)].name) +
                     (same                     ? ", and every order holds"
                      : hazard == Hazard::race ? ", and every order without a fault holds"
                                               : ", and every order with nothing else holds");
      cell.claims_too_little = true;
    }
  }
  return cell;
}

// Every strategy, and, where calls may be repeated, each endpoint with an idempotency key.
std::vector<std::string> strategies_to_verify(const parse::ScriptScenario& scenario) {
  const Hazards& hazards = scenario.settings.hazards;
  const bool may_repeat = hazards.contain(Hazard::repeat) || hazards.contain(Hazard::overlap) ||
                          hazards.contain(Hazard::crash);
  std::vector<std::string> all;
  const auto add = [&all](const std::string& strategy) {
    if (std::find(all.begin(), all.end(), strategy) == all.end()) {
      all.push_back(strategy);
    }
  };
  for (const std::string& strategy : scenario.strategies) {
    add(strategy);
    if (may_repeat && strategy.find_first_of(",:+") == std::string::npos) {
      add(strategy + '+' + std::string(parse::idempotency_key));
    }
  }
  return all;
}

}  // namespace

ScriptVerification verify_scripts(const std::string& name, Watch& watch, const VerifyOn& on,
                                  std::vector<double>& seconds) {
  const parse::FolderTexts texts = load_folder(name);
  const parse::ScriptScenario scenario = parse::compile(texts, {});
  Explorer explorer(texts, watch, on);
  ScriptVerification made;
  made.scenario = name;
  for (const HazardDescription& it : hazard_descriptions) {
    if (scenario.settings.hazards.contain(it.hazard)) {
      made.hazards += (made.hazards.empty() ? "" : ", ") + std::string(it.name);
    }
  }
  for (const std::string& strategy : strategies_to_verify(scenario)) {
    std::optional<ScriptSetup> setup;
    std::string why_not;
    try {
      setup = parse::setup_of(scenario, strategy);
    } catch (const parse::Problem& problem) {  // it takes no protection
      why_not = problem.what();
    }
    for (const sql::Isolation level :
         {sql::Isolation::read_committed, sql::Isolation::repeatable_read,
          sql::Isolation::serializable}) {
      if (setup) {
        try {
          const auto start = std::chrono::steady_clock::now();
          made.cells.push_back(verify_cell(scenario, *setup, strategy, level, explorer));
          seconds.push_back(
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
          continue;
        } catch (const drivers::NotInThisDatabase& problem) {
          why_not = problem.what();
        }
      }
      ScriptCell& cell = made.cells.emplace_back();
      cell.strategy = strategy;
      cell.isolation = isolation_text(level);
      cell.why_not = why_not;
      seconds.push_back(0);
    }
  }
  made.on = explorer.version();
  return made;
}

}  // namespace racelab
