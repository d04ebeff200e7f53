// What there is, and one scenario with its files, as JSON: a page that shows them has no folder to look into.
#include "sim/report/json.h"
#include "sim/report/report.h"
#include "sim/report/words.h"

namespace racelab {

namespace json = boost::json;

namespace {

json::array hazards_json(Hazards hazards) {
  json::array names;
  for (const HazardDescription& description : hazard_descriptions) {
    if (hazards.contain(description.hazard)) {
      names.push_back(json::value(description.name));
    }
  }
  return names;
}

// Lines as paragraphs.
json::array story_json(const std::vector<std::string>& claim) {
  json::array paragraphs;
  std::string paragraph;
  for (const std::string& line : claim) {
    if (!line.empty()) {
      paragraph += (paragraph.empty() ? "" : " ") + line;
    } else if (!paragraph.empty()) {
      paragraphs.push_back(json::value(utf8_text(paragraph)));
      paragraph.clear();
    }
  }
  if (!paragraph.empty()) {
    paragraphs.push_back(json::value(utf8_text(paragraph)));
  }
  return paragraphs;
}

void add(json::array& all, const std::vector<ListedScenario>& scenarios, bool sql) {
  for (const ListedScenario& scenario : scenarios) {
    all.push_back(json::object{{"name", scenario.name},
                               {"sql", sql},
                               {"explorable", scenario.explorable},
                               {"story", story_json(scenario.claim)},
                               {"hazards", hazards_json(scenario.hazards)}});
  }
}

template <class Entry>
json::array entries_json(const std::vector<Entry>& entries) {
  json::array all;
  for (const Entry& entry : entries) {
    all.push_back(json::object{{"name", entry.name}, {"sentence", entry.sentence}});
  }
  return all;
}

std::string printed(const json::object& object) {
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace

std::string list_json(const std::vector<ListedScenario>& scenarios,
                      const std::vector<ListedScenario>& in_sql) {
  json::array all;
  add(all, scenarios, false);
  add(all, in_sql, true);
  return printed({{"schema", "racelab.list/1"},
                  {"scenarios", std::move(all)},
                  {"strategies", entries_json(strategies())},
                  {"protections", entries_json(protections())}});
}

std::string show_json(const ShownScenario& scenario) {
  json::array files;
  for (const auto& [name, text] : scenario.files) {
    files.push_back(json::object{{"file", utf8_text(name)}, {"text", utf8_text(text)}});
  }
  json::array strategies;
  for (const std::string& strategy : scenario.strategies) {
    strategies.push_back(json::value(strategy));
  }
  return printed({{"schema", "racelab.show/1"},
                  {"scenario", utf8_text(scenario.name)},
                  {"sql", scenario.sql},
                  {"story", story_json(scenario.claim)},
                  {"hazards", hazards_json(scenario.hazards)},
                  {"strategies", std::move(strategies)},
                  {"files", std::move(files)}});
}

}  // namespace racelab
