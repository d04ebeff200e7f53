// racelab new: a small folder that works, to change.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "sim/cli/scenario_file.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/script_scenario.h"
#include "sim/cli/usage_error.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

namespace fs = std::filesystem;

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

const CommandSyntax& new_syntax() {
  static const CommandSyntax syntax{
      .name = "new",
      .sentence = "a small folder with tables and endpoints that works, to change",
      .usage =
          "usage: racelab new NAME\n"
          "\n"
          "Writes a folder NAME with tables, a check and two endpoints in SQL that work, to\n"
          "be changed. Nothing that is there is touched.\n",
      .exits = "0 it is written, 2 bad usage, or it cannot be written",
      .flags = {},
      .name_word = "name",
  };
  return syntax;
}

CommandResult new_command(const std::vector<std::string>& rest,
                          const Environment& /*environment*/) {
  if (asks_for_help(rest)) {
    return {Exit::as_expected, help_text(new_syntax()), ""};
  }
  const std::string name = only_name("new", rest);
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    throw UsageError("'" + name + "' is no name for a folder: it has a control character in it");
  }
  const auto is_built_in = [&name](const ListedScenario& it) { return it.name == name; };
  for (const auto& listed : {listed_scenarios(), listed_script_scenarios()}) {
    if (std::any_of(listed.begin(), listed.end(), is_built_in)) {
      throw UsageError("'" + name +
                       "' is a scenario that is built in, and one of the two would be hidden; take "
                       "another name");
    }
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
      fs::remove_all(folder, error);
      throw UsageError("'" + (folder / it.name).string() + "' cannot be written; nothing is left");
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
