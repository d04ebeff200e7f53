// Files are looked at five times a second: that works on every file system, for one that is replaced as for one that is written, and
// costs nothing that anybody would notice.
#include "sim/cli/file_watch.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <utility>

#include "sim/cli/input_file.h"
#include "sim/cli/signals.h"
#include "sim/cli/usage_error.h"
#include "sim/report/screen_width.h"
#include "sim/report/text_layout.h"

namespace racelab {

namespace {

void wait_a_moment() {
  constexpr timespec moment{.tv_sec = 0, .tv_nsec = 200'000'000};
  nanosleep(&moment, nullptr);
}

bool is_folder(const std::string& name) {
  struct stat status {};
  return stat(name.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// The value of a flag; empty: it is not given.
std::string value_of_flag(const std::vector<std::string>& arguments, const std::string& flag) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == flag && i + 1 < arguments.size()) {
      return arguments[i + 1];
    }
    if (arguments[i].starts_with(flag + '=')) {
      return arguments[i].substr(flag.size() + 1);
    }
  }
  return "";
}

void refuse_what_cannot_be_watched(const std::vector<std::string>& arguments) {
  for (const std::string& word : arguments) {
    const std::string name = word.starts_with("--") ? word.substr(word.find('=') + 1) : word;
    if (name == "/dev/stdin" || name.starts_with("/dev/fd/") ||
        name.starts_with("/proc/self/fd/")) {
      throw UsageError(
          fmt::format("'{}' cannot be watched: it is read once; --watch wants a file", name));
    }
  }
  const std::string format = value_of_flag(arguments, "--format");
  if (!format.empty() && format != "text" && value_of_flag(arguments, "--output").empty()) {
    throw UsageError(fmt::format(
        "--watch writes one result after another: --format {} needs --output FILE with it",
        format));
  }
}

// A line across, with what is to be said of the run that follows.
std::string rule(std::uint64_t run, const std::string& file) {
  struct stat there {};
  std::string text = fmt::format("── run {}: {} has {} ", run, file,
                                 stat(file.c_str(), &there) == 0 ? "changed" : "gone");
  for (std::size_t at = columns_of(text); at < screen_width(); ++at) {
    text += "─";
  }
  return text + '\n';
}

// Says what there is, or keeps it where nobody listens. False: the reader has gone away.
bool tell(const CommandResult& result, const Environment& environment, CommandResult& kept) {
  if (environment.notice && !result.errors.empty()) {
    environment.notice(result.errors);
  } else {
    kept.errors += result.errors;
  }
  if (environment.conversation.say) {
    return result.output.empty() || environment.conversation.say(result.output);
  }
  kept.output += result.output;
  return true;
}

// Whether --output is a file that was read: no change of it would help.
bool damages_what_it_reads(const std::vector<std::string>& arguments) {
  const std::string output = value_of_flag(arguments, "--output");
  struct stat there {};
  return !output.empty() && stat(output.c_str(), &there) == 0 && !name_when_read(there).empty();
}

// Waits for one, and until nothing more is written.
std::string next_change(FileWatch& watch, const Environment& environment, const WishToStop& wish) {
  if (environment.progress && !wish.is_there()) {
    environment.progress("waiting for a change of what was read; Ctrl-C ends it");
  }
  std::string file;
  while (file.empty() && !wish.is_there()) {
    wait_a_moment();
    file = watch.changed();
  }
  do {
    wait_a_moment();
  } while (!wish.is_there() && !watch.changed().empty());
  if (environment.progress) {
    environment.progress("\r\033[K");
  }
  return file;
}

}  // namespace

FileWatch::FileWatch(std::vector<std::string> folders)
    : folders_(std::move(folders)), seen_(look()) {}

void FileWatch::add(const std::string& name, const struct stat& as_read) {
  if (files_.insert(name).second) {
    seen_.emplace(name, look_of(as_read));
  }
}

FileWatch::Look FileWatch::look_of(const struct stat& status) {
  return {.inode = status.st_ino,
          .bytes = static_cast<std::uint64_t>(status.st_size),
          .second = status.st_mtim.tv_sec,
          .nanosecond = status.st_mtim.tv_nsec};
}

FileWatch::Looks FileWatch::look() const {
  constexpr std::size_t names_max = 1'000;
  std::set<std::string> names = files_;
  for (const std::string& folder : folders_) {
    for (const std::string& name : list_folder(folder, {".sql", "scenario.ini"}, names_max).names) {
      names.insert(fmt::format("{}{}{}", folder, folder.ends_with('/') ? "" : "/", name));
    }
  }
  Looks looks;
  for (const std::string& name : names) {
    struct stat status {};
    if (stat(name.c_str(), &status) == 0) {
      looks[name] = look_of(status);
    }
  }
  return looks;
}

std::string FileWatch::changed() {
  const Looks now = look();
  std::string found;
  for (const auto& [name, look] : now) {
    const auto before = seen_.find(name);
    if (found.empty() && (before == seen_.end() || before->second != look)) {
      found = name;
    }
  }
  std::set<std::string> gone;
  for (const auto& [name, look] : seen_) {
    if (!now.contains(name)) {
      found = found.empty() && gone_.contains(name) ? name : found;
      gone.insert(name);
    }
  }
  gone_ = std::move(gone);
  if (!found.empty()) {
    seen_ = now;
  }
  return found;
}

CommandResult run_watched(const std::vector<std::string>& arguments, const Environment& environment,
                          const std::function<CommandResult()>& run) {
  refuse_what_cannot_be_watched(arguments);
  std::vector<std::string> folders;
  std::copy_if(arguments.begin(), arguments.end(), std::back_inserter(folders), is_folder);
  const WishToStop wish(0);
  FileWatch watch(std::move(folders));
  CommandResult result = run();
  if (result.exit == Exit::bad_usage && damages_what_it_reads(arguments)) {
    return result;
  }
  if (files_that_were_read().empty()) {
    if (result.exit == Exit::bad_usage) {
      return result;
    }
    throw UsageError("--watch waits for a file to change, and this command reads none");
  }
  CommandResult kept;
  for (std::uint64_t number = 2;; ++number) {
    kept.exit = result.exit;
    if (!tell(result, environment, kept)) {
      return kept;
    }
    for (const auto& [status, name] : files_that_were_read()) {
      watch.add(name, status);
    }
    const std::string file = next_change(watch, environment, wish);
    if (wish.is_there()) {
      return kept;
    }
    if (!tell({Exit::as_expected, rule(number, file), ""}, environment, kept)) {
      return kept;
    }
    result = run();
  }
}

}  // namespace racelab
