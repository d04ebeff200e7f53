// The world of endpoints in SQL that exploration walks: a relational database, handlers that run scripts, clients that ask again.
// It has the members that a graph of states is built from (graph_search.h), as Model has.
//
// A step is one statement sent, with all that follows from it and touches nothing shared. Where the server is free (who of several
// waiters goes on), the ways are branches of the step. A fault is a variant of the step that it strikes.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/explore/fingerprint.h"
#include "sim/explore/near_miss.h"
#include "sim/explore/reply_faults.h"
#include "sim/handler/script_operation.h"
#include "sim/kernel/branches.h"
#include "sim/scenario/script_setup.h"
#include "sim/service/script_service.h"
#include "sim/store/relational.h"

namespace racelab {

/// One alternative.
struct ScriptStep {
  enum class Kind : std::uint8_t {
    request,       // a request arrives and its handler sends its first statement
    statement,     // a handler sends its next statement
    lock_timeout,  // a handler's wait for a lock ends
    deadlock,      // the server ends a handler that waits in a circle
    session_end,   // the server notices that a session is dead
    time_passes,   // the clock moves on; nobody's step
  };
  std::uint8_t client = 0;
  Kind kind = Kind::statement;
  std::uint8_t place = 0;  // which request under way, or which handler, of that client
  Fault request_fault = Fault::none;
  Fault statement_fault = Fault::none;
  std::uint8_t replies_lost = 0;   // a bit for each reply that somebody waits for, in their order
  std::uint8_t replies_reset = 0;  // among these: its client knows at once
  Branches::Ways ways;             // where the server is free

  [[nodiscard]] unsigned faults() const;
  friend bool operator==(const ScriptStep&, const ScriptStep&) = default;
};

/// Whose step it is.
struct ScriptWho {
  std::uint8_t client = 0;  // UINT8_MAX: the clock's
  std::uint8_t operation = 0;
  std::uint8_t attempt = 0;
  std::uint8_t copy = 0;
  friend constexpr auto operator<=>(const ScriptWho&, const ScriptWho&) = default;
};

/// Endings that are the same for whoever looks at contents and answers.
struct ScriptOutcome {
  std::string contents;  // in words
  std::string told;
  std::string rest;  // the verdict, errors, checks
  std::shared_ptr<const ScriptEnding> ending;

  [[nodiscard]] bool violated() const { return ending->violated(); }
  friend bool operator<(const ScriptOutcome& a, const ScriptOutcome& b) {
    return std::tie(a.contents, a.told, a.rest) < std::tie(b.contents, b.told, b.rest);
  }
};

/// What tells two outcomes apart for people: the tables that do not end as they began, and what was told.
std::string contents_words(const ScriptSetup& setup, const ScriptEnding& ending);
std::string told_words(const ScriptEnding& ending);

class OneAtATime;

class ScriptModel {
 public:
  static constexpr std::size_t operations_max = 20;
  static constexpr std::size_t handlers_max = 8;  // of one client at once

  struct Handler {
    std::uint8_t client = 0;
    std::uint8_t operation = 0;
    std::uint8_t attempt = 1;
    std::uint8_t copy = 0;
    sql::SessionId session = sql::nobody;
    bool dead = false;         // its session is still open
    bool slow = false;         // its client waits no longer
    bool waits = false;        // for a lock
    bool answer_lost = false;  // its session is lost as soon as its statement is done
    ScriptRun run;

    [[nodiscard]] ScriptWho who() const { return {client, operation, attempt, copy}; }
  };
  struct Request {
    std::uint8_t client = 0;
    std::uint8_t operation = 0;
    std::uint8_t attempt = 1;
    std::uint8_t copy = 0;
    [[nodiscard]] ScriptWho who() const { return {client, operation, attempt, copy}; }
  };
  struct Client {
    std::uint8_t operation = 0;
    std::uint8_t attempt = 1;
    bool waits = false;     // for an answer
    bool in_doubt = false;  // some attempt of this operation ended without one
    RetryState retry;
    std::vector<NamedValue> memory;
  };
  struct State {
    explicit State(const sql::Database& start) : database(start) {}
    sql::Database database;
    std::vector<Client> clients;
    std::vector<ScriptOperation> operations;
    std::vector<Request> requests;  // by who()
    std::vector<Handler> handlers;  // by who()
    std::array<std::uint16_t, fault_kinds> struck{};
    std::uint32_t struck_in_all = 0;
    std::uint32_t time_passed = 0;
    std::uint32_t answered = 0;  // operations
    bool overflowed = false;
  };

  using Step = ScriptStep;
  using Who = ScriptWho;
  using Outcome = ScriptOutcome;
  using Saved = std::unique_ptr<State>;
  struct Effects {
    NearMisses near_misses;
    std::uint8_t replies = 0;  // that somebody waits for
    bool own_reply = false;    // one by the handler whose step it was
    Branches branches;
    std::size_t given = 0;  // of its ways
  };

  /// `issued`: how many operations each client issues; empty: all. Setup and rule must outlive this.
  ScriptModel(const ScriptSetup& setup, OneAtATime& rule, std::vector<std::uint32_t> issued = {});
  /// The same on a server, which stands at the setup's end and must outlive this. Such a model has no names, and cannot be saved.
  ScriptModel(const ScriptSetup& setup, OneAtATime& rule, sql::Server& on,
              std::vector<std::uint32_t> issued = {});

  void alternatives(std::vector<Step>& steps) const;
  const Effects& take(const Step& step);
  void variants(const Step& step, const Effects& effects, std::vector<Step>& steps) const;
  [[nodiscard]] Who who(const Step& step) const;
  [[nodiscard]] Fingerprint name(bool symmetry);
  [[nodiscard]] static bool refine_names() { return false; }
  [[nodiscard]] Outcome outcome() const;
  [[nodiscard]] bool overflowed() const { return state_.overflowed; }
  /// Whose replies the last step lost.
  [[nodiscard]] const std::vector<Who>& unheard() const { return unheard_; }
  void save(Saved& into) const;
  void restore(const Saved& from) { state_ = *from; }

  /// For whoever draws an order.
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const ScriptSetup& setup() const { return setup_; }
  [[nodiscard]] const sql::Server& server() const {
    return on_ == nullptr ? static_cast<const sql::Server&>(state_.database) : *on_;
  }
  [[nodiscard]] const Handler* handler(const Who& who) const;
  /// Statements of which something hung on an order of rows that SQL does not promise, in any step that was taken: file and line, and
  /// what, in words.
  [[nodiscard]] const std::map<std::pair<std::string, std::uint32_t>, std::string_view>&
  open_orders() const {
    return open_orders_;
  }
  /// An operation's place among all.
  [[nodiscard]] std::size_t place_of(std::uint8_t client, std::uint8_t operation) const {
    return first_[client] + operation;
  }
  void record(sql::Recorder* recorder) { state_.database.record(recorder); }
  /// Whose session it is.
  static std::uint8_t client_of(sql::SessionId session) {
    return static_cast<std::uint8_t>(session / (2 * handlers_max));
  }

  /// What happened in the last step, in words that a report prints: one line each.
  struct Happened {
    enum class Kind : std::uint8_t {
      sent,      // a statement, with its answer
      waits,     // … for whom
      answered,  // a statement that waited
      died,      // the handler
      replied,   // to its client
      lost,      // a request or a reply
      told,      // what the client makes of it
      time,      // the clock
    };
    Kind kind = Kind::sent;
    ScriptWho who;
    std::string text;
    std::string answer;
    std::vector<std::string> before;  // BEGIN, SAVEPOINT
    std::uint32_t line = 0;           // sent, waits, answered: in the script; 0: none
  };
  [[nodiscard]] const std::vector<Happened>& happened() const { return happened_; }
  void tell(bool tells) { tells_ = tells; }

 private:
  ScriptModel(const ScriptSetup& setup, OneAtATime& rule, sql::Server* on,
              std::vector<std::uint32_t> issued);

  [[nodiscard]] sql::Server& server() {
    return on_ == nullptr ? static_cast<sql::Server&>(state_.database) : *on_;
  }
  [[nodiscard]] bool budget_left(FaultKind kind) const;
  void strike(FaultKind kind);
  void add_statement_faults(const Step& step, std::vector<Step>& steps) const;
  [[nodiscard]] std::vector<std::size_t> handlers_of(std::uint8_t client) const;
  [[nodiscard]] std::vector<std::size_t> requests_of(std::uint8_t client) const;
  [[nodiscard]] std::size_t index_of(const Who& who) const;

  void issue(std::uint8_t client);
  void send_request(std::uint8_t client, std::uint8_t copy);
  [[nodiscard]] ScriptOperation& record_of(std::uint8_t client, std::uint8_t operation) {
    return state_.operations[first_[client] + operation];
  }
  std::vector<std::optional<sql::Value>> given_to(const Handler& handler) const;
  void note_issue(const Who& who);
  Who start_handler(const Request& request);
  void send(const Who& who, Fault fault);
  void settle();
  void completed(const Who& who);
  void after_answer(const Who& who);
  void die(std::size_t index);
  void remove(std::size_t index);
  void reply(const Who& who);
  void take_reply(const Who& who, const ScriptReply& reply, Reply as);
  [[nodiscard]] ReplyBudget reply_budget() const;
  void send_reply(const Who& who, const ScriptReply& reply, Reply as);
  void end_call(const Who& who, Fault fault);
  void fail_attempt(std::uint8_t client, const std::optional<Reply>& heard);
  void tell_client(std::uint8_t client, ScriptTold told);
  void check_waiting();
  void end_circles(const Step& step);
  void happened(Happened::Kind kind, const Who& who, std::string text, std::string answer = "");

  const ScriptSetup& setup_;
  OneAtATime& rule_;
  sql::Server* on_ = nullptr;  // nullptr: the state's own database
  std::vector<std::uint32_t> issued_;
  std::vector<std::size_t> first_;  // by client: its first operation's place
  std::array<std::uint32_t, fault_kinds> budget_{};
  std::uint32_t budget_in_all_ = 0;
  State state_;
  Effects effects_;
  ScriptStep stepping_;
  std::vector<Who> unheard_;
  bool tells_ = false;
  std::vector<Happened> happened_;
  Words words_;
  std::map<std::pair<std::string, std::uint32_t>, std::string_view> open_orders_;
  std::vector<std::uint64_t> scratch_;
};

}  // namespace racelab
