// A client while it lives, and what its coroutines wait for. Only clients.cc and hedging.cc look at it.
#pragma once

#include <optional>
#include <utility>

#include "sim/client/clients.h"
#include "sim/client/hedges.h"
#include "sim/kernel/list.h"

namespace racelab {

struct Clients::Client {
  Client(Clients& all_, std::uint32_t index_, const Endpoint& endpoint_)
      : all(all_), index(index_), endpoint(endpoint_), limits(all_.arena_, all_.settings_) {}

  [[nodiscard]] Arena& frames() const { return all.arena_; }

  Clients& all;
  std::uint32_t index;
  const Endpoint& endpoint;
  std::uint32_t started = 0;  // operations
  RetryLimits limits;
  TaskRoot root;                   // its loop
  List<Performance> performances;  // open loop: the operations under way
};

// An operation of an open loop: it runs beside the others.
struct Clients::Performance {
  TaskRoot root;
  Performance* before = nullptr;
  Performance* after = nullptr;
};

// co_await: the task goes on after a while.
class Clients::Sleep : public Pending {
 public:
  Sleep(Client& client, TaskRoot& root, const DrawName& name_, const Delay& delay_)
      : Pending(Happening::timer, name_), choice_(client.all.choice_), root_(root) {
    delay = delay_;
  }
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;
  ~Sleep() {
    if (offered) {
      choice_.withdraw(*this);
    }
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) { choice_.offer(*this); }
  void await_resume() const noexcept {}

  void happen() { root_.run(); }

 private:
  Choice& choice_;
  TaskRoot& root_;
};

// co_await: sends an attempt; the task goes on with the reply, or with nothing when it timed out.
class Clients::Call : public Pending {
 public:
  Call(Client& client, TaskRoot& root, std::uint32_t number, std::uint16_t attempt_)
      : Pending(Happening::timeout, {client.index, number, attempt_, Purpose::request_latency, 0}),
        attempt(attempt_),
        client_(client),
        root_(root) {
    const Clients& all = client.all;
    const OperationRecord& record = all.operations_[all.index_of({client.index, number})];
    const Instant now = all.choice_.now();
    delay = Delay::exactly(all.settings_.retry.patience(now - record.started));
    ends = delay.high > Duration{} ? now + delay.high : end_of_time;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { end(); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*frame*/) { start(); }
  [[nodiscard]] std::optional<Reply> await_resume() const noexcept { return reply; }

  void start() {
    Clients& all = client_.all;
    beside = std::exchange(first(), this);
    waiting_ = true;
    all.send(client_, name.operation, *this);
    if (delay.low > Duration{}) {
      all.choice_.offer(*this);
    }
  }
  /// It has been answered, or has timed out (none).
  void finish(const std::optional<Reply>& heard) {
    end();
    reply = heard;
    if (hedges != nullptr) {
      hedges->has_ended(*this);
    }
    root_.run();
  }

  std::uint16_t attempt;
  Instant ends;              // when it times out
  int answers_expected = 1;  // deliveries that may still be answered
  bool late = false;         // a fault makes it so, where it is
  std::optional<Reply> reply;
  Call* beside = nullptr;  // another that its operation waits for
  Hedges<Call>* hedges = nullptr;
  LimitedAttempt limited;  // of a hedge

 private:
  Call*& first() {
    return client_.all.calls_[client_.all.index_of({client_.index, name.operation})];
  }
  void end() {
    if (offered) {
      client_.all.choice_.withdraw(*this);
    }
    if (waiting_) {
      Call** place = &first();
      while (*place != this) {
        place = &(*place)->beside;
      }
      *place = beside;
      waiting_ = false;
    }
  }

  Client& client_;
  TaskRoot& root_;
  bool waiting_ = false;
};

}  // namespace racelab
