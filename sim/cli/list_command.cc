// racelab list: what there is.
#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/scenario_file.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/usage_error.h"
#include "sim/scenario/options.h"

namespace racelab {

CommandResult list_command(const std::vector<std::string>& rest,
                           const Environment& /*environment*/) {
  const auto asks_for_help = [](const std::string& word) {
    return word == "--help" || word == "-h";
  };
  if (std::any_of(rest.begin(), rest.end(), asks_for_help)) {
    return {Exit::as_expected,
            "usage: racelab list [strategies|scenarios|hazards|faults|clients|sql]\n"
            "\n"
            "What there is, a sentence each; all without an argument.\n"
            "\n"
            "  racelab list --format json      scenarios and strategies, for programs\n",
            ""};
  }
  if (rest == std::vector<std::string>{"--format", "json"} ||
      rest == std::vector<std::string>{"--format=json"}) {
    return {Exit::as_expected, list_json(listed_scenarios(), listed_script_scenarios()), ""};
  }
  if (rest.size() > 1) {
    throw UsageError(
        "`racelab list` takes one of strategies, scenarios, hazards, faults, clients, sql, or "
        "nothing");
  }
  const std::string what = rest.empty() ? "" : rest.front();
  if (what.starts_with('-')) {
    throw UsageError("`racelab list` has no option '" + what +
                     "'; `racelab list --help` says what it takes");
  }
  const std::vector<std::string> kinds{"strategies", "scenarios", "hazards",
                                       "faults",     "clients",   "sql"};
  std::string text;
  for (const std::string& kind : kinds) {
    if (!what.empty() && what != kind) {
      continue;
    }
    text += text.empty() ? "" : "\n";
    text += kind == "strategies" ? list_strategies_text()
            : kind == "scenarios"
                ? list_scenarios_text(listed_scenarios(), listed_script_scenarios())
            : kind == "hazards" ? list_hazards_text()
            : kind == "faults"  ? list_faults_text()
            : kind == "clients" ? list_clients_text()
                                : list_sql_text();
  }
  if (text.empty()) {
    const std::string near = nearest(what, kinds);
    throw UsageError("there is nothing to list called '" + what + "'; " +
                     (near.empty()
                          ? "there are strategies, scenarios, hazards, faults, clients and sql"
                          : "did you mean '" + near + "'?"));
  }
  return {Exit::as_expected, text, ""};
}

}  // namespace racelab
