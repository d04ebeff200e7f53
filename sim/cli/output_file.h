// Where --output goes. A name that cannot be written is known before any work; nothing that the
// command reads is written over; and a file that was there keeps what it held until the new result
// is complete: a full disk, an interrupt or a mistake must cost nobody a result.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "sim/report/sink.h"

namespace racelab {

class OutputFile {
 public:
  /// Finds out whether `path` can be written, once all inputs are read; leaves nothing behind. An
  /// empty path is standard output, which this class does not write. Throws UsageError.
  explicit OutputFile(const std::string& path);

  /// Writes the result, whole or not at all. Once at most. Throws UsageError.
  void write(const std::string& text);
  /// The same of a result that is told a piece at a time.
  void write(const std::function<void(const Sink&)>& tell);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using Stream = std::unique_ptr<std::FILE, Close>;

  [[noreturn]] void fail(const std::string& problem) const;
  void finish(Stream stream, const std::function<void(const Sink&)>& tell) const;
  [[nodiscard]] Stream open_beside(std::filesystem::path& beside) const;
  void replace(const std::function<void(const Sink&)>& tell) const;

  std::string path_;
  std::filesystem::path target_;  // the file itself, where `path` is a link to it
  Stream device_;                 // a pipe or a device, opened once
};

/// Removes what stands beside an output that is not complete. For a process that ends at once; may
/// be called by a signal.
void remove_unfinished_output();

}  // namespace racelab
