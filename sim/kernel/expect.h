// Assertions that stay on in every build. A bug in racelab (time going backwards, a lock released twice) ends the
// program at once with the broken promise in words: a simulator that carries on after one would report lies.
// What merely goes wrong inside the simulated world (a timeout, a refusal, a deadlock) is a value, never one of these.
#pragma once

namespace racelab {

/// Prints the promise that was broken, and where, to stderr; then aborts.
[[noreturn]] void broken_promise(const char* promise, const char* file, int line);

}  // namespace racelab

/// Aborts unless `condition` holds, in release builds too.
#define RACELAB_EXPECT(condition)                      \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::racelab::broken_promise(#condition, __FILE__, __LINE__))
