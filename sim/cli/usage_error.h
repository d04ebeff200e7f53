// Bad input, on its way to one sentence on standard error and exit code 2. Only the command line throws.
#pragma once

#include <stdexcept>
#include <string>

namespace racelab {

/// `what()` is the sentence, without the program's name and a full stop.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace racelab
