// Order across messages is not kept: each arrives when its own delay is over.
#include "sim/service/network.h"

namespace racelab {

RequestMessage::RequestMessage(const Request& request_, const Endpoint& endpoint_,
                               std::uint8_t copy_)
    : Pending(Happening::request, {request_.operation.client, request_.operation.operation,
                                   request_.attempt, Purpose::request_latency, copy_}),
      request(request_),
      endpoint(&endpoint_),
      copy(copy_) {}

ReplyMessage::ReplyMessage(OperationName operation_, std::uint16_t attempt_, std::uint8_t copy_,
                           Reply reply_)
    : Pending(Happening::reply,
              {operation_.client, operation_.operation, attempt_, Purpose::reply_latency, copy_}),
      operation(operation_),
      attempt(attempt_),
      copy(copy_),
      reply(reply_) {}

CancelMessage::CancelMessage(OperationName operation_, std::uint16_t attempt_)
    : Pending(Happening::cancel,
              {operation_.client, operation_.operation, attempt_, Purpose::cancel_latency, 0}),
      operation(operation_),
      attempt(attempt_) {}

Network::Network(Arena& arena, Choice& choice, Trace& trace, const Delay& latency,
                 Duration slow_extra)
    : arena_(arena), choice_(choice), trace_(trace), latency_(latency), slow_extra_(slow_extra) {}

Network::~Network() {
  while (RequestMessage* message = requests_.front()) {
    choice_.withdraw(*message);
    requests_.remove(*message);
    arena_.destroy(message);
  }
  while (ReplyMessage* message = replies_.front()) {
    choice_.withdraw(*message);
    replies_.remove(*message);
    arena_.destroy(message);
  }
  while (CancelMessage* message = cancels_.front()) {
    choice_.withdraw(*message);
    cancels_.remove(*message);
    arena_.destroy(message);
  }
}

void Network::put(RequestMessage& message, const Delay& delay) {
  message.delay = delay;
  requests_.push_back(message);
  choice_.offer(message);
}

void Network::send(const Request& request, const Endpoint& endpoint) {
  put(*arena_.create<RequestMessage>(request, endpoint, std::uint8_t{0}), latency_);
}

void Network::cancel(OperationName operation, std::uint16_t attempt) {
  auto* message = arena_.create<CancelMessage>(operation, attempt);
  message->delay = latency_;
  cancels_.push_back(*message);
  choice_.offer(*message);
}

void Network::arrives(CancelMessage& message) {
  cancels_.remove(message);
  arena_.destroy(&message);
}

void Network::answer(OperationName operation, std::uint16_t attempt, std::uint8_t copy, Reply reply,
                     bool immune) {
  auto* message = arena_.create<ReplyMessage>(operation, attempt, copy, reply);
  message->delay = latency_;
  message->immune = immune;
  replies_.push_back(*message);
  choice_.offer(*message);
}

bool Network::arrives(RequestMessage& message, Fault fault) {
  const OperationName operation = message.request.operation;
  const std::uint16_t attempt = message.request.attempt;
  const auto tell = [&](TraceKind kind) {
    trace_.add(TraceEvent::of_call(kind, choice_.now(), operation, attempt, message.copy));
  };
  requests_.remove(message);
  if (fault == Fault::lose_request) {
    tell(TraceKind::request_lost);
    caller_->expect_answers(operation, attempt, -1);
    destroy(message);
    return false;
  }
  if (fault == Fault::refuse_call || fault == Fault::reset_call) {
    const bool refused = fault == Fault::refuse_call;
    tell(refused ? TraceKind::call_refused : TraceKind::call_reset);
    answer(operation, attempt, message.copy, refused ? Reply::unreachable() : Reply::reset(), true);
    destroy(message);
    return false;
  }
  if (fault == Fault::slow_call) {
    tell(TraceKind::request_slow);
    caller_->will_be_late(operation, attempt);
    message.immune = true;
    put(message, Delay::exactly(slow_extra_));
    return false;
  }
  if (fault == Fault::duplicate_delivery) {
    tell(TraceKind::request_duplicated);
    caller_->expect_answers(operation, attempt, +1);
    auto* second =
        arena_.create<RequestMessage>(message.request, *message.endpoint, std::uint8_t{1});
    second->immune = true;
    put(*second, latency_);
  }
  return true;
}

void Network::arrives(ReplyMessage& message, Fault fault) {
  const auto tell = [&](TraceKind kind) {
    TraceEvent lost =
        TraceEvent::of_call(kind, choice_.now(), message.operation, message.attempt, message.copy);
    lost.reply = message.reply.kind;
    trace_.add(lost);
  };
  if (fault == Fault::lose_reply) {
    tell(TraceKind::reply_lost);
    caller_->expect_answers(message.operation, message.attempt, -1);
  } else if (fault == Fault::reset_reply) {
    tell(TraceKind::reply_reset);
    caller_->receive(message.operation, message.attempt, message.copy, Reply::reset());
  } else {
    caller_->receive(message.operation, message.attempt, message.copy, message.reply);
  }
  replies_.remove(message);
  arena_.destroy(&message);
}

}  // namespace racelab
