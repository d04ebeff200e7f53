// The clients: each issues its operations, in a closed loop with think time or in an open loop at a rate, each operation
// through the retry policy, and ends up knowing something of each: ok, failed, or unknown.
//
// A reply to an attempt that has timed out is ignored. One attempt without an answer leaves the operation in doubt,
// whatever refusals follow; only a later ok settles it.
//
// A client that hedges has several attempts of an operation under way: the first ok is its answer, and then the others are waited
// for no longer. A failure that it does not ask again after ends the operation, whatever is under way, and leaves it in doubt.
#pragma once

#include <cstdint>

#include "sim/client/load_settings.h"
#include "sim/kernel/arena.h"
#include "sim/kernel/choice.h"
#include "sim/kernel/task.h"
#include "sim/service/destination.h"
#include "sim/service/endpoint.h"
#include "sim/service/trace.h"

namespace racelab {

struct ClientSettings : LoadSettings {
  std::vector<std::uint32_t>
      issued{};  // by client: it stops after so many operations; empty: nobody does
  bool refusals_are_answers = false;  // also after an attempt in doubt
};

/// Told what clients do, for whoever answers them with more than a kind of reply.
class ClientObserver {
 public:
  virtual ~ClientObserver() = default;
  virtual void issued(OperationName operation) = 0;
  /// This reply is the one that its client has waited for.
  virtual void heard(OperationName operation, std::uint16_t attempt, std::uint8_t copy) = 0;
  virtual void told(OperationName operation, Told told) = 0;
};

/// What each operation wants done. A pure function of the operation's name.
class Workload {
 public:
  Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  virtual ~Workload() = default;
  [[nodiscard]] virtual Change change(OperationName operation) const = 0;
};

/// What became of an operation, from the client's side.
struct OperationRecord {
  Instant started{};
  Instant ended{};
  std::uint16_t attempts = 0;
  bool in_doubt = false;  // one attempt has had no answer, or a reset
  bool finished = false;  // `told` and `ended` stand
  Told told = Told::unknown;
  RetryState retry;  // what the policy goes by
};

struct ClientCounts {
  std::uint64_t attempts = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t late_calls = 0;  // timeouts of attempts that no fault had made late
  /// Operations that were not asked for again because of the budget or the breaker that stops retries.
  std::uint64_t retries_denied = 0;
  /// Operations whose next attempt, perhaps the first, was not sent: the breaker that stops calls was open.
  std::uint64_t calls_refused_by_breaker = 0;
  std::uint64_t hedges = 0;  // attempts that were sent while another one was under way
};

class Clients final : public Caller {
 public:
  /// `endpoints` gives each client what serves it; all must outlive this. `observer`: nullptr for nobody.
  Clients(Arena& arena, Choice& choice, Trace& trace, Destination& service,
          const Workload& workload, const ClientSettings& settings,
          const ArenaVector<const Endpoint*>& endpoints, ClientObserver* observer = nullptr);
  ~Clients() override;
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  /// Every client begins.
  void start();
  /// One client begins, the others do nothing.
  void start(std::uint32_t client);
  /// A happening of the clients' own (timer, timeout).
  void happen(Pending& pending);

  void receive(OperationName operation, std::uint16_t attempt, std::uint8_t copy,
               Reply reply) override;
  void expect_answers(OperationName operation, std::uint16_t attempt, int change) override;
  void will_be_late(OperationName operation, std::uint16_t attempt) override;
  void held_up(OperationName operation, std::uint16_t attempt) override;
  [[nodiscard]] bool waits_for(OperationName operation, std::uint16_t attempt) const override;

  [[nodiscard]] const ClientCounts& counts() const { return counts_; }
  /// Client by client, operation by operation; of each as many as of the one that has most.
  [[nodiscard]] const ArenaVector<OperationRecord>& operations() const { return operations_; }
  [[nodiscard]] std::size_t operations_per_client() const { return settings_.operations; }
  /// How many operations a client issues: those that it has to, or, where a time is set until when it may start them, those
  /// that it has started so far.
  [[nodiscard]] std::uint32_t issued_by(std::uint32_t client) const;
  /// The attempt that an operation's client waits for; of several the last.
  struct WaitingCall {
    std::uint16_t attempt = 0;  // 0: none
    int answers_expected = 0;
    bool late = false;
  };
  [[nodiscard]] WaitingCall waiting_call(OperationName operation) const;
  /// Operations whose client still waits for an answer (no timeout was set and none will come).
  [[nodiscard]] std::vector<OperationName> unanswered() const;

 private:
  struct Client;
  struct Performance;
  class Sleep;
  class Call;
  struct Side;

  static Task<> closed_loop(Client& client);
  static Task<> open_loop(Client& client);
  [[nodiscard]] Task<> performance(Client& client, std::uint32_t number, TaskRoot& root) const;
  static Task<> perform(Client& client, std::uint32_t number, TaskRoot& root);
  static Task<> perform_hedged(Client& client, std::uint32_t number, TaskRoot& root);

  [[nodiscard]] std::size_t index_of(OperationName operation) const {
    return (std::size_t{operation.client} * settings_.operations) + operation.operation;
  }
  [[nodiscard]] Told given_up(OperationName operation, bool in_doubt) const {
    return in_doubt || service_.may_still_do(operation) ? Told::unknown : Told::failed;
  }
  [[nodiscard]] Call* call_of(OperationName operation, std::uint16_t attempt) const;
  [[nodiscard]] std::uint32_t given_to(std::uint32_t client) const {
    return settings_.issued.empty() ? settings_.operations : settings_.issued[client];
  }
  [[nodiscard]] bool too_late_to_start() const {
    return settings_.until > Duration{} && choice_.now() > Instant{} + settings_.until;
  }
  [[nodiscard]] Duration mean_before_arrival(std::uint32_t number) const;
  [[nodiscard]] bool may_send(Client& client, OperationName operation, std::uint16_t attempt,
                              LimitedAttempt& limited);
  [[nodiscard]] bool may_retry(Client& client, OperationName operation, std::uint16_t attempt,
                               Failure failure);
  [[nodiscard]] RetryPolicy::Next after_failure(OperationName operation, std::uint16_t attempt,
                                                const std::optional<Reply>& reply);
  void note_outcome(Client& client, std::uint32_t number, const LimitedAttempt& limited,
                    const std::optional<Reply>& reply);
  void send(Client& client, std::uint32_t number, const Call& call);
  void cancel(OperationName operation, std::uint16_t attempt);
  void begin(Client& client, OperationName operation);
  void tell(OperationName operation, Told told);
  [[nodiscard]] TraceEvent event(TraceKind kind, OperationName operation,
                                 std::uint16_t attempt) const;

  Arena& arena_;
  Choice& choice_;
  Trace& trace_;
  Destination& service_;
  const Workload& workload_;
  ClientSettings settings_;
  ClientObserver* observer_;
  ClientCounts counts_;
  ArenaVector<Client*> clients_;
  ArenaVector<OperationRecord> operations_;
  ArenaVector<Call*>
      calls_;  // by operation: the attempts that wait for an answer, the last one first
};

}  // namespace racelab
