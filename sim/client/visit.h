// What a gateway has pending, and what it waits for. Only gateway.cc and hedging.cc look at it.
#pragma once

#include <algorithm>
#include <optional>

#include "sim/client/gateway.h"
#include "sim/client/hedges.h"

namespace racelab {

// Whatever can happen to a gateway.
struct Gateway::Step : Pending {
  enum class Kind : std::uint8_t { request, reply, pause, timeout, cancel };
  Step(Gateway& gateway_, Kind kind_, OperationName operation, std::uint16_t attempt)
      : Pending(Happening::gateway,
                {operation.client, operation.operation, attempt, Purpose::gateway,
                 (std::uint32_t{gateway_.settings_.layer} << 2U) | static_cast<unsigned>(kind_)}),
        gateway(gateway_),
        kind(kind_) {
    if (kind == Kind::cancel) {
      name.purpose = Purpose::cancel_latency;
      name.index = gateway_.settings_.layer;
    }
  }
  Gateway& gateway;
  Kind kind;
};

// A request that is on its way, or being served.
struct Gateway::Visit : Step {
  Visit(Gateway& gateway_, const Request& request_, const Endpoint& endpoint_)
      : Step(gateway_, Kind::request, request_.operation, request_.attempt),
        request(request_),
        endpoint(endpoint_),
        retry(gateway_.settings_.retry) {}

  /// It is being served from now on.
  void begin(Instant now) {
    since = now;
    if (retry.deadline_passed && request.answer_by != end_of_time) {
      const Duration left = request.answer_by - now;
      retry.deadline = retry.deadline == Duration{} ? left : std::min(left, retry.deadline);
    }
  }
  /// Its caller has given up, and has said so beforehand.
  [[nodiscard]] bool is_over(Instant now) const {
    return retry.deadline_passed && request.answer_by <= now;
  }

  /// The number of the k-th call that is made for it, from 1.
  [[nodiscard]] std::uint16_t attempt(std::uint16_t k) const {
    return static_cast<std::uint16_t>(((request.attempt - 1U) * retry.attempts_possible()) + k);
  }

  Request request;
  const Endpoint& endpoint;
  RetryPolicy retry;  // as it is for this request
  RetryState state;
  std::uint32_t number = 0;  // among all that the gateway has served
  std::uint16_t sent = 0;    // calls
  LimitedAttempt retrying;   // is_retry: it pauses before a retry that it was allowed
  TaskRoot root;
  Instant since{};  // it is being served
  Visit* before = nullptr;
  Visit* after = nullptr;
};

// A reply on its way to the caller.
struct Gateway::Answer : Step {
  Answer(Gateway& gateway_, const Request& request, Reply reply_)
      : Step(gateway_, Kind::reply, request.operation, request.attempt),
        operation(request.operation),
        attempt(request.attempt),
        reply(reply_) {}
  OperationName operation;
  std::uint16_t attempt;
  Reply reply;
  Answer* before = nullptr;
  Answer* after = nullptr;
};

// A cancel on its way to the gateway.
struct Gateway::Cancel : Step {
  Cancel(Gateway& gateway_, OperationName operation_, std::uint16_t attempt_)
      : Step(gateway_, Kind::cancel, operation_, attempt_),
        operation(operation_),
        attempt(attempt_) {}
  OperationName operation;
  std::uint16_t attempt;
  Cancel* before = nullptr;
  Cancel* after = nullptr;
};

// co_await: the request's task goes on after a while.
class Gateway::Pause : public Step {
 public:
  Pause(Gateway& gateway_, Visit& visit_, std::uint16_t attempt, const Delay& delay_)
      : Step(gateway_, Kind::pause, visit_.request.operation, attempt), visit(visit_) {
    delay = delay_;
  }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  ~Pause() {
    if (offered) {
      gateway.choice_.withdraw(*this);
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) { gateway.choice_.offer(*this); }
  void await_resume() const noexcept {}

  Visit& visit;
};

// co_await: calls the next layer; the task goes on with the reply, or with nothing when it timed out.
class Gateway::Call : public Step {
 public:
  Call(Gateway& gateway_, Visit& visit_, std::uint16_t k, const LimitedAttempt& limited_)
      : Step(gateway_, Kind::timeout, visit_.request.operation, visit_.attempt(k)),
        visit(visit_),
        attempt(visit_.attempt(k)),
        limited(limited_) {
    visit_.sent = k;
    const Instant now = gateway_.choice_.now();
    delay = Delay::exactly(visit_.retry.patience(now - visit_.since));
    ends = delay.high > Duration{} ? now + delay.high : end_of_time;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { end(); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) { start(); }
  [[nodiscard]] std::optional<Reply> await_resume() const noexcept { return reply; }

  void start() {
    gateway.calls_[word_of(visit.request.operation, attempt)] = this;
    waiting_ = true;
    gateway.ask_next(*this);
    if (delay.high > Duration{}) {
      gateway.choice_.offer(*this);
    }
  }

  /// No longer waits: it is answered, has timed out, or its task dies.
  void end() {
    if (offered) {
      gateway.choice_.withdraw(*this);
    }
    if (waiting_) {
      gateway.calls_.erase(word_of(visit.request.operation, attempt));
      waiting_ = false;
    }
  }

  Visit& visit;
  std::uint16_t attempt;
  Instant ends;              // when it times out
  int answers_expected = 1;  // deliveries that may still be answered
  std::optional<Reply> reply;
  LimitedAttempt limited;
  Hedges<Call>* hedges = nullptr;

 private:
  bool waiting_ = false;
};

}  // namespace racelab
