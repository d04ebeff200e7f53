// Why no serial order explains what happened: a circle of "comes before", each link from recorded events.
//
// The links are the dependencies of Adya, Liskov and O'Neil, "Generalized Isolation Level Definitions" (ICDE 2000): one
// overwrote the other's version, one read the other's version, one read the version that the other overwrote.
#pragma once

#include <string>
#include <vector>

#include "sim/report/report.h"

namespace racelab {

struct Dependency {
  enum class Kind : std::uint8_t { write_write, write_read, read_write };
  Kind kind{};
  ApplicationId before = no_application;
  ApplicationId after = no_application;
  const TraceEvent* first = nullptr;   // by `before`
  const TraceEvent* second = nullptr;  // by `after`
  std::uint32_t row = 0;
  std::int64_t value = 0;  // of the version that was read, or overwritten
};

/// The shortest circle, closed by its last link; empty when there is none. Points into the result's trace.
std::vector<Dependency> contradiction(const RunResult& result);

/// "B overwrote the version that A wrote", with the names as given.
std::string dependency_text(const Dependency& dependency, const std::string& before,
                            const std::string& after, const std::string& row);

std::string_view kind_name(Dependency::Kind kind);

}  // namespace racelab
