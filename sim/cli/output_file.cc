// A file is replaced by one that was written beside it. Pipes and devices have nothing to keep; they are opened once, since
// closing a pipe tells its reader that all is over.
#include "sim/cli/output_file.h"

#include "sim/cli/usage_error.h"

namespace racelab {

namespace fs = std::filesystem;

namespace {

// Not to be replaced: what is no file, and /dev/stdout even where a shell has sent it to one. A link to a file that is not
// there yet is followed when it is written.
bool is_device(const std::string& path) {
  std::error_code error;
  if (path.starts_with("/dev/") || path.starts_with("/proc/")) {
    return true;
  }
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) ? !fs::is_regular_file(status)
                            : fs::is_symlink(fs::symlink_status(path, error));
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path.empty()) {
    return;
  }
  std::error_code error;
  if (fs::is_directory(path, error)) {
    fail("is a folder");
  }
  // For appending: that creates it or proves that it can be written, and changes nothing in it.
  const bool existed = fs::exists(path, error);
  const bool device = is_device(path);
  Stream probe(std::fopen(path.c_str(), "ab"));
  if (probe == nullptr) {
    fail("cannot be written");
  }
  if (device) {
    device_ = std::move(probe);
    return;
  }
  target_ = fs::canonical(path, error);
  if (!existed) {
    fs::remove(target_, error);
  }
}

void OutputFile::write(const std::string& text) {
  if (device_ != nullptr) {
    finish(std::move(device_), text);
  } else {
    replace(text);
  }
}

void OutputFile::fail(const std::string& problem) const {
  throw UsageError("the output file '" + path_ + "' " + problem);
}

void OutputFile::finish(Stream stream, const std::string& text) const {
  const bool written = std::fwrite(text.data(), 1, text.size(), stream.get()) == text.size();
  if (std::fclose(stream.release()) != 0 || !written) {
    fail("could not be written to its end");
  }
}

// A new file in the same folder, so that it can take the other's place in one step; nothing when the folder takes none.
OutputFile::Stream OutputFile::open_beside(fs::path& beside) const {
  constexpr int names_max = 100;
  for (int i = 0; i < names_max; ++i) {
    beside = target_;
    beside += ".part" + std::to_string(i);
    if (Stream stream{std::fopen(beside.c_str(), "wbx")}; stream != nullptr) {
      return stream;
    }
  }
  return nullptr;
}

void OutputFile::replace(const std::string& text) const {
  fs::path beside;
  Stream stream = open_beside(beside);
  if (stream == nullptr) {
    stream = Stream(std::fopen(target_.c_str(), "wb"));
    if (stream == nullptr) {
      fail("cannot be written");
    }
    finish(std::move(stream), text);
    return;
  }
  std::error_code error;
  try {
    finish(std::move(stream), text);
  } catch (const UsageError&) {
    fs::remove(beside, error);
    throw;
  }
  if (const fs::file_status old = fs::status(target_, error); fs::exists(old)) {
    fs::permissions(beside, old.permissions(), error);
  }
  fs::rename(beside, target_, error);
  if (error) {
    fs::remove(beside, error);
    fail("cannot be written");
  }
}

}  // namespace racelab
