// The variables of an endpoint while it is read: which there are, which are set, and which are read before anything sets them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/parse/script_file.h"

namespace racelab::parse {

class ScriptVariables {
 public:
  /// With those that every script is given, and the parameters. The source must outlive this.
  ScriptVariables(const Source& source, const std::vector<std::string>& parameters);

  /// The variable of that name, from now on if there was none.
  VariableId named(const std::string& name);
  /// The variable of that name. Throws Problem if there is none.
  [[nodiscard]] VariableId known(const std::string& name, std::size_t at) const;
  /// It is set here. Throws Problem if it is given.
  void assign(VariableId variable, std::size_t at);

  /// A part of the file with its variables replaced by $1, $2, …, and where each letter came from.
  struct WithParameters {
    std::string text;
    std::vector<std::size_t> from;  // by letter of the text
    std::vector<VariableId> variables;
  };
  /// Throws Problem.
  WithParameters with_parameters(std::size_t begin, std::size_t end);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<ReadBefore>& read_before() const { return read_before_; }

 private:
  [[nodiscard]] bool is_set(VariableId variable) const;
  VariableId read_at(std::size_t begin, std::size_t end);

  const Source& source_;
  std::vector<std::string> names_;
  std::size_t given_ = 0;
  std::vector<VariableId> set_;
  std::vector<ReadBefore> read_before_;
};

}  // namespace racelab::parse
