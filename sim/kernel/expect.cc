// How a broken promise is told: one line on stderr, then abort, so that a core dump shows the place.
#include "sim/kernel/expect.h"

#include <cstdio>
#include <cstdlib>

namespace racelab {

void broken_promise(const char* promise, const char* file, int line) {
  std::fprintf(stderr, "racelab bug: expected %s (%s:%d)\n", promise, file, line);
  std::abort();
}

}  // namespace racelab
