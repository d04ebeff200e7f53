// libFuzzer's door: ./dev fuzz [SECONDS].
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  racelab::fuzz::outcome_of({reinterpret_cast<const char*>(data), size});
  return 0;
}
