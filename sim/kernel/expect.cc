// How a broken promise is told: one line on stderr, then abort, so that a core dump shows the
// place. A coroutine whose body throws comes here, too.
#include "sim/kernel/expect.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "sim/kernel/plugin_call.h"

namespace racelab {

void broken_promise(const char* promise, const char* file, int line) {
  if (plugin_is_running()) {  // its author's, then, and not ours
    if (std::current_exception() != nullptr) {
      plugin_threw();
    }
    std::array<char, 200> problem{};
    std::snprintf(problem.data(), problem.size(), "breaks its contract: expected %s", promise);
    plugin_failed(problem.data());
  }
  std::fprintf(stderr, "racelab bug: expected %s (%s:%d)\n", promise, file, line);
  std::abort();
}

}  // namespace racelab
