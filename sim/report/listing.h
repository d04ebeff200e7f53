// What there is, as data: `racelab list` in words, in full, or as JSON says the same.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/report/report.h"
#include "sim/scenario/client_presets.h"

namespace racelab {

/// One of the things that there are.
struct ListedEntry {
  std::string name;
  std::string sentence;
  std::vector<std::string> more;  // clauses beyond the sentence
  std::string command;            // what shows more of it; empty: nothing does
};

/// Those of one sort under one heading.
struct ListedGroup {
  std::string name;     // in JSON: "protections"
  std::string heading;  // "protections: --strategy STRATEGY+NAME"
  std::vector<ListedEntry> entries;
};

/// What `racelab list KIND` lists.
struct ListedKind {
  std::string name;  // "strategies"
  std::vector<ListedGroup> groups;
};

/// All that can be listed, in the order of `racelab list`. `in_sql`: the scenarios with endpoints in SQL.
std::vector<ListedKind> listed_kinds(const std::vector<ListedScenario>& scenarios,
                                     const std::vector<ListedScenario>& in_sql);
/// Their names.
const std::vector<std::string>& list_kinds();

/// A line an entry; of clients a table.
std::string list_text(const ListedKind& kind);
/// Everything, a line an entry; kinds that are long by their name only.
std::string list_text(const std::vector<ListedKind>& kinds);
/// Every entry of that name, in full; empty: there is none.
std::string listed_text(const std::vector<ListedKind>& kinds, const std::string& name);

/// In one object with the schema "racelab.list/1": scenarios, strategies and protections.
std::string list_json(const std::vector<ListedScenario>& scenarios,
                      const std::vector<ListedScenario>& in_sql,
                      const std::vector<ListedKind>& kinds);

/// Requests that a client sends for one write when every attempt fails like that, by the failures' names; -1: without end.
std::vector<std::pair<std::string, std::int64_t>> requests_of_client(const std::string& name);

/// A client's preset as `racelab show` shows it, in one object with the schema "racelab.show/1".
std::string show_json(const ClientPreset& preset);

}  // namespace racelab
