// A service's workers, and the requests that wait for one: first come, first served.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>

#include "sim/kernel/arena.h"
#include "sim/kernel/choice.h"
#include "sim/kernel/list.h"
#include "sim/service/network.h"

namespace racelab {

struct ServiceCounts;

class Workers {
 public:
  /// `workers`: 0 for as many as there are requests. `queue_max`: requests that may wait; none: no limit. Counts go to `counts`.
  struct Limits {
    std::uint32_t workers = 0;
    std::optional<std::uint32_t> queue_max{};
  };
  Workers(Arena& arena, Choice& choice, ServiceCounts& counts, const Limits& limits);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  [[nodiscard]] bool one_is_free() const {
    return limits_.workers == 0 || occupied_ < limits_.workers;
  }
  /// Those that are at work.
  [[nodiscard]] std::uint32_t occupied() const { return occupied_; }

  /// One starts to work for an operation.
  void occupy(OperationName operation);
  /// One that has worked since `since` is free again.
  void release(OperationName operation, Instant since);

  /// A request waits for a worker; false: the queue is full, and it stays whose it was.
  [[nodiscard]] bool queue(RequestMessage& message);
  /// The request whose turn it is, taken out of the queue; nullptr: none waits, or no worker is free.
  [[nodiscard]] RequestMessage* take_next();
  /// A request of that attempt, taken out of the queue before its turn; nullptr: none waits.
  [[nodiscard]] RequestMessage* take(OperationName operation, std::uint16_t attempt);

 private:
  void leave_queue(RequestMessage& message);

  Arena& arena_;
  Choice& choice_;
  ServiceCounts& counts_;
  Limits limits_;
  std::uint32_t occupied_ = 0;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t, boost::hash<std::uint64_t>,
                            std::equal_to<>,
                            ArenaAllocator<std::pair<const std::uint64_t, std::uint32_t>>>
      by_operation_;  // how many work for it; only looked up, never iterated
  List<RequestMessage> queue_;
  std::uint64_t queue_length_ = 0;
};

}  // namespace racelab
