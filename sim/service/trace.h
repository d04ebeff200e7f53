// What happened, event by event. Every event goes into the trace hash; they are kept only when somebody will read them,
// and keeping them changes nothing else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/arena.h"
#include "sim/kernel/fault.h"
#include "sim/kernel/hash.h"
#include "sim/kernel/time.h"
#include "sim/service/request.h"
#include "sim/store/database.h"

namespace racelab {

enum class TraceKind : std::uint8_t {
  operation_started,
  request_sent,
  request_lost,        // the network lost it
  request_slow,        // the network holds it back past the timeout
  request_duplicated,  // the network will deliver it once more
  handler_started,     // a delivery arrived
  try_again,           // the handler starts again after `error`
  statement,           // ran; see Answer
  statement_waits,     // for `other`
  crashed,             // the handler died before its statement
  session_lost,        // before its statement ran, or after
  session_ended,       // the store noticed that the session was dead, and rolled back
  reply_sent,
  reply_lost,
  reply_received,
  reply_ignored,  // it came after the client had stopped listening
  timed_out,
  told,
  handler_slow,         // its client stops waiting; it goes on
  request_queued,       // no worker is free: it waits for one
  request_turned_away,  // nor is there room to wait: the reply is on its way
  request_dropped,      // its turn came, and its client no longer waited
  request_failed,       // a fault made the service answer with an error: the reply is on its way
  not_sent,             // the client's breaker is open
  no_retry,             // the client asks no more: its budget is spent, or its breaker says so
  gateway_called,       // a request arrives at a service in between; see TraceEvent::layer
  gateway_asks,         // it calls the next one; from here on `attempt` counts calls to that one
  gateway_hears,        // a reply of the next one
  gateway_ignores,      // it came too late
  gateway_timed_out,    // it waits for the next one no longer
  gateway_answers,      // it replies; `attempt` counts calls to itself again
  gateway_silent,       // it ends without a reply: one of its attempts is in doubt
  sent,                 // a statement of an endpoint in SQL ran; see TraceEvent::text
  sent_waits,           // for `other`
  call_refused,         // no connection came about
  call_reset,           // the connection broke before the request was read
  reply_reset,          // it broke when the work was done
  cancel_sent,          // whoever made the call waits for it no longer, and says so
  cancelled,            // a cancel ends the call: its handler, or its place in a queue
  cancel_in_vain,       // it finds nothing that it could end
};

/// What a client ended up knowing: `failed` is certainly not done; `unknown` may have been. `refused` is an answer, as endpoints in
/// SQL give it: 409, 422.
enum class Told : std::uint8_t { ok, failed, unknown, refused };

/// A row as a statement met it.
struct TraceRow {
  RowKey key;
  bool found = false;  // SELECT: seen. UPDATE, INSERT: changed
  std::int64_t value =
      0;  // SELECT: seen. UPDATE, INSERT: the value afterwards, as committed or in flight
  VersionId version = no_version;  // SELECT: which version that was
};

/// A statement of an endpoint in SQL, for people.
struct TraceText {
  std::vector<std::string> before;  // what went with it: BEGIN, SAVEPOINT
  std::string statement;
  std::string answer;  // empty while it waits
};

struct TraceEvent {
  /// What happens to one delivery of a call.
  static TraceEvent of_call(TraceKind kind, Instant at, OperationName operation,
                            std::uint16_t attempt, std::uint8_t copy) {
    TraceEvent event;
    event.at = at;
    event.kind = kind;
    event.attempt = attempt;
    event.copy = copy;
    event.operation = operation;
    return event;
  }

  Instant at{};
  TraceKind kind{};
  std::uint16_t attempt = 0;
  std::uint8_t copy = 0;  // 1: the second delivery of the attempt
  std::uint16_t tries = 0;
  std::uint8_t layer = 0;   // which service in between it is of, from 1; 0: of none
  bool by_breaker = false;  // no_retry: or else by the budget
  OperationName operation;

  ExecutionId execution = no_execution;
  OperationName other;  // statement_waits: who holds the lock
  Reply::Kind
      reply{};  // reply_*, request_turned_away, request_failed; reply_reset: the one that got lost
  Told told{};  // told
  bool after_statement = false;  // session_lost

  // statement, statement_waits: what was asked …
  Verb verb{};
  Isolation isolation{};
  Locking locking{};
  bool on_conflict_do_nothing = false;
  Where where{};
  std::int64_t operand = 0;  // the value set, the amount added, the note inserted
  VersionId computed_from = no_version;
  // … and answered
  StatementError error{};  // try_again, too: why (none: its own reply was a conflict)
  bool waited = false;
  bool rolled_back = false;
  std::uint32_t affected = 0;
  VersionId written = no_version;  // the version an UPDATE or INSERT wrote
  std::uint32_t first_row = 0;     // its rows: rows()[first_row, first_row + row_count)
  std::uint32_t row_count = 0;
  std::uint32_t text = 0;  // sent, sent_waits: texts()[text]
};

/// Whose calls an event's attempt counts, of `layers` services that call one another: 1 for the client's, 2 for those of the
/// service that the client calls, and so on.
std::uint32_t level_of(const TraceEvent& event, std::uint32_t layers);

/// A piece of a run's events, in order, with the rows and the texts that they name.
struct TracePiece {
  std::span<const TraceEvent> events;
  std::span<const TraceRow> rows;
  std::span<const TraceText> texts;
};

/// Hears every event of a run, a piece at a time: in memory that does not grow with the run.
class TraceReader {
 public:
  virtual void read(const TracePiece& piece) = 0;

 protected:
  ~TraceReader() = default;
};

/// Which events are kept: all, or those of a few operations (outlives the trace), or none; and who hears those that are, if
/// they are not to be kept any longer (outlives the trace, too).
struct TraceKeeping {
  bool everything = false;
  const std::vector<OperationName>* only = nullptr;
  TraceReader* reader = nullptr;

  [[nodiscard]] bool keeps(OperationName operation) const {
    return everything ||
           (only != nullptr && std::find(only->begin(), only->end(), operation) != only->end());
  }
};

class Trace {
 public:
  Trace(Arena& arena, const TraceKeeping& keeping)
      : events_(ArenaAllocator<TraceEvent>(arena)),
        rows_(ArenaAllocator<TraceRow>(arena)),
        keeping_(keeping) {}

  /// Adds an event that concerns no statement.
  void add(const TraceEvent& event);
  /// Adds a statement's event with the rows it names.
  void add_statement(TraceEvent event, const Statement& statement, const StatementResult& result);

  /// Adds a statement of an endpoint in SQL. `answer` covers what was asked and answered, for the hash; `text` is called only if the
  /// event is kept.
  template <class Text>
  void add_sent(TraceEvent event, std::uint64_t answer, Text text) {
    mix(event);
    hash_.add(answer);
    if (keeping_.keeps(event.operation)) {
      event.text = static_cast<std::uint32_t>(texts_.size());
      texts_.push_back(text());
      keep(event);
    }
  }

  /// A reader hears the last piece: the run has ended.
  void finish() {
    if (keeping_.reader != nullptr) {
      pass_on();
    }
  }

  [[nodiscard]] bool keeps(OperationName operation) const { return keeping_.keeps(operation); }
  [[nodiscard]] std::uint64_t hash() const { return hash_.value(); }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] const ArenaVector<TraceEvent>& events() const { return events_; }
  [[nodiscard]] const ArenaVector<TraceRow>& rows() const { return rows_; }
  [[nodiscard]] const std::vector<TraceText>& texts() const { return texts_; }

 private:
  void mix(const TraceEvent& event);
  void keep(const TraceEvent& event);
  void pass_on();

  ArenaVector<TraceEvent> events_;
  ArenaVector<TraceRow> rows_;
  std::vector<TraceText> texts_;
  Hash hash_;
  std::uint64_t count_ = 0;
  TraceKeeping keeping_;
};

}  // namespace racelab
