// What a stack can come to, worked out from its policies alone: how many calls of the last service one operation can make, by
// which path; and who gives up before those whom it has called do.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/client/failure.h"
#include "sim/scenario/settings.h"

namespace racelab {

/// How every call of the last service fails, where one fault strikes them all: it alone is set, at 100 %, without a limit.
std::optional<Failure> only_failure(const Settings& settings);

/// A caller of a stack: the clients are layer 1, service k is layer k + 1.
struct StackCaller {
  std::uint32_t calls =
      1;  // that it makes at most for one call to it; the clients: for one operation; attempts_endless: without end
  std::optional<Duration> gives_up;  // on a call; none: it waits for ever
  /// How long it can go on for one call to it, each of its calls failing as late as it may; none: without end.
  std::optional<Duration> goes_on;
  bool ends_with_its_caller = false;  // its deadline is passed on to it
};

/// Whether it asks again for ever.
bool is_endless(const StackCaller& caller);

/// By layer - 1; as many as there are layers. When every call of the last service fails like that, at once; none: of whatever
/// failures can come, in whatever mixture. A caller that waits for less than the one that it called takes to fail sees a timeout.
std::vector<StackCaller> callers_after(const Settings& settings, std::optional<Failure> failure);
/// The same after only_failure.
std::vector<StackCaller> callers_of(const Settings& settings);

/// The failure after which one operation makes most calls; of several the first.
Failure worst_failure(const Settings& settings);

/// The product of their calls.
std::uint64_t calls_of_one_operation(const std::vector<StackCaller>& callers);

}  // namespace racelab
