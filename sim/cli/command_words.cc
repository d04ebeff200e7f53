// Program_options reads the line; what it throws says which flag does not stand in its form.
#include "sim/cli/command_words.h"

#include <boost/program_options.hpp>

namespace racelab {

namespace {

namespace po = boost::program_options;

using Values = std::vector<std::string>;

constexpr const char* name_key = "a name";  // no flag has a blank

po::options_description description_of(const std::vector<FlagForm>& forms) {
  po::options_description description;
  for (const FlagForm& form : forms) {
    if (form.takes_value) {
      description.add_options()(form.name.c_str(), po::value<Values>(), "");
    } else {
      description.add_options()(form.name.c_str(), "");
    }
  }
  description.add_options()(name_key, po::value<Values>(), "");
  return description;
}

std::string without_dashes(const std::string& flag) {
  const std::size_t begin = std::min(flag.find_first_not_of('-'), flag.size());
  return flag.substr(begin, flag.find('=') - begin);
}

}  // namespace

std::vector<CommandWord> command_words(const std::vector<FlagForm>& forms,
                                       const std::vector<std::string>& arguments) {
  namespace style = po::command_line_style;
  using How = FlagMisused::How;
  const po::options_description description = description_of(forms);
  po::positional_options_description names;
  names.add(name_key, -1);
  std::vector<CommandWord> words;
  try {
    const po::parsed_options parsed =
        po::command_line_parser(arguments)
            .options(description)
            .positional(names)
            .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next)
            .run();
    for (const po::option& option : parsed.options) {
      words.push_back({option.string_key == name_key ? "" : option.string_key,
                       option.value.empty() ? "" : option.value.front()});
    }
  } catch (const po::unknown_option& error) {
    throw FlagMisused(How::unknown, error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    throw FlagMisused(
        error.kind() == po::invalid_syntax::extra_parameter ? How::value_given : How::value_missing,
        without_dashes(error.get_option_name()));
  }
  return words;
}

}  // namespace racelab
