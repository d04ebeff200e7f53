// What may come next on a command line that is still being typed, for shells. It knows what the commands know: the same flags, the
// same names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace racelab {

struct CompletedWord {
  std::string word;
  std::string remark;  // a clause for people; may be empty
};

struct Completion {
  enum class Paths : std::uint8_t { none, files, folders };
  std::vector<CompletedWord> candidates;  // each begins with what was typed
  Paths paths = Paths::none;              // names in the file system may stand there, too
  bool goes_on = false;                   // what is completed is not the end of the word
};

/// What the last word may become; the words before it are complete. The program's name is not among them.
Completion complete(const std::vector<std::string>& words);

}  // namespace racelab
