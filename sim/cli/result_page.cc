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

// A comparison repeats every setting for every cell, and the page shows none of them.
json::value without_options(json::value result) {
  json::array* const cells =
      result.as_object().contains("cells") ? result.as_object()["cells"].if_array() : nullptr;
  if (cells != nullptr) {
    for (json::value& cell : *cells) {
      cell.as_object().erase("options");
    }
  }
  return result;
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
    way.push_back(parsed(state));
  }
  json::array commands;
  for (const std::string& command : contents.commands) {
    commands.push_back(json::value(utf8_text(command)));
  }
  const json::object data{{"schema", "racelab.page/1"},
                          {"version", RACELAB_VERSION},
                          {"command", command_line(arguments)},
                          {"result", without_options(parsed(contents.result))},
                          {"text", utf8_text(contents.text)},
                          {"shown", parsed(contents.shown)},
                          {"commands", std::move(commands)},
                          {"start", parsed(contents.start)},
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
