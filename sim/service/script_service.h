// The service whose endpoints are SQL, in time: the network, the workers and the faults of Service, before a relational database.
// Handlers are the machine that exploration drives, too (handler/script_run.h); here each of its statements takes its time.
//
// Where the server is free (who of several waiters goes on), the way is drawn. A statement that has waited for the deadlock timeout
// looks whether it waits in a circle, and is ended if it does, as on PostgreSQL.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/handler/script_operation.h"
#include "sim/kernel/random.h"
#include "sim/service/service.h"
#include "sim/store/relational.h"

namespace racelab {

struct ScriptServiceSettings : ServiceSettings {
  ScriptRules rules;
  Duration deadlock_timeout = seconds(1);  // until a waiting statement looks for a circle
  std::int64_t clock = 0;                  // what the database's clock shows at the start
  std::uint64_t seed = 0;                  // of what the server is free to choose
};

/// The operations of all clients, which clients and service keep account of.
struct ScriptRecords {
  std::vector<ScriptOperation> operations;  // by client and number
  std::vector<std::size_t> first;           // by client: its first one's place

  [[nodiscard]] std::size_t place_of(OperationName name) const {
    return first[name.client] + name.operation;
  }
  [[nodiscard]] ScriptOperation& of(OperationName name) { return operations[place_of(name)]; }
};

/// A transaction that was committed, or an answer that was given.
struct ScriptDeed {
  std::size_t operation = 0;  // place in ScriptRecords
  bool changed = false;       // rows
  std::int64_t moment = 0;    // the clock when the transaction began, or when it was answered
};

/// What an answer is to a client that knows no more of it than its status: 409, 429, 500, 503 are failures of those names where
/// nothing was done, another 4xx is a refusal.
Reply answer_of(const ScriptReply& reply, const Script& script);

/// The status of an answer that is not ok and that a service has said.
std::int64_t status_of(Reply reply);

class ScriptService final : public Destination {
 public:
  /// The database is the service's own. All others must outlive it.
  ScriptService(Arena& arena, Choice& choice, const sql::Database& start, ScriptRecords& records,
                Trace& trace, const ScriptServiceSettings& settings);
  ~ScriptService() override;

  void set_caller(Caller& caller) override;
  void send(const Request& request, const Endpoint& endpoint) override;
  void cancel(OperationName operation, std::uint16_t attempt) override {
    network_.cancel(operation, attempt);
  }
  [[nodiscard]] bool may_still_do(OperationName operation) const override;

  /// A happening of the service's own.
  void happen(Pending& pending, Fault fault);

  [[nodiscard]] const ServiceCounts& counts() const { return counts_; }
  [[nodiscard]] const sql::Database& database() const { return database_; }
  /// Everything that is read and written from now on; nullptr: nobody is told. worker_of() says for whom a session works.
  void record(sql::Recorder* recorder) { commits_.others = recorder; }
  /// Which operation a session works for, and which of its deliveries.
  struct Worker {
    std::size_t operation = 0;
    std::uint16_t attempt = 0;
    std::uint8_t copy = 0;
  };
  [[nodiscard]] Worker worker_of(sql::SessionId session) const;

  /// Transactions in the order of their commits, and answers when they were given.
  [[nodiscard]] const std::vector<ScriptDeed>& deeds() const { return deeds_; }
  /// The reply that a delivery sent. Expects that it did, and that its operation's client was told nothing yet.
  [[nodiscard]] const ScriptReply& reply_of(OperationName operation, std::uint16_t attempt,
                                            std::uint8_t copy) const;
  /// The operation's client has been told: its replies are needed no more.
  void forget_replies(OperationName operation);

  /// The waits that stand now, in the order the handlers started.
  [[nodiscard]] std::vector<Service::Wait> waits() const;

 private:
  struct Handler;
  struct Step;
  // Keeps the commits, and tells others what it is told.
  struct Commits final : sql::Recorder {
    explicit Commits(ScriptService& service_) : service(service_) {}
    void read(sql::SessionId session, std::uint16_t table, const sql::Version& version) override;
    void looked_for(sql::SessionId session, std::uint16_t table, const sql::Sight& sight,
                    const sql::Predicate& predicate) override;
    void wrote(sql::SessionId session, std::uint16_t table, const sql::Version* before,
               const sql::Version* after) override;
    void ended(sql::SessionId session, std::uint64_t commit) override;

    ScriptService& service;
    sql::Recorder* others = nullptr;
    std::vector<bool> changed;  // by session: its open transaction has
  };
  struct SentReply {
    std::uint16_t attempt = 0;
    std::uint8_t copy = 0;
    ScriptReply reply;
  };

  void receive(RequestMessage& message, Fault fault);
  void refuse(const RequestMessage& message, TraceKind why, Reply reply);
  void serve_queue();
  void start_handler(const Request& request, std::uint8_t copy);
  void begin(Handler& handler);
  void go_on(Handler& handler);
  void offer_statement(Handler& handler);
  void run_statement(Handler& handler, Fault fault);
  void wait(Handler& handler, const TraceText& text);
  void check_deadlock(Handler& handler);
  void end_wait(Handler& handler, const sql::SqlState& error);
  void settle();
  void complete_statement(Handler& handler, const TraceText& text);
  void count_error(Handler& handler);
  void send_reply(Handler& handler);
  void end_in_vain(Handler& handler);
  void die(Handler& handler);
  void take(const CancelMessage& cancel);
  void cancel(Handler& handler);
  [[nodiscard]] Handler* serving(OperationName operation, std::uint16_t attempt) const;
  void remove(Handler& handler);

  void tell_time();
  [[nodiscard]] TraceText text_of(const Handler& handler) const;
  [[nodiscard]] TraceEvent event(TraceKind kind, const Handler& handler) const;
  [[nodiscard]] TraceEvent event(TraceKind kind, const RequestMessage& message) const;

  Arena& arena_;
  Choice& choice_;
  sql::Database database_;
  ScriptRecords& records_;
  Trace& trace_;
  ScriptServiceSettings settings_;
  Random random_;
  std::uint32_t choices_ = 0;  // that the server was free to make
  Caller* caller_ = nullptr;
  ServiceCounts counts_;
  Network network_;
  Workers workers_;
  std::vector<Handler*> by_session_;             // every second session is a line to other systems
  List<Handler> handlers_;                       // the live ones, in the order they started
  std::vector<std::uint32_t> under_way_;         // by operation: requests and handlers
  std::vector<std::vector<SentReply>> replies_;  // by operation
  std::vector<ScriptDeed> deeds_;
  Commits commits_;
};

}  // namespace racelab
