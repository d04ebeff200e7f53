// The two who hedge: clients, and services in between.
#include "sim/client/call.h"
#include "sim/client/hedges.h"
#include "sim/client/visit.h"

namespace racelab {

struct Clients::Side {
  using Call = Clients::Call;
  using Timer = Sleep;

  [[nodiscard]] Arena& frames() const { return all.arena_; }
  [[nodiscard]] Choice& choice() const { return all.choice_; }
  [[nodiscard]] const RetryPolicy& policy() const { return all.settings_.retry; }
  [[nodiscard]] Duration since_start() const {
    return all.choice_.now() - all.operations_[all.index_of(operation)].started;
  }
  [[nodiscard]] Timer timer() const {
    return {client, root, {operation.client, operation.operation, 0, Purpose::backoff, 0}, {}};
  }
  [[nodiscard]] Call& make_call(std::uint16_t attempt) const {
    return *all.arena_.create<Call>(client, root, operation.operation, attempt);
  }
  [[nodiscard]] bool may_send(std::uint32_t attempt, LimitedAttempt& limited) const {
    return all.may_send(client, operation, static_cast<std::uint16_t>(attempt), limited);
  }
  [[nodiscard]] bool may_retry(std::uint16_t attempt, Failure failure) const {
    return all.may_retry(client, operation, attempt, failure);
  }
  [[nodiscard]] RetryPolicy::Next after_failure(std::uint16_t attempt,
                                                const std::optional<Reply>& reply) const {
    return all.after_failure(operation, attempt, reply);
  }
  void count_hedge(bool beside) const { all.counts_.hedges += beside ? 1 : 0; }
  void ended(const Call& call) const {
    all.note_outcome(client, operation.operation, call.limited, call.reply);
  }
  void let_go(const Call& call) const {
    client.limits.dropped(call.limited, all.choice_.now());
    if (policy().cancels) {
      all.cancel(operation, call.attempt);
    }
  }

  Clients& all;
  Client& client;
  OperationName operation;
  TaskRoot& root;
};

Task<> Clients::perform_hedged(Client& client, std::uint32_t number, TaskRoot& root) {
  Clients& all = client.all;
  Side side{all, client, {client.index, number}, root};
  all.begin(client, side.operation);
  const HedgedEnd end = co_await hedge(side);
  all.operations_[all.index_of(side.operation)].in_doubt = end.in_doubt;
  const bool answered = end.reply == Reply::refused() && all.settings_.refusals_are_answers;
  all.tell(side.operation, end.reply == Reply::ok() ? Told::ok
                           : answered               ? Told::refused
                                                    : all.given_up(side.operation, end.in_doubt));
}

struct Gateway::Side {
  using Call = Gateway::Call;
  using Timer = Pause;

  [[nodiscard]] Arena& frames() const { return all.arena_; }
  [[nodiscard]] Choice& choice() const { return all.choice_; }
  [[nodiscard]] const RetryPolicy& policy() const { return visit.retry; }
  [[nodiscard]] Duration since_start() const { return all.choice_.now() - visit.since; }
  [[nodiscard]] Timer timer() const { return {all, visit, visit.attempt(0), {}}; }
  [[nodiscard]] Call& make_call(std::uint16_t k) const {
    return *all.arena_.create<Call>(all, visit, k, LimitedAttempt{});
  }
  [[nodiscard]] bool may_send(std::uint32_t k, LimitedAttempt& limited) const {
    return all.may_send(visit, static_cast<std::uint16_t>(k), limited);
  }
  [[nodiscard]] bool may_retry(std::uint16_t k, Failure failure) const {
    return all.may_retry(visit, k, failure);
  }
  [[nodiscard]] RetryPolicy::Next after_failure(std::uint16_t k,
                                                const std::optional<Reply>& reply) const {
    return all.after_failure(visit, k, reply);
  }
  void count_hedge(bool beside) const { all.counts_.hedges += beside ? 1 : 0; }
  void ended(const Call& call) const { all.note_outcome(visit, call.limited, call.reply); }
  void let_go(const Call& call) const { all.let_go(call); }

  Gateway& all;
  Visit& visit;
};

Task<> Gateway::serve_hedged(Gateway& gateway, Visit& visit) {
  Side side{gateway, visit};
  const HedgedEnd end = co_await hedge(side);
  gateway.end(visit, end.reply, end.in_doubt);
}

}  // namespace racelab
