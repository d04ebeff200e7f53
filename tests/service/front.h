// A service on its own, driven by hand: a caller that only notes what it hears, requests that tests build, and a recorded
// order that says whose statement comes next and what goes wrong. What happened is read back as a story.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/arena.h"
#include "sim/kernel/choice.h"
#include "sim/service/service.h"
#include "sim/store/store.h"
#include "tests/service/story_lines.h"

namespace racelab::lab {

/// "ABBA" as turns.
inline Order order_of(std::string_view word, const std::vector<Order::Strike>& strikes = {}) {
  Order order;
  for (const char letter : word) {
    order.turns.push_back({.client = static_cast<std::uint32_t>(letter - 'A'),
                           .handler = 0,
                           .happening = Happening::statement});
  }
  order.strikes = strikes;
  return order;
}

/// A request of client `client`'s first operation: add `amount` to row 0.
inline Request request_of(std::uint32_t client, std::uint16_t attempt = 1,
                          std::int64_t amount = 1) {
  Request request;
  request.operation = {client, 0};
  request.attempt = attempt;
  request.key = RowKey::idempotency(client, 0, 0);
  request.fingerprint = amount;
  request.change.rows.push_back(RowKey::row(0));
  request.change.amounts[0] = amount;
  request.change.function = add_amounts;
  request.change.in_place = InPlace{.key = RowKey::row(0), .amount = amount, .where = {}};
  return request;
}

class Front final : public Caller {
 public:
  /// `choice` must be at its start and outlive this; rows are n0, n1, … with these values.
  Front(Choice& choice, const ServiceSettings& settings, std::initializer_list<std::int64_t> rows)
      : choice_(choice),
        store_(arena_),
        trace_(arena_, {.everything = true, .only = nullptr}),
        service_(arena_, choice, store_, trace_, settings) {
    for (const std::int64_t value : rows) {
      store_.create_row(value);
    }
    service_.set_caller(*this);
  }

  void send(const Request& request, const Endpoint& endpoint) { service_.send(request, endpoint); }

  void cancel(OperationName operation, std::uint16_t attempt) {
    service_.cancel(operation, attempt);
  }

  /// Until nothing can happen any more.
  void run() {
    while (step()) {
    }
  }
  bool step() {
    const Occurrence occurrence = choice_.next();
    if (occurrence.pending == nullptr) {
      return false;
    }
    service_.happen(*occurrence.pending, occurrence.fault);
    return true;
  }

  [[nodiscard]] std::vector<std::string> story() const {
    return StoryLines({trace_.events().data(), trace_.events().size()},
                      {trace_.rows().data(), trace_.rows().size()})
        .lines(false);
  }
  /// The committed value of a row.
  [[nodiscard]] std::int64_t value(std::uint32_t row) const {
    return store_.versions()[store_.last_committed(RowKey::row(row))].value;
  }
  [[nodiscard]] bool has_key(std::uint32_t client) const {
    return store_.last_committed(RowKey::idempotency(client, 0, 0)) != no_version;
  }
  [[nodiscard]] const ServiceCounts& counts() const { return service_.counts(); }
  [[nodiscard]] const Service& service() const { return service_; }
  [[nodiscard]] const ArenaVector<TraceEvent>& events() const { return trace_.events(); }
  /// "A1 ok": what arrived, in order.
  [[nodiscard]] const std::vector<std::string>& heard() const { return heard_; }
  /// Answers still owed, over all attempts: one for each delivery that can be answered.
  [[nodiscard]] int owed() const { return owed_; }
  [[nodiscard]] int late() const { return late_; }

  void receive(OperationName operation, std::uint16_t attempt, std::uint8_t copy,
               Reply reply) override {
    const std::string kind = reply == Reply::ok()         ? "ok"
                             : reply == Reply::conflict() ? "conflict"
                             : reply == Reply::refused()  ? "refused"
                                                          : "unavailable";
    heard_.push_back(client_name(operation.client) + std::to_string(attempt) +
                     (copy == 0 ? "" : "'") + " " + kind);
  }
  void expect_answers(OperationName /*operation*/, std::uint16_t /*attempt*/, int change) override {
    owed_ += change;
  }
  void will_be_late(OperationName /*operation*/, std::uint16_t /*attempt*/) override { ++late_; }
  void held_up(OperationName /*operation*/, std::uint16_t /*attempt*/) override {}
  [[nodiscard]] bool waits_for(OperationName operation, std::uint16_t /*attempt*/) const override {
    return gone_.count(operation) == 0;
  }
  /// Its client has stopped waiting.
  void stop_waiting(OperationName operation) { gone_.insert(operation); }

 private:
  Arena arena_;
  Choice& choice_;
  Store store_;
  Trace trace_;
  Service service_;
  std::vector<std::string> heard_;
  int owed_ = 0;
  int late_ = 0;
  std::set<OperationName> gone_;
};

}  // namespace racelab::lab
