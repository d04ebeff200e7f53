// The two ends of a call, for services that stand behind one another: what requests are sent to, and who hears the replies.
#pragma once

#include <cstdint>

#include "sim/service/request.h"

namespace racelab {

struct Endpoint;

/// The caller's end of the network.
class Caller {
 public:
  Caller() = default;
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  virtual ~Caller() = default;
  /// A reply has arrived.
  virtual void receive(OperationName operation, std::uint16_t attempt, std::uint8_t copy,
                       Reply reply) = 0;
  /// One more delivery of the attempt is under way (+1), or one fewer can still be answered (-1).
  virtual void expect_answers(OperationName operation, std::uint16_t attempt, int change) = 0;
  /// The attempt is so slow that it will time out, whatever comes.
  virtual void will_be_late(OperationName operation, std::uint16_t attempt) = 0;
  /// A fault has cost the attempt time: it may be late by that, and may still be answered.
  virtual void held_up(OperationName operation, std::uint16_t attempt) = 0;
  /// Whether the attempt has neither been answered nor timed out.
  [[nodiscard]] virtual bool waits_for(OperationName operation, std::uint16_t attempt) const = 0;
};

/// The other end: a service, or a gateway before one.
class Destination {
 public:
  Destination() = default;
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  virtual ~Destination() = default;
  /// Where replies go. Must be set before the first request.
  virtual void set_caller(Caller& caller) = 0;
  /// Puts a request on the network.
  virtual void send(const Request& request, const Endpoint& endpoint) = 0;
  /// Puts a cancel on the network: the attempt's caller waits for it no longer.
  virtual void cancel(OperationName operation, std::uint16_t attempt) = 0;
  /// Whether something that is under way may still do the operation, though its client hears no more of it.
  [[nodiscard]] virtual bool may_still_do(OperationName /*operation*/) const { return false; }
};

}  // namespace racelab
