// The data of a page, put together from what the commands have as JSON.
#include "sim/cli/result_page.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "sim/cli/page_files.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/kernel/expect.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

namespace {

constexpr std::size_t orders_max = 3'000;  // as many as the page draws one by one
constexpr std::size_t steps_max = 100;     // more are not walked through one by one

// The command as it was typed, without what made it a page.
std::string command_line(const Arguments& arguments) {
  std::string text = "racelab";
  bool is_value = false;  // of a flag that is left out
  for (const std::string& word : arguments.line) {
    if (is_value || word.starts_with("--format=") || word.starts_with("--output=")) {
      is_value = false;
      continue;
    }
    is_value = word == "--format" || word == "--output";
    if (!is_value) {
      text.append(" ").append(shell_word(word));
    }
  }
  return utf8_text(text);
}

json::value parsed(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::parse(text);
}

// A comparison repeats every setting for every cell, and the page shows none of them; orders that are listed have their endings with
// them.
json::value without_repetitions(json::value result, bool orders_are_listed) {
  json::object& object = result.as_object();
  if (object.contains("cells")) {
    for (json::value& cell : object["cells"].as_array()) {
      cell.as_object().erase("options");
    }
  }
  if (object.contains("explorations")) {
    for (json::value& one : object["explorations"].as_array()) {
      one.as_object()["outcomes"] = json::array{};  // they have a line each, in a table
    }
  }
  if (object.contains("outcomes")) {
    json::array& outcomes = object["outcomes"].as_array();
    // Those of endpoints in SQL are whole tables, and can be thousands: the terminal's text has them in words.
    const bool tables = !outcomes.empty() && outcomes[0].as_object().contains("operations");
    if (orders_are_listed || tables) {
      outcomes.clear();
    }
  }
  return result;
}

// A state with what is drawn of its orders: the words of an ending, where it has some, and single orders only where all are there.
json::value drawn_state(const std::string& text) {
  json::value state = parsed(text);
  if (state.is_null() || !state.as_object().contains("orders")) {
    return state;
  }
  json::object& orders = state.at("orders").as_object();
  for (json::value& outcome : orders["outcomes"].as_array()) {
    json::object& ending = outcome.as_object();
    ending.erase("told");
    if (ending.contains("words")) {
      for (const char* in_words : {"final", "operations", "checks"}) {
        ending.erase(in_words);
      }
    }
  }
  json::array& list = orders["list"].as_array();
  if (state.at("odds").is_null() ||
      state.at("odds").at("orders").as_string() != std::to_string(list.size())) {
    list.clear();
  }
  return state;
}

}  // namespace

ResultFile::ResultFile(const Arguments& arguments)
    : built(arguments.format == "html" ? page_to_fill(arguments, "result.html", "--format html")
                                       : ""),
      file(arguments.output) {}

std::string result_page(const std::string& built, const Arguments& arguments,
                        const PageContents& contents) {
  json::array way;
  for (const std::string& state : contents.way) {
    way.push_back(drawn_state(state));
  }
  json::array commands;
  for (const std::string& command : contents.commands) {
    commands.push_back(json::value(utf8_text(command)));
  }
  json::value start = drawn_state(contents.start);
  const bool listed = start.is_object() && start.as_object().contains("orders");
  const json::object data{{"schema", "racelab.page/1"},
                          {"version", RACELAB_VERSION},
                          {"command", command_line(arguments)},
                          {"result", without_repetitions(parsed(contents.result), listed)},
                          {"text", utf8_text(contents.text)},
                          {"shown", parsed(contents.shown)},
                          {"commands", std::move(commands)},
                          {"start", std::move(start)},
                          {"way", std::move(way)}};
  return filled_page(built, json::serialize(data));
}

std::string start_of(SteppedWorld& world) { return world.json(orders_max); }

std::vector<std::string> way_of(SteppedWorld& world, const std::string& word) {
  std::string refusal;
  const std::vector<std::string> taken = letters_of(world, word);
  std::vector<std::string> way;
  if (taken.size() <= steps_max) {
    for (const std::string& letter : taken) {
      way.push_back(world.json(way.empty() ? orders_max : 0));
      RACELAB_EXPECT(world.take(letter));
    }
  } else {
    RACELAB_EXPECT(go_to(world, word, refusal));
  }
  way.push_back(world.json(0));
  return way;
}

std::string explored_page(const std::vector<ExploreReport>& reports, const Arguments& arguments,
                          const std::string& built) {
  PageContents contents{.result = explore_json(reports),
                        .text = explore_text(reports, {}),
                        .shown = shown_of(reports.front().scenario)};
  if (reports.size() == 1) {
    const ExploreReport& report = reports.front();
    if (report.counterexample) {
      const std::string& token = report.counterexample->token;
      contents.commands = {fmt::format("racelab explain {}", token),
                           fmt::format("racelab step {}", token)};
    }
    contents.commands.push_back(experiment_command("step", report, name_of(report.fleet)));
    contents.start = start_of(*world_of(report, {}, page_states_max));
    if (report.counterexample) {
      const WalkedOrder& order = report.counterexample->order;
      const std::unique_ptr<SteppedWorld> world = world_of(report, order.issued, page_states_max);
      contents.way = way_of(*world, word_of(order.moves));
    }
  }
  return result_page(built, arguments, contents);
}

std::string shown_of(const std::string& scenario) {
  try {
    return show_command({scenario, "--format", "json"}, {}).output;
  } catch (const UsageError&) {  // a token's, that is not built in; or what can be read only once
    return "";
  }
}

}  // namespace racelab
