// Results as text for a terminal and as JSON for programs. Only this room and cli print; both only from data.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/explore/explore.h"
#include "sim/explore/verify.h"
#include "sim/report/sink.h"
#include "sim/report/text_layout.h"
#include "sim/scenario/registry.h"
#include "sim/scenario/run.h"
#include "sim/scenario/settings.h"

namespace racelab {

struct ScriptVerification;

/// What was run or explored, as it was asked for.
struct Experiment {
  std::string scenario;  // as it was named on the command line
  Fleet fleet;
  Settings settings;
  std::vector<std::string> row_names;
  std::vector<std::pair<std::string, std::string>>
      flags;  // settings given as flags, to show it again: key, value
};

/// An experiment with what happened when it was run, in time or in a given order.
struct ExperimentRun : Experiment {
  ExperimentRun() = default;
  explicit ExperimentRun(Experiment experiment) : Experiment(std::move(experiment)) {}

  RunResult result;
};

/// One order of an experiment, walked through: its moves, the chances at each, and what really happened, with every event.
struct OrderReport : ExperimentRun {
  using ExperimentRun::ExperimentRun;

  WalkedOrder order;
  std::string token;  // names it everywhere
};

/// A timed run, and what is known beyond it.
struct RunReport : ExperimentRun {
  using ExperimentRun::ExperimentRun;

  std::optional<Exploration>
      proof;                   // of the same strategy, when all orders could be followed at once
  bool proof_of_twin = false;  // … not of the run's own settings, but of the scenario's small twin
  std::optional<OrderReport>
      smallest;     // what a violation can be made as small as, by the same exploration
  std::string fix;  // a fleet that would have held under this seed; empty: none, or nothing to mend
};

/// An exploration with what it was one of.
struct ExploreReport : Experiment {
  ExploreReport() = default;
  explicit ExploreReport(Experiment experiment) : Experiment(std::move(experiment)) {}

  Exploration exploration;
  std::optional<OrderReport> counterexample;
  std::vector<std::optional<OrderReport>> near_misses;  // like Exploration's: the smallest of each
  bool of_twin = false;    // of the scenario's small twin, not of what `run` runs
  bool by_orders = false;  // every order by itself, no graph of states
  bool symmetry = true;
  std::string stopped_by;  // what ended it from outside: "interrupt", "seconds-max"
  double seconds = 0;
};

/// The matrix of strategies and scenarios.
struct VerifyReport {
  struct Column {
    std::string scenario;
    Settings settings;
  };
  std::vector<Column> scenarios;
  std::vector<Combination> combinations;
  std::vector<Cell> cells;   // combination by combination
  std::size_t left_out = 0;  // combinations that were not looked at, because it was stopped
  std::vector<std::string> timed_only;  // scenarios that no exploration can follow

  [[nodiscard]] const Cell& cell(std::size_t combination, std::size_t scenario) const {
    return cells[(combination * scenarios.size()) + scenario];
  }
  /// Verdicts that differ from the derived ones, and those that a limit left open.
  [[nodiscard]] std::size_t refuted() const;
  [[nodiscard]] std::size_t open() const;
  [[nodiscard]] bool as_derived() const { return refuted() == 0 && open() == 0; }
};

/// Makes a run once more, and tells its events; false: it was stopped before all were told.
using EventTeller = std::function<bool(TraceReader&)>;

/// The report of a run: the verdict first, then the timeline, the ledger, why, and what to type next.
Page run_page(const RunReport& report);
/// The same in 80 columns.
std::string run_text(const RunReport& report, const TextStyle& style);

/// The report of an exploration: the verdict, the odds, the outcomes, the smallest counterexample, what to type next.
/// Of several strategies a table, with the smallest counterexample of each.
std::string explore_text(const std::vector<ExploreReport>& reports, const TextStyle& style);

/// The same as JSON, in one object with the schema "racelab.explore/1"; of several strategies, those in one with the schema
/// "racelab.explore-several/1".
std::string explore_json(const std::vector<ExploreReport>& reports);

/// The matrix: marks with what is behind them, then what is not as derived.
std::string verify_text(const VerifyReport& report, const TextStyle& style);
/// The matrix as a table for Markdown: exactly what README.md holds.
std::string verify_markdown(const VerifyReport& report);
/// The same as JSON, in one object with the schema "racelab.verify/1", with what was found of endpoints in SQL.
std::string verify_json(const VerifyReport& report, const std::vector<ScriptVerification>& scripts);

/// The same as JSON, in one object with the schema "racelab.run/1", whose last member is the events, if somebody tells them. False:
/// that was stopped.
bool write_run_json(const RunReport& report, const EventTeller& events, const Sink& sink);

/// Every single value of that object as CSV: a line of names ("ledger.final"), a line of values.
std::string run_csv(const RunReport& report);

/// A scenario, as far as lists tell of it.
struct ListedScenario {
  std::string name;
  std::vector<std::string> claim;
  Hazards hazards;
  bool explorable = true;  // or only to be run in time
};
/// A scenario as `racelab show` shows it.
struct ShownScenario {
  std::string name;
  std::vector<std::string> claim;
  Hazards hazards;
  bool sql = false;  // its endpoints are files
  std::vector<std::string> strategies;
  std::vector<std::pair<std::string, std::string>> files = {};  // name, text
};
/// As JSON, in one object with the schema "racelab.show/1".
std::string show_json(const ShownScenario& scenario);

}  // namespace racelab
