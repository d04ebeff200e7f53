// racelab show: a scenario's story, its files, what to try first.  racelab new: a small folder that works, to change.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "sim/cli/scenario_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

namespace fs = std::filesystem;

bool asks_for_help(const std::vector<std::string>& rest) {
  return std::any_of(rest.begin(), rest.end(),
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

std::string only_name(const std::string& command, const std::vector<std::string>& rest) {
  if (rest.empty()) {
    throw UsageError("`racelab " + command + "` wants a name; `racelab " + command +
                     " --help` says which");
  }
  if (rest.size() > 1 || rest.front().starts_with('-')) {
    throw UsageError("`racelab " + command + "` takes one name and nothing else: what is '" +
                     (rest.size() > 1 ? rest[1] : rest.front()) + "'?");
  }
  return rest.front();
}

// The text under a line that names its file.
std::string shown(const std::string& file, const std::string& text) {
  std::string made = "\n== " + file + "\n" + text;
  if (!made.ends_with('\n')) {
    made += '\n';
  }
  return made;
}

struct NewFile {
  const char* name;
  const char* text;
};
constexpr NewFile new_files[] = {
    {"scenario.ini",
     "# One ticket is left, and two people want it at the same moment.\n"
     "#\n"
     "# Change the tables, the endpoints and this story; then: racelab explore ./NAME\n"
     "hazards = race\n"
     "clients = 2\n"
     "isolation = read-committed\n"
     "param.event = 1\n"},
    {"setup.sql",
     "create table event (\n"
     "  id integer primary key,\n"
     "  seats integer not null\n"
     ");\n"
     "create table ticket (\n"
     "  id serial primary key,\n"
     "  event integer not null references event,\n"
     "  holder integer not null\n"
     ");\n"
     "insert into event values (1, 1);\n"},
    {"check.sql",
     "-- What was sold and what is left make the one seat that was there.\n"
     "select (select count(*) from ticket) + (select sum(seats) from event) = 1;\n"},
    {"read-then-write.sql",
     "-- Read how many seats are left, decide, write it back.\n"
     "-- withstands: race from repeatable-read\n"
     "-- reply: ticket\n"
     "begin;\n"
     "select seats from event where id = :event \\gset\n"
     "\\if :seats < 1\n"
     "  \\set status 409\n"
     "  rollback;\n"
     "\\else\n"
     "  update event set seats = :seats - 1 where id = :event;\n"
     "  insert into ticket (event, holder) values (:event, :client_id) returning id as ticket "
     "\\gset\n"
     "  commit;\n"
     "\\endif\n"},
    {"select-for-update.sql",
     "-- The same, with a lock from the first look on.\n"
     "-- withstands: race\n"
     "-- reply: ticket\n"
     "begin;\n"
     "select seats from event where id = :event for update \\gset\n"
     "\\if :seats < 1\n"
     "  \\set status 409\n"
     "  rollback;\n"
     "\\else\n"
     "  update event set seats = :seats - 1 where id = :event;\n"
     "  insert into ticket (event, holder) values (:event, :client_id) returning id as ticket "
     "\\gset\n"
     "  commit;\n"
     "\\endif\n"},
};

}  // namespace

CommandResult show_command(const std::vector<std::string>& rest,
                           const Environment& /*environment*/) {
  if (asks_for_help(rest)) {
    return {Exit::as_expected,
            "usage: racelab show SCENARIO\n"
            "\n"
            "Its story, its files, and what to try first.\n"
            "\n"
            "  racelab show on-call-doctors\n",
            ""};
  }
  const std::string name = only_name("show", rest);
  const std::string word = shell_word(name);
  std::string text;
  if (!names_script_scenario(name)) {
    const Scenario scenario = load_scenario(name);
    for (const std::string& line : scenario.claim) {
      text += line + '\n';
    }
    return {Exit::as_expected,
            text + "\ntry     racelab run " + word + "\n        racelab explore " + word +
                "\n        racelab compare " + word + '\n',
            ""};
  }
  const parse::FolderTexts folder = load_folder(name);
  const parse::ScriptScenario scenario = parse::compile(folder, {});
  for (const std::string& line : scenario.claim) {
    text += line + '\n';
  }
  text += "\ntry     racelab explore " + word + '\n';
  for (std::size_t i = 0; i < std::min<std::size_t>(scenario.strategies.size(), 2); ++i) {
    text += "        racelab explore " + word + " --strategy " + scenario.strategies[i] + '\n';
  }
  text += "        racelab verify " + word + '\n';
  text += shown(folder.setup.file, folder.setup.text);
  if (!folder.check.file.empty()) {
    text += shown(folder.check.file, folder.check.text);
  }
  for (const auto& [endpoint, source] : folder.endpoints) {
    text += shown(source.file, source.text);
  }
  return {Exit::as_expected, text, ""};
}

CommandResult new_command(const std::vector<std::string>& rest,
                          const Environment& /*environment*/) {
  if (asks_for_help(rest)) {
    return {Exit::as_expected,
            "usage: racelab new NAME\n"
            "\n"
            "Writes a folder NAME with tables, a check and two endpoints in SQL that work, to\n"
            "be changed. Nothing that is there is touched.\n",
            ""};
  }
  const std::string name = only_name("new", rest);
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    throw UsageError("'" + name + "' is no name for a folder: it has a control character in it");
  }
  // As it is typed in a shell.
  const std::string path = shell_word(name.find('/') == std::string::npos ? "./" + name : name);
  const fs::path folder(name);
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error))) {
    throw UsageError("'" + name + "' is there already; nothing was written");
  }
  if (!fs::create_directory(folder, error)) {
    throw UsageError("the folder '" + name + "' cannot be made: " +
                     (error ? error.message() : std::string("it is there already")));
  }
  for (const NewFile& it : new_files) {
    std::string text = it.text;
    if (const std::size_t at = text.find("./NAME"); at != std::string::npos) {
      text.replace(at, 6, path);
    }
    std::ofstream file(folder / it.name, std::ios::binary);
    file << text;
    file.close();
    if (!file) {
      throw UsageError("'" + (folder / it.name).string() + "' cannot be written");
    }
  }
  return {Exit::as_expected,
          "wrote   " + path +
              ": scenario.ini, setup.sql, check.sql and two endpoints\n"
              "try     racelab explore " +
              path + "\n        racelab explore " + path +
              " --strategy read-then-write\n        racelab verify " + path + '\n',
          ""};
}

}  // namespace racelab
