// One input, a whole scenario: files of a folder in one text, each under a line "== NAME". It is read, compiled, explored for a few
// hundred states and printed; whatever it holds, that ends with a sentence or with a report, never with a crash.
#pragma once

#include <string>
#include <string_view>

#include "sim/parse/scenario_folder.h"
#include "sim/report/script_report.h"

namespace racelab::fuzz {

constexpr std::size_t input_bytes_max = 20'000;

/// The same text again from the files of a folder.
inline std::string joined(const parse::FolderTexts& texts) {
  std::string text;
  const auto add = [&text](const std::string& name, const parse::Source& source) {
    if (!source.file.empty()) {
      text += "== ";
      text += name;
      text += '\n';
      text += source.text;
    }
  };
  add("scenario.ini", texts.settings);
  add("setup.sql", texts.setup);
  add("check.sql", texts.check);
  for (const auto& [name, source] : texts.endpoints) {
    add(name + ".sql", source);
  }
  return text;
}

inline parse::FolderTexts cut(std::string_view input) {
  parse::FolderTexts texts;
  texts.name = "fuzz";
  parse::Source* into = nullptr;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size() - 1);
    const std::string_view line = input.substr(0, end + 1);
    input.remove_prefix(line.size());
    if (!line.starts_with("== ")) {
      if (into != nullptr) {
        into->text += line;
      }
      continue;
    }
    const std::string file(line.substr(3, line.find_last_not_of("\r\n") - 2));
    if (file == "scenario.ini" || file == "setup.sql" || file == "check.sql") {
      into = file == "scenario.ini" ? &texts.settings
             : file == "setup.sql"  ? &texts.setup
                                    : &texts.check;
    } else {
      into = &texts.endpoints.emplace_back(file.substr(0, file.find('.')), parse::Source{}).second;
    }
    *into = {file, ""};
  }
  return texts;
}

/// What became of it: the sentence that it was refused with, or the verdict.
inline std::string outcome_of(std::string_view input) {
  if (input.size() > input_bytes_max) {
    return "too long";
  }
  try {
    const parse::FolderTexts texts = cut(input);
    if (texts.endpoints.empty()) {
      return "no endpoint";
    }
    // So that it ends soon; the rest is the input's.
    const parse::ScriptScenario scenario = parse::compile(
        texts, {{"clients", "2"}, {"operations", "1"}, {"attempts-max", "2"}, {"tries-max", "2"}});
    ScriptReport report;
    report.scenario = scenario.name;
    report.strategy = scenario.strategies.front();
    report.setup = std::make_shared<const ScriptSetup>(parse::setup_of(scenario, report.strategy));
    report.shaped = scenario.shaped;
    report.what = " fuzz";
    if (std::string problem = problem_with_exploring(*report.setup); !problem.empty()) {
      return problem;
    }
    ExploreOptions options;
    options.limits.states = 300;
    report.exploration = explore(*report.setup, options);
    const std::string page = page_text(script_page({report}), {});
    script_json({report});
    return page.substr(0, page.find_first_of(" \n"));
  } catch (const parse::Problem& problem) {
    return problem.what();
  }
}

}  // namespace racelab::fuzz
