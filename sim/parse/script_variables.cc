// A variable is a number; its name is looked up while the file is read.
#include "sim/parse/script_variables.h"

#include <algorithm>

#include "sim/parse/lexer.h"
#include "sim/scenario/options.h"

namespace racelab::parse {

ScriptVariables::ScriptVariables(const Source& source, const std::vector<std::string>& parameters)
    : source_(source), names_{"client_id", "operation", "attempt", "key", "status"} {
  names_.insert(names_.end(), parameters.begin(), parameters.end());
  given_ = names_.size();
}

VariableId ScriptVariables::named(const std::string& name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) {
    return static_cast<VariableId>(found - names_.begin());
  }
  names_.push_back(name);
  return static_cast<VariableId>(names_.size() - 1);
}

VariableId ScriptVariables::known(const std::string& name, std::size_t at) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) {
    const std::string near = nearest(name, names_);
    throw source_.problem(at, "nothing in this script sets :" + name +
                                  (near.empty() ? "" : "; did you mean " + near + '?'));
  }
  return static_cast<VariableId>(found - names_.begin());
}

void ScriptVariables::assign(VariableId variable, std::size_t at) {
  if (variable < Script::status) {
    throw source_.problem(at, ':' + names_[variable] + " is given; it cannot be set");
  }
  if (!is_set(variable)) {
    set_.push_back(variable);
  }
}

bool ScriptVariables::is_set(VariableId variable) const {
  return variable < given_ || std::find(set_.begin(), set_.end(), variable) != set_.end();
}

VariableId ScriptVariables::read_at(std::size_t begin, std::size_t end) {
  const VariableId read = named(source_.text.substr(begin + 1, end - begin - 1));
  const bool known =
      is_set(read) || std::any_of(read_before_.begin(), read_before_.end(),
                                  [read](const ReadBefore& it) { return it.variable == read; });
  if (!known) {
    read_before_.push_back({read, begin});
  }
  return read;
}

ScriptVariables::WithParameters ScriptVariables::with_parameters(std::size_t begin,
                                                                 std::size_t end) {
  const std::string& text = source_.text;
  WithParameters made;
  const auto copy = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      made.text += text[i];
      made.from.push_back(i);
    }
  };
  std::size_t i = begin;
  while (i < end) {
    const std::size_t quoted = std::min(end_of_quoted(text, i), end);
    if (quoted > i) {
      const bool is_comment = text.compare(i, 2, "--") == 0 || text.compare(i, 2, "/*") == 0;
      if (is_comment) {
        made.text += ' ';
        made.from.push_back(i);
      } else {
        copy(i, quoted);
      }
      i = quoted;
      continue;
    }
    const bool is_cast = text[i] == ':' && i + 1 < end && text[i + 1] == ':';
    const bool is_number =
        text[i] == '$' && i + 1 < end && text[i + 1] >= '0' && text[i + 1] <= '9';
    if (is_number) {
      throw source_.problem(i, "a parameter is written as :name");
    }
    if (is_cast) {
      copy(i, i + 2);
      i += 2;
    } else if (text[i] == ':' && i + 1 < end && starts_name(text[i + 1])) {
      std::size_t stop = i + 1;
      while (stop < end && in_name(text[stop])) {
        ++stop;
      }
      made.variables.push_back(read_at(i, stop));
      for (const char c : '$' + std::to_string(made.variables.size())) {
        made.text += c;
        made.from.push_back(i);
      }
      i = stop;
    } else {
      copy(i, i + 1);
      ++i;
    }
  }
  made.from.push_back(end);
  return made;
}

}  // namespace racelab::parse
