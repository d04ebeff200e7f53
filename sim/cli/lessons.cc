// Lessons are files, compiled in; an experiment is a command line, and runs as one.
#include "sim/cli/lessons.h"

#include <algorithm>

#include "sim/cli/commands.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/usage_error.h"
#include "sim/kernel/expect.h"
#include "sim/parse/chosen.h"
#include "sim/parse/lesson_file.h"
#include "sim/scenario/embedded.h"

namespace racelab {

const std::vector<Lesson>& built_in_lessons() {
  static const std::vector<Lesson> all = [] {
    std::vector<Lesson> lessons;
    for (const EmbeddedLesson& it : embedded_lessons()) {
      lessons.push_back(
          parse::read_lesson({"scenarios/lessons/" + std::string(it.file), std::string(it.text)}));
      RACELAB_EXPECT(lessons.back().number == lessons.size());
    }
    return lessons;
  }();
  return all;
}

CommandResult run_arguments(const std::vector<std::string>& arguments, bool color) {
  std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (color) {
    rest.insert(rest.end(), {"--color", "always"});
  }
  const auto command =
      std::find_if(all_commands().begin(), all_commands().end(),
                   [&arguments](const auto& it) { return it.name == arguments.front(); });
  RACELAB_EXPECT(command != all_commands().end());  // reading a lesson has looked
  return command->run(rest, Environment{});
}

std::vector<std::string> arguments_with(const Lesson& lesson, const PartChoices& choices) {
  std::vector<std::string> arguments = lesson.experiment.arguments;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    arguments.emplace_back("--param");
    arguments.push_back(lesson.parts[i].name + '=' + std::to_string(choices[i] + 1));
  }
  return arguments;
}

std::string endpoint_with(const Lesson& lesson, const PartChoices& choices) {
  const std::vector<std::string>& arguments = lesson.experiment.arguments;
  const auto flag = std::find(arguments.begin(), arguments.end(), "--strategy");
  RACELAB_EXPECT(arguments.end() - flag > 1);
  const parse::FolderTexts folder = load_folder(arguments[1]);
  const auto endpoint = std::find_if(folder.endpoints.begin(), folder.endpoints.end(),
                                     [&flag](const auto& it) { return it.first == *(flag + 1); });
  RACELAB_EXPECT(endpoint != folder.endpoints.end());
  std::map<std::string, std::int64_t> values;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    values[lesson.parts[i].name] = static_cast<std::int64_t>(choices[i]) + 1;
  }
  const std::string text = parse::chosen(endpoint->second.text, values);
  // Without the comment that explains the choices.
  const std::size_t reply = text.find("\n-- retry:");
  return reply == std::string::npos ? text : text.substr(reply + 1);
}

}  // namespace racelab
