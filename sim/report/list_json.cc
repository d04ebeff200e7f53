// What there is, and one scenario with its files, as JSON: a page that shows them has no folder to look into.
#include "sim/report/json.h"
#include "sim/report/listing.h"
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

json::object requests_json(const std::string& client) {
  json::object requests;
  for (const auto& [failure, count] : requests_of_client(client)) {
    requests[failure] = count < 0 ? json::value("endless") : json::value(count);
  }
  return requests;
}

json::object entry_json(const ListedGroup& group, const ListedEntry& entry) {
  json::object object{{"name", entry.name}, {"sentence", utf8_text(entry.sentence)}};
  if (group.name == "clients") {
    object["requests"] = requests_json(entry.name);
  } else if (!entry.more.empty()) {
    object["more"] = json::value_from(entry.more);
  }
  return object;
}

std::string printed(const json::object& object) {
  std::string text;
  print(text, object, 0);
  return text + '\n';
}

}  // namespace

std::string list_json(const std::vector<ListedScenario>& scenarios,
                      const std::vector<ListedScenario>& in_sql,
                      const std::vector<ListedKind>& kinds) {
  json::object object{{"schema", "racelab.list/1"}};
  for (const ListedKind& kind : kinds) {
    if (kind.name == "scenarios") {
      json::array all;
      add(all, scenarios, false);
      add(all, in_sql, true);
      object["scenarios"] = std::move(all);
    }
    for (const ListedGroup& group : kind.groups) {
      if (group.name == "scenarios" || group.name == "scenarios_in_sql") {
        continue;
      }
      json::array entries;
      for (const ListedEntry& entry : group.entries) {
        entries.push_back(entry_json(group, entry));
      }
      object[group.name] = std::move(entries);
    }
  }
  return printed(object);
}

std::string show_json(const ClientPreset& preset) {
  json::object settings;
  for (const auto& [key, value] : preset.settings) {
    settings[key] = value;
  }
  return printed({{"schema", "racelab.show/1"},
                  {"client", preset.name},
                  {"story", story_json(preset.claim)},
                  {"settings", std::move(settings)},
                  {"requests", requests_json(preset.name)}});
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
