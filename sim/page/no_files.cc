// There are no files in a page but those that were put into it: what reads others finds none, and what writes them says so.
#include <algorithm>

#include "sim/cli/file_watch.h"
#include "sim/cli/input_file.h"
#include "sim/cli/output_file.h"
#include "sim/cli/page_files.h"
#include "sim/cli/page_place.h"
#include "sim/cli/result_page.h"
#include "sim/cli/script_commands.h"
#include "sim/cli/usage_error.h"
#include "sim/page/given.h"

namespace racelab {

std::map<std::string, std::string>& page::given_files() {
  static std::map<std::string, std::string> files;
  return files;
}

std::string read_file(const std::string& path, std::string_view /*what*/,
                      std::uint64_t /*bytes_max*/) {
  if (const auto given = page::given_files().find(path); given != page::given_files().end()) {
    return given->second;
  }
  throw UsageError("there is no file '" + path + "': a page reads none");
}

Listing list_folder(const std::string& folder, const std::vector<std::string_view>& endings,
                    std::size_t /*names_max*/) {
  const std::string path = folder.ends_with('/') ? folder : folder + '/';
  Listing listing;
  for (const auto& [file, text] : page::given_files()) {
    if (file.starts_with(path)) {
      std::string name = file.substr(path.size());
      if (std::any_of(endings.begin(), endings.end(),
                      [&name](std::string_view ending) { return name.ends_with(ending); })) {
        listing.names.push_back(std::move(name));
      }
    }
  }
  listing.problem = listing.names.empty() ? "a page reads none" : "";
  return listing;
}

std::string name_when_read(const struct stat& /*file*/) { return ""; }

void forget_what_was_read() {}

CommandResult run_watched(const std::vector<std::string>& /*arguments*/,
                          const Environment& /*environment*/,
                          const std::function<CommandResult()>& /*run*/) {
  throw UsageError("a page reads no file that could change: --watch is for a terminal");
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (!path.empty()) {
    throw UsageError("the output file '" + path + "' cannot be written: a page writes none");
  }
}

void OutputFile::write(const std::function<void(const Sink&)>& /*tell*/) {}

void OutputFile::write(const std::string& /*text*/) {
}  // standard output, which is not written here

const CommandSyntax& new_syntax() {
  static const CommandSyntax none{
      .name = "new", .sentence = "", .usage = "", .exits = "", .flags = {}};
  return none;
}

std::string page_to_fill(const Arguments& /*arguments*/, const char* /*file*/,
                         std::string_view /*why*/) {
  throw UsageError("a page writes no other page; `racelab` does, in a terminal");
}

std::string page_place(const Arguments& /*arguments*/, SteppedWorld& /*world*/) { return ""; }

std::string filled_page(const std::string& page, const std::string& /*json*/) { return page; }

// Without --format html nobody asks for what follows.
ResultFile::ResultFile(const Arguments& arguments)
    : built(arguments.format == "html" ? page_to_fill(arguments, "", "") : ""),
      file(arguments.output) {}

std::string result_page(const std::string& built, const Arguments& /*arguments*/,
                        const PageContents& /*contents*/) {
  return built;
}

std::string explored_page(const std::vector<ExploreReport>& /*reports*/,
                          const Arguments& /*arguments*/, const std::string& built) {
  return built;
}

std::string start_of(SteppedWorld& /*world*/) { return ""; }

std::vector<std::string> way_of(SteppedWorld& /*world*/, const std::string& /*word*/) { return {}; }

std::string shown_of(const std::string& /*scenario*/) { return ""; }

CommandResult new_command(const std::vector<std::string>& /*rest*/,
                          const Environment& /*environment*/) {
  throw UsageError("a page makes no folder; `racelab new` does, in a terminal");
}

}  // namespace racelab
