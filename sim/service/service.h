// The service and the network around it.
//
// A request takes a while to arrive, perhaps never, perhaps twice. Each delivery starts a handler: a coroutine that runs
// the endpoint's strategy, one statement a step, over a session of its own. When it has its reply, the handler's
// transaction is committed (after ok) or rolled back, and the reply travels back. A handler can die at a statement; its
// session then keeps its locks until the store notices.
//
// A handler occupies a worker from its start until it has replied or died. Where workers are few, the requests that find
// none free wait for one, first come first served; where the queue is full, too, a request is turned away at once. A handler
// whose client has stopped waiting runs to its end all the same, unless a cancel comes: that ends whatever serves the attempt, or
// waits to. Its statement is ended as 57014 does, its transaction rolled back; what it has committed stays.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/kernel/arena.h"
#include "sim/kernel/choice.h"
#include "sim/kernel/list.h"
#include "sim/kernel/task.h"
#include "sim/service/destination.h"
#include "sim/service/endpoint.h"
#include "sim/service/handler_settings.h"
#include "sim/service/network.h"
#include "sim/service/trace.h"
#include "sim/service/workers.h"
#include "sim/store/database.h"

namespace racelab {

struct ServiceSettings : HandlerSettings {
  Delay latency{};                           // of each hop: a request, a reply
  std::optional<Delay> statement_latency{};  // from a handler to the store; none: like `latency`
  std::optional<Delay> answer_latency{};     // and back; none: no time
  Duration slow_extra{};  // how much longer a slow call takes than the client waits
};

/// Counts of what the service and its network did.
struct ServiceCounts {
  std::uint64_t deliveries = 0;  // requests that arrived, whatever became of them then
  std::uint64_t handlers = 0;    // that were started for them
  std::uint64_t statements = 0;
  std::uint64_t writes = 0;  // UPDATE and INSERT among them, whether or not they changed a row
  std::uint64_t wasted =
      0;  // statements of tries that came to nothing: ended without an ok, or died
  std::uint64_t conflicts =
      0;  // handlers' tries that ended in a conflict (0 rows, 40001, 55P03), deadlocks apart
  std::uint64_t deadlocks = 0;  // statements that failed with 40P01
  std::uint64_t lock_waits = 0;
  Duration lock_wait_time{};        // of the waits that ended
  std::uint64_t overlaps = 0;       // handlers that started while another one was running
  std::uint64_t self_overlaps = 0;  // … for the same operation
  std::uint64_t queued = 0;         // requests that had to wait for a worker
  Duration queue_wait_time{};       // of those whose turn came
  std::uint64_t queue_length_max = 0;
  std::uint64_t shed = 0;            // requests that were turned away: the queue was full
  std::uint64_t expired = 0;         // requests that were dropped: their clients no longer waited
  std::uint64_t cancelled = 0;       // handlers, and requests in the queue, that a cancel has ended
  Duration work_time{};              // that workers were occupied, by handlers that replied or died
  std::uint64_t in_service_max = 0;  // workers that were occupied at once
  std::array<std::uint64_t, fault_kinds> faults{};  // that struck
};

/// One run of a handler's strategy: what an ExecutionId stands for.
struct Execution {
  OperationName operation;
  std::uint16_t attempt = 1;
  std::uint8_t copy = 0;
  std::uint16_t tries = 1;
};

class Service final : public Destination, public Grants {
 public:
  Service(Arena& arena, Choice& choice, Database& store, Trace& trace,
          const ServiceSettings& settings);
  ~Service() override;

  void set_caller(Caller& caller) override;
  void send(const Request& request, const Endpoint& endpoint) override {
    network_.send(request, endpoint);
  }
  void cancel(OperationName operation, std::uint16_t attempt) override {
    network_.cancel(operation, attempt);
  }

  /// A happening of the service's own (request, statement, reply, lock_timeout, session_end, work, answer, cancel).
  void happen(Pending& pending, Fault fault);

  /// Which handler has the row next, as Choice decides.
  std::size_t next(std::span<const SessionId> waiters) override;

  /// Handlers whose waiting statement the store has completed go on, in the order it happened.
  void complete_woken();

  [[nodiscard]] const ServiceCounts& counts() const { return counts_; }
  [[nodiscard]] const ArenaVector<Execution>& executions() const { return executions_; }

  /// A handler that waits for a lock, and whose handler holds it.
  struct Wait {
    OperationName waiting;
    OperationName holding;
    RowKey row;
    bool holder_is_dead = false;
  };
  /// The waits that stand now, in the order the handlers started. For the report of a run that is stuck.
  [[nodiscard]] std::vector<Wait> waits() const;

  /// A handler as it stands between two happenings.
  struct HandlerView {
    OperationName operation;
    std::uint16_t attempt = 1;
    std::uint8_t copy = 0;
    std::uint16_t tries = 1;
    std::uint32_t statements = 0;  // issued for this delivery so far
    SessionId session = no_session;
    const Statement* pending =
        nullptr;  // asked for, and not answered; nullptr when it is dead, or at work before its first
    bool ending = false;       // its reply is known; the transaction's end is pending
    bool answer_lost = false;  // its session breaks as soon as the pending statement is done
    bool slow = false;         // its client waits no longer
    bool dead = false;
    bool committed = false;  // something of this delivery stands already
    Reply reply{};           // of one that is ending
  };
  /// The live ones, in the order they started.
  [[nodiscard]] std::vector<HandlerView> handlers() const;

 private:
  struct Handler;
  struct Step;

  void receive(RequestMessage& message, Fault fault);
  void refuse(const RequestMessage& message, TraceKind why, Reply reply);
  void serve_queue();
  void start_handler(const Request& request, const Endpoint& endpoint, std::uint8_t copy);
  void start_try(Handler& handler);
  void go_on(Handler& handler);
  void offer_statement(Handler& handler);
  void run_statement(Handler& handler, Fault fault);
  void complete_statement(Handler& handler);
  void offer_deadlocks();
  void take_answer(Handler& handler);
  void end_statements(Handler& handler, bool in_vain);
  void fail_try(Handler& handler, StatementError error);
  void end_try(Handler& handler);
  bool try_again(Handler& handler, Error error, StatementError cause);
  void send_reply(Handler& handler, Reply reply);
  void die(Handler& handler);
  void take(const CancelMessage& cancel);
  void cancel(Handler& handler);
  [[nodiscard]] Handler* serving(OperationName operation, std::uint16_t attempt) const;
  void remove(Handler& handler);

  [[nodiscard]] TraceEvent event(TraceKind kind, const Handler& handler) const;
  [[nodiscard]] TraceEvent event(TraceKind kind, const RequestMessage& message) const;

  Arena& arena_;
  Choice& choice_;
  Database& store_;
  Trace& trace_;
  ServiceSettings settings_;
  Caller* caller_ = nullptr;
  ServiceCounts counts_;
  Network network_;
  Workers workers_;
  ArenaVector<Execution> executions_;
  ArenaVector<Handler*> by_session_;  // SessionId -> its handler
  List<Handler> handlers_;            // the live ones, in the order they started
};

}  // namespace racelab
