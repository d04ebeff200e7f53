// A file is replaced by one that was written beside it. Pipes and devices have nothing to keep; they are opened once, since
// closing a pipe tells its reader that all is over.
#include "sim/cli/output_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>

#include "sim/cli/input_file.h"
#include "sim/cli/usage_error.h"

namespace racelab {

namespace fs = std::filesystem;

namespace {

// Not to be replaced: what is no file, and /dev/stdout even where a shell has sent it to one.
bool is_device(const std::string& path) {
  struct stat status {};
  return path.starts_with("/dev/") || path.starts_with("/proc/") ||
         (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode));
}

// The name of a file that is being written beside an output; null: none is.
std::atomic<const char*> unfinished = nullptr;
static_assert(std::atomic<const char*>::is_always_lock_free);  // a signal may read it

// Removes the file, however its scope is left; renamed, it is gone already.
class Unfinished {
 public:
  explicit Unfinished(const fs::path& name) : name_(name) { unfinished = name_.c_str(); }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    remove_unfinished_output();
    unfinished = nullptr;
  }

 private:
  const fs::path& name_;
};

// Whose it is and who may read it, as far as this process may say so.
void make_alike(std::FILE* file, const struct stat& old) {
  const int descriptor = fileno(file);
  if (fchown(descriptor, old.st_uid, old.st_gid) != 0 &&
      fchown(descriptor, static_cast<uid_t>(-1), old.st_gid) != 0) {
    // Then it belongs to whoever runs this.
  }
  fchmod(descriptor, old.st_mode & 07777U);
}

void read_pieces(const fs::path& path, const Sink& sink) {
  std::array<char, 65'536> piece{};
  std::ifstream file(path, std::ios::binary);
  while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
    sink({piece.data(), static_cast<std::size_t>(file.gcount())});
  }
}

}  // namespace

void remove_unfinished_output() {
  if (const char* name = unfinished) {
    unlink(name);
  }
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  struct stat there {};
  if (path.empty()) {
    if (fstat(STDOUT_FILENO, &there) == 0 && !name_when_read(there).empty()) {
      throw UsageError("standard output goes to '" + name_when_read(there) +
                       "', which this command reads: it would be damaged");
    }
    return;
  }
  const bool existed = stat(path.c_str(), &there) == 0;
  if (existed && S_ISDIR(there.st_mode)) {
    fail("is a folder");
  }
  if (const std::string input = existed ? name_when_read(there) : ""; !input.empty()) {
    fail((input == path ? "" : "is '" + input + "', which ") +
         std::string(input == path ? "is read by this command" : "this command reads") +
         ": it would be lost");
  }
  // For appending: that creates it or proves that it can be written, and changes nothing in it.
  const bool device = is_device(path);
  Stream probe(std::fopen(path.c_str(), "ab"));
  if (probe == nullptr) {
    fail("cannot be written");
  }
  if (device) {
    device_ = std::move(probe);
    return;
  }
  std::error_code error;
  target_ = fs::canonical(path, error);
  if (!existed) {
    fs::remove(target_, error);
  }
  fs::path beside;
  if (open_beside(beside) == nullptr) {
    fail("cannot be replaced: nothing can be written beside it");
  }
  fs::remove(beside, error);
}

void OutputFile::write(const std::string& text) {
  write([&text](const Sink& sink) { sink(text); });
}

void OutputFile::write(const std::function<void(const Sink&)>& tell) {
  if (device_ != nullptr) {
    finish(std::move(device_), tell);
  } else {
    replace(tell);
  }
}

void OutputFile::fail(const std::string& problem) const {
  throw UsageError("the output file '" + path_ + "' " + problem);
}

void OutputFile::finish(Stream stream, const std::function<void(const Sink&)>& tell) const {
  bool written = true;
  tell([&](std::string_view text) {
    written = written && std::fwrite(text.data(), 1, text.size(), stream.get()) == text.size();
  });
  if (std::fclose(stream.release()) != 0 || !written) {
    fail("could not be written to its end");
  }
}

// A new file in the same folder, so that it can take the other's place in one step; nothing when the folder takes none.
OutputFile::Stream OutputFile::open_beside(fs::path& beside) const {
  constexpr int names_max = 100;
  constexpr std::size_t name_bytes_max = 200;  // file systems take 255
  for (int i = 0; i < names_max; ++i) {
    beside = target_.parent_path() /
             (target_.filename().string().substr(0, name_bytes_max) + ".part" + std::to_string(i));
    if (Stream stream{std::fopen(beside.c_str(), "wbx")}; stream != nullptr) {
      return stream;
    }
  }
  return nullptr;
}

void OutputFile::replace(const std::function<void(const Sink&)>& tell) const {
  fs::path beside;
  Stream stream = open_beside(beside);
  if (stream == nullptr) {
    fail("cannot be replaced: nothing can be written beside it");
  }
  const Unfinished removed_unless_renamed(beside);
  if (struct stat old{}; stat(target_.c_str(), &old) == 0) {
    make_alike(stream.get(), old);
  }
  finish(std::move(stream), tell);
  std::error_code error;
  fs::rename(beside, target_, error);
  if (error == std::errc::device_or_resource_busy) {  // mounted by itself, as containers do
    stream = Stream(std::fopen(target_.c_str(), "wb"));
  }
  if (error && stream == nullptr) {
    fail("cannot be replaced");
  }
  if (error) {
    finish(std::move(stream), [&beside](const Sink& sink) { read_pieces(beside, sink); });
  }
}

}  // namespace racelab
