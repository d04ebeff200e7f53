// Directives: codes, statuses, hazards.
#include "sim/parse/directives.h"

#include <algorithm>
#include <charconv>

#include "sim/parse/lexer.h"
#include "sim/scenario/hazard.h"
#include "sim/scenario/options.h"

namespace racelab::parse {

namespace {

std::size_t place_of(const Source& source, std::string_view item) {
  return static_cast<std::size_t>(item.data() - source.text.data());
}

// "; did you mean X?", or what there is.
std::string or_nearest(std::string_view word, const std::vector<std::string>& names) {
  const std::string near = nearest(word, names);
  if (!near.empty()) {
    return "; did you mean " + near + '?';
  }
  std::string all;
  for (const std::string& name : names) {
    all += (all.empty() ? "; there are " : ", ") + name;
  }
  return all;
}

}  // namespace

const std::vector<std::string>& head_directives() {
  static const std::vector<std::string> words{"reply", "retry", "refusal", "withstands"};
  return words;
}

const std::vector<std::string>& statement_directives() {
  static const std::vector<std::string> words{"catch", "rows"};
  return words;
}

sql::SqlState sql_state(const Source& source, std::string_view item) {
  const bool good = item.size() == 5 && std::all_of(item.begin(), item.end(), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                    });
  const std::string code(item);
  if (!good) {
    throw source.problem(place_of(source, item), "'" + code +
                                                     "' is no SQLSTATE (five digits or capital "
                                                     "letters, like 23505)");
  }
  return code.c_str();
}

std::int64_t refusal_status(const Source& source, std::string_view item) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), number);
  if (error != std::errc() || end != item.data() + item.size() || number < 400 || number > 599) {
    throw source.problem(place_of(source, item),
                         "'" + std::string(item) + "' is no status of a refusal (400 to 599)");
  }
  return number;
}

Script::Withstood withstood(const Source& source, std::string_view item) {
  const std::size_t from = item.find(" from ");
  const std::string_view name = without_blanks(item.substr(0, from));
  std::vector<std::string> hazards;
  hazards.reserve(hazard_descriptions.size());
  for (const HazardDescription& it : hazard_descriptions) {
    hazards.emplace_back(it.name);
  }
  Script::Withstood made;
  made.hazard = std::string(name);
  if (std::find(hazards.begin(), hazards.end(), made.hazard) == hazards.end()) {
    throw source.problem(place_of(source, name),
                         "there is no hazard '" + made.hazard + "'" + or_nearest(name, hazards));
  }
  if (from == std::string_view::npos) {
    return made;
  }
  const std::string_view level = without_blanks(item.substr(from + 6));
  static const std::vector<std::string> levels{"read-committed", "repeatable-read", "serializable"};
  const auto found = std::find(levels.begin(), levels.end(), level);
  if (found == levels.end()) {
    throw source.problem(
        place_of(source, level),
        "there is no isolation level '" + std::string(level) + "'" + or_nearest(level, levels));
  }
  made.from = static_cast<sql::Isolation>(found - levels.begin());
  return made;
}

}  // namespace racelab::parse
