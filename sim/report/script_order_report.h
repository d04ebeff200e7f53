// One order of endpoints in SQL for `explore --order`, `replay`, `explain` and `step`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/explore/script_same_order.h"
#include "sim/report/page.h"
#include "sim/report/screen_width.h"
#include "sim/report/text_layout.h"

namespace racelab {

/// Endpoints in SQL as they were asked for: a scenario, one fleet of it, its settings.
struct ScriptExperiment {
  std::string scenario;  // as it was named on the command line
  std::string strategy;
  std::shared_ptr<const ScriptSetup> setup;
  std::vector<std::pair<std::string, std::string>> shaped;  // settings that were made: key, value
  std::string what;   // that a command names, up to the strategy: " ./shop --clients 3"
  std::string where;  // … besides a token: " ./shop"; empty: nothing

  /// "racelab VERB ./shop --clients 3 --strategy S".
  [[nodiscard]] std::string command(const std::string& verb, const std::string& of_strategy) const {
    return "racelab " + verb + what + " --strategy " + of_strategy;
  }
};

/// An order with what names it.
struct ScriptOrderReport : ScriptExperiment {
  ScriptOrder order;
  std::string token;

  /// "racelab VERB TOKEN", with the files where the token cannot carry them.
  [[nodiscard]] std::string command_for(const std::string& verb) const {
    return "racelab " + verb + ' ' + token + where;
  }
};

/// Where the words of a step begin: behind its number, and who it is.
constexpr std::size_t step_text_at = 10;

/// The size and the word of an order, its steps with their chances, how it ends and why.
void add_order(Page& page, const ScriptSetup& setup, const ScriptOrder& order,
               const std::string& label);
/// A line of something that happened: who it is, the words (wrapped), something at the right edge.
struct StepLine {
  std::string head = {};
  std::string text = {};
  std::string right = {};
  std::size_t text_at = step_text_at;  // columns that the head takes
  std::size_t width = screen_width();  // columns of the whole
};
void add_step_line(Page& page, const StepLine& step);
/// One step: everything that happened in it, a chance at the right edge.
struct DrawnStep {
  std::size_t number = 0;
  const std::vector<ScriptModel::Happened>* happened = nullptr;
  std::string chance;
  std::size_t width = screen_width();
};
void add_step(Page& page, const DrawnStep& step, bool several);
/// All steps.
void add_steps(Page& page, const ScriptOrder& order);
/// The line "with": the strategy and the settings.
void add_settings(Page& page, const ScriptExperiment& experiment);

/// One order that was asked for: its verdict, its steps, and why.
Page script_order_page(const ScriptOrderReport& report);

/// The same order elsewhere.
struct ScriptSameReport : ScriptOrderReport {
  ScriptSameOrder same;
};

struct ScriptReplay {
  ScriptOrderReport order;
  std::optional<ScriptSameReport> other;
};

/// The order; or, with another strategy or level, both side by side.
Page script_replay_page(const ScriptReplay& report);
/// In one object with the schema "racelab.replay/1".
std::string script_replay_json(const ScriptReplay& report);

}  // namespace racelab
