// One client with its requests and handlers, as a labelled transition system that is learned, not written: the real Clients
// and Service of a world run by themselves, over a database whose answers come from a script, and what they did is kept.
//
// A handler sees neither clock nor random numbers, so what it does is a function of what it has been answered; the same for
// its client. Each local state is therefore rehearsed once, and met again a million times by looking it up. What is shared
// between clients, the store, is not here: a transition says what the process asks of it (Action), a cue what it answered.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/explore/fingerprint.h"
#include "sim/scenario/setup.h"

namespace racelab {

/// What can happen to a process next.
struct Cue {
  enum class Kind : std::uint8_t {
    begin,        // the client starts
    request,      // a request arrives (or, with a fault, does not)
    statement,    // a handler issues its statement
    answer,       // and gets its answer
    session_end,  // the store notices that a dead handler's session is dead
  };
  Kind kind = Kind::begin;
  std::uint8_t place = 0;  // which request under way, which handler
  Fault fault = Fault::none;
  bool reply_lost = false;  // should a reply be sent, it is lost
};

/// What a process asks of the store, in order.
struct Action {
  enum class Kind : std::uint8_t {
    connect,     // a new handler, after the others
    disconnect,  // the handler ends; those after it move up
    start_try,   // what it writes from now on is another execution
    execute,     // a statement whose answer nobody waits for (BEGIN, or ROLLBACK after a failure)
    ask,         // a statement whose answer is the next cue to this handler
  };
  Kind kind = Kind::ask;
  std::uint8_t handler = 0;
  std::uint16_t operation = 0;           // connect: the client's n-th
  const Statement* statement = nullptr;  // execute, ask; stays in place. See below
};

// In an action's statement, the version that an UPDATE is computed from, and the one that its WHERE checks, are places among the
// rows that the try has been shown, counted from 0.

struct Transition;

/// A process between two cues.
struct LocalState {
  struct RequestView {
    std::uint32_t operation = 0;
    std::uint16_t attempt = 1;
    std::uint8_t copy = 0;
    bool immune = false;  // no fault strikes it
  };
  struct HandlerView {
    std::uint32_t operation = 0;
    std::uint16_t attempt = 1;
    std::uint8_t copy = 0;
    bool ready = false;  // its statement can be issued
    bool asks = false;   // its statement has been issued and not answered
    bool dead = false;   // its session is still open
    bool slow = false;
    std::uint32_t statements = 0;  // of this delivery, so far
  };
  /// What can happen next, apart from answers: handlers and requests by age (operation, attempt, delivery).
  struct Option {
    Cue::Kind kind = Cue::Kind::statement;  // or answer: its handler waits for one
    std::uint8_t place = 0;
    bool immune = false;
  };
  Fingerprint name;                   // does not tell which client it is
  std::uint32_t number = 0;           // of this client's states, as they were found
  std::vector<RequestView> requests;  // under way, oldest attempt first
  std::vector<HandlerView> handlers;  // in the order they started
  std::vector<Option> options;
  std::vector<std::uint8_t> told;  // by operation: 0 nothing yet, else 1 + Told
  std::uint32_t issued = 0;        // operations so far
  /// By Told: a bit for each operation that ended so and of which nothing is under way any more. What becomes of it depends on
  /// nothing but which of its applications survive.
  std::array<std::uint64_t, 3> settled{};
  bool finished = false;  // every operation's client knows something, and nothing is under way

  // Kept by Process: what is known of where it leads, and how to come here again.
  struct Edge {
    std::uint64_t key;
    const Transition* transition;
  };
  std::vector<Edge> edges;             // what is known of where it leads
  const LocalState* before = nullptr;  // from where, and by what, it was reached first
  Cue cue;
  StatementResult answer;
  bool in_transaction = false;
};

/// Where a cue leads.
struct Transition {
  const LocalState* to = nullptr;  // stays in place
  std::vector<Action> actions;
  bool replied = false;  // a reply was sent: the same cue with reply_lost leads elsewhere
};

class Process {
 public:
  /// Both must outlive this.
  Process(const Setup& setup, std::uint32_t client);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Before the client starts.
  [[nodiscard]] const LocalState& initial() const { return states_.front(); }

  /// Where a cue leads that is possible in a state of this process.
  const Transition& transition(const LocalState& from, const Cue& cue) {
    return follow(from, key_of(cue), cue, nullptr, false);
  }
  /// An answer, and whether the session is in a transaction now.
  const Transition& transition(const LocalState& from, const Cue& cue,
                               const StatementResult& answer, bool in_transaction);

  /// What it has asked of the store so far, in whatever state.
  [[nodiscard]] const std::deque<Statement>& statements() const { return statements_; }
  /// How many local states are known.
  [[nodiscard]] std::size_t size() const { return states_.size(); }

 private:
  class Rehearsal;
  static std::uint64_t key_of(const Cue& cue) {
    return static_cast<std::uint64_t>(cue.kind) | (std::uint64_t{cue.place} << 8U) |
           (static_cast<std::uint64_t>(cue.fault) << 16U) |
           (std::uint64_t{cue.reply_lost ? 1U : 0U} << 24U);
  }
  const Transition& follow(const LocalState& from, std::uint64_t key, const Cue& cue,
                           const StatementResult* answer, bool in_transaction) {
    for (const LocalState::Edge& edge : from.edges) {
      if (edge.key == key) {
        return *edge.transition;
      }
    }
    return learn(from, key, cue, answer, in_transaction);
  }
  const Transition& learn(const LocalState& from, std::uint64_t key, const Cue& cue,
                          const StatementResult* answer, bool in_transaction);

  std::int64_t first_fingerprint_;  // of the client's first request
  std::unique_ptr<Rehearsal> rehearsal_;
  std::deque<LocalState> states_;       // stay in place
  std::deque<Transition> transitions_;  // stay in place
  std::deque<Statement> statements_;    // stay in place
};

}  // namespace racelab
