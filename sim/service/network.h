// The network between callers and a service: requests and replies under way, and what can become of them there.
#pragma once

#include <cstdint>

#include "sim/kernel/arena.h"
#include "sim/kernel/choice.h"
#include "sim/kernel/list.h"
#include "sim/service/destination.h"
#include "sim/service/endpoint.h"
#include "sim/service/trace.h"

namespace racelab {

/// A request under way, or in the service's queue.
struct RequestMessage : Pending {
  RequestMessage(const Request& request_, const Endpoint& endpoint_, std::uint8_t copy_);
  Request request;
  const Endpoint* endpoint;
  std::uint8_t copy;  // 1: the second delivery of the attempt
  Instant queued{};   // since when, in the queue
  RequestMessage* before = nullptr;
  RequestMessage* after = nullptr;
};

struct ReplyMessage : Pending {
  ReplyMessage(OperationName operation_, std::uint16_t attempt_, std::uint8_t copy_, Reply reply_);
  OperationName operation;
  std::uint16_t attempt;
  std::uint8_t copy;
  Reply reply;
  ReplyMessage* before = nullptr;
  ReplyMessage* after = nullptr;
};

/// Says that an attempt's caller waits for it no longer.
struct CancelMessage : Pending {
  CancelMessage(OperationName operation_, std::uint16_t attempt_);
  OperationName operation;
  std::uint16_t attempt;
  CancelMessage* before = nullptr;
  CancelMessage* after = nullptr;
};

class Network {
 public:
  /// `latency`: of each message. `slow_extra`: by how much more a slow request is late.
  Network(Arena& arena, Choice& choice, Trace& trace, const Delay& latency, Duration slow_extra);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  void set_caller(Caller& caller) { caller_ = &caller; }

  /// Puts a request on its way to the service.
  void send(const Request& request, const Endpoint& endpoint);
  /// Puts a reply on its way to the caller.
  void reply(OperationName operation, std::uint16_t attempt, std::uint8_t copy, Reply reply) {
    answer(operation, attempt, copy, reply, false);
  }

  /// Puts a cancel on its way to the service. No fault strikes it.
  void cancel(OperationName operation, std::uint16_t attempt);
  /// It is there, and given back.
  void arrives(CancelMessage& message);

  /// A request's time has come. Answers whether it is at the service now: the fault may have lost it, or hold it back. It is then
  /// off the network, and whoever has it gives it back with destroy().
  bool arrives(RequestMessage& message, Fault fault);
  void destroy(RequestMessage& message) { arena_.destroy(&message); }
  /// A reply's time has come: the caller hears it, unless the fault has lost it.
  void arrives(ReplyMessage& message, Fault fault);

 private:
  void put(RequestMessage& message, const Delay& delay);
  // What an immune one brings is no message of the service: nothing can befall it.
  void answer(OperationName operation, std::uint16_t attempt, std::uint8_t copy, Reply reply,
              bool immune);

  Arena& arena_;
  Choice& choice_;
  Trace& trace_;
  Delay latency_;
  Duration slow_extra_;
  Caller* caller_ = nullptr;
  List<RequestMessage> requests_;  // under way, so that they can be given back at the end
  List<ReplyMessage> replies_;
  List<CancelMessage> cancels_;
};

}  // namespace racelab
