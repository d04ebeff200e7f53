// In place of Program_options, which Debian has for its own machines only.
#include "sim/cli/command_words.h"

#include <algorithm>

namespace racelab {

namespace {

const FlagForm& form_of(const std::vector<FlagForm>& forms, const std::string& argument) {
  const std::string flag = argument.substr(0, argument.find('='));
  const auto found = std::find_if(forms.begin(), forms.end(), [&flag](const FlagForm& form) {
    return flag == "--" + form.name;
  });
  if (found == forms.end()) {
    throw FlagMisused(FlagMisused::How::unknown, flag);
  }
  return *found;
}

}  // namespace

std::vector<CommandWord> command_words(const std::vector<FlagForm>& forms,
                                       const std::vector<std::string>& arguments) {
  using How = FlagMisused::How;
  std::vector<CommandWord> words;
  bool names_only = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (names_only || !argument.starts_with("--")) {
      words.push_back({"", argument});
      continue;
    }
    if (argument == "--") {
      names_only = true;
      continue;
    }
    const FlagForm& form = form_of(forms, argument);
    const std::size_t equals = argument.find('=');
    if (!form.takes_value && equals != std::string::npos) {
      throw FlagMisused(How::value_given, form.name);
    }
    if (!form.takes_value) {
      words.push_back({form.name, ""});
    } else if (equals == std::string::npos && i + 1 < arguments.size()) {
      words.push_back({form.name, arguments[++i]});
    } else if (equals != std::string::npos && equals + 1 < argument.size()) {
      words.push_back({form.name, argument.substr(equals + 1)});
    } else {
      throw FlagMisused(How::value_missing, form.name);
    }
  }
  return words;
}

}  // namespace racelab
