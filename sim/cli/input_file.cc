// Read piece by piece: a pipe tells no size, and what is too long is not read to its end. A pipe
// that nobody writes to and a device that never ends are refused, unless the shell has opened them:
// then they were meant.
#include "sim/cli/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "sim/cli/usage_error.h"
#include "sim/report/words.h"

namespace racelab {

namespace {

// Regular files, by device and inode: a file has many names. Commands run one after another.
std::vector<std::pair<struct stat, std::string>>& files_read() {
  static std::vector<std::pair<struct stat, std::string>> files;
  return files;
}

bool is_open_already(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

class Descriptor {
 public:
  // Does not wait for somebody to write to a pipe, but then for what is written.
  explicit Descriptor(const std::string& path)
      : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (number_ >= 0) {
      fcntl(number_, F_SETFL, O_RDONLY);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

void refuse_what_is_no_file(const std::string& path, std::string_view what,
                            const struct stat& status) {
  if (S_ISDIR(status.st_mode)) {
    throw UsageError(fmt::format("'{}' is a folder, not {}", path, what));
  }
  if (S_ISREG(status.st_mode) || is_open_already(path)) {
    return;
  }
  if (S_ISFIFO(status.st_mode)) {
    throw UsageError(fmt::format("'{}' is a pipe, not {}; /dev/stdin reads from one", path, what));
  }
  throw UsageError(fmt::format("'{}' is a {}, not {}", path,
                               S_ISSOCK(status.st_mode) ? "socket" : "device", what));
}

}  // namespace

std::string read_file(const std::string& path, std::string_view what, std::uint64_t bytes_max) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    throw UsageError(errno == ENOENT || errno == ENOTDIR
                         ? "there is no file '" + path + "'"
                         : "the file '" + path + "' cannot be read");
  }
  refuse_what_is_no_file(path, what, status);
  const Descriptor file(path);
  if (file.number() < 0 || fstat(file.number(), &status) != 0) {
    throw UsageError("the file '" + path + "' cannot be read");
  }
  refuse_what_is_no_file(path, what, status);
  if (S_ISREG(status.st_mode)) {
    files_read().emplace_back(status, path);
  }
  const auto longer_than_all = [bytes_max](std::uint64_t bytes) { return bytes > bytes_max; };
  std::string text;
  std::array<char, 65'536> piece{};
  bool too_long =
      S_ISREG(status.st_mode) && longer_than_all(static_cast<std::uint64_t>(status.st_size));
  for (ssize_t got = 1; got != 0 && !too_long; too_long = longer_than_all(text.size())) {
    got = read(file.number(), piece.data(), piece.size());
    if (got < 0 && errno != EINTR) {
      throw UsageError("the file '" + path + "' cannot be read");
    }
    text.append(piece.data(), static_cast<std::size_t>(got < 0 ? 0 : got));
  }
  if (too_long) {
    throw UsageError(
        fmt::format("'{}' is too long for {} (at most {} bytes)", path, what, grouped(bytes_max)));
  }
  return text;
}

Listing list_folder(const std::string& folder, const std::vector<std::string_view>& endings,
                    std::size_t names_max) {
  namespace fs = std::filesystem;
  Listing listing;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    std::string name = entry.path().filename().string();
    if (std::any_of(endings.begin(), endings.end(),
                    [&name](std::string_view ending) { return name.ends_with(ending); })) {
      listing.names.push_back(std::move(name));
    }
    if (listing.names.size() > names_max) {
      break;
    }
  }
  std::sort(listing.names.begin(), listing.names.end());
  listing.problem = error ? error.message() : "";
  return listing;
}

std::string name_when_read(const struct stat& file) {
  for (const auto& [read, name] : files_read()) {
    if (read.st_dev == file.st_dev && read.st_ino == file.st_ino) {
      return name;
    }
  }
  return "";
}

const std::vector<std::pair<struct stat, std::string>>& files_that_were_read() {
  return files_read();
}

void forget_what_was_read() { files_read().clear(); }

}  // namespace racelab
