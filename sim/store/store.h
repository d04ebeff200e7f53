// The store: rows with versions, row locks, sessions and transactions, behaving as PostgreSQL 15 does.
//
// One statement is one atomic step. A statement that must wait for another transaction joins the row's queue; when the
// holder ends, a waiter is granted and its statement goes on within the same step, and so on down the queue; those sessions
// are then reported as woken. The queue is first come, first served until a change of the row is committed while somebody
// waits; from then on, until nobody waits any more, whoever of them comes first has it (measured: docs/model.md).
//
// READ COMMITTED takes a snapshot per statement; an UPDATE that waited reads the row again and re-checks its WHERE, and if
// that now fails changes 0 rows but keeps the row's lock. REPEATABLE READ takes one snapshot at its first statement, and
// the first updater wins: a row that changed since fails with 40001. Of those who wait in a circle one fails (40P01): where it
// is open who goes on, it is open who; otherwise whoever closes it, at once. A failed statement aborts its transaction at once: its writes are undone and its locks released;
// until COMMIT or ROLLBACK everything else answers 25P02. (https://www.postgresql.org/docs/15/transaction-iso.html,
// https://www.postgresql.org/docs/15/explicit-locking.html)
//
// Every version knows its provenance: which execution wrote it, and which version its value was computed from.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>

#include "sim/kernel/arena.h"
#include "sim/store/database.h"
#include "sim/store/statement.h"

namespace racelab {

struct Version {
  RowKey key;
  std::int64_t value = 0;
  std::int64_t note = 0;
  std::uint64_t committed = 0;            // place in the order of commits, from 1; 0: not committed
  std::uint32_t number = 0;               // the row's version column
  ExecutionId execution = no_execution;   // no_execution: there from the start
  VersionId computed_from = no_version;   // same row; no_version: from no version of it
  VersionId previous = no_version;        // the version it replaced
  VersionId written_before = no_version;  // by the same transaction
};

class Store final : public Database {
 public:
  /// Everything that outlives a step lies in `arena`. Answers do not: they may lie elsewhere, so that saving the arena
  /// between two steps saves less.
  explicit Store(Arena& arena) : Store(arena, arena) {}
  Store(Arena& arena, Arena& answers);

  /// Who decides among the waiters of a row that has changed; circles then stay until somebody of them is ended. nullptr, as at
  /// first: the one who came first, and whoever closes a circle fails at once. Must outlive this.
  void set_grants(Grants* grants) { grants_ = grants; }

  /// Makes room for so many at once.
  void reserve(std::size_t rows, std::size_t versions, std::size_t sessions);

  /// Adds a committed row before anything runs; its key is RowKey::row(0), row(1), … in turn.
  RowKey create_row(std::int64_t value);

  [[nodiscard]] SessionId connect() override;
  void disconnect(SessionId session) override;
  void set_execution(SessionId session, ExecutionId execution) override;
  Progress execute(SessionId session, const Statement& statement) override;
  void time_out(SessionId session) override;
  [[nodiscard]] bool deadlocked(SessionId session) const override;
  void end_deadlock(SessionId session) override;
  [[nodiscard]] const StatementResult& result(SessionId session) const override {
    return (*results_)[session];
  }
  [[nodiscard]] std::span<const SessionId> woken() const override { return woken_; }
  void clear_woken() override { woken_.clear(); }
  [[nodiscard]] bool in_transaction(SessionId session) const override {
    return sessions_[session].state != State::idle;
  }
  [[nodiscard]] bool waiting(SessionId session) const override {
    return sessions_[session].waiting_for != no_record;
  }
  [[nodiscard]] SessionId blocker(SessionId session) const override;
  [[nodiscard]] RowKey contested(SessionId session) const override;

  /// Every version ever written, by VersionId; those with committed == 0 were rolled back or are in flight.
  [[nodiscard]] const ArenaVector<Version>& versions() const { return versions_; }
  /// The newest committed version of a row; no_version when there is none.
  [[nodiscard]] VersionId last_committed(RowKey key) const;

  /// The newest version of a row, committed or in flight.
  [[nodiscard]] VersionId newest(RowKey key) const {
    const RecordIndex index = find(key);
    return index == no_record ? no_version : records_[index].newest;
  }

  /// A row as it stands between two statements. Those there from the start come first, the others as they were first named.
  struct RowView {
    RowKey key;
    VersionId committed = no_version;  // the newest committed version
    VersionId in_flight = no_version;  // the holder's
    SessionId holder = no_session;
    SessionId first_waiter = no_session;
    bool open = false;  // any of the waiters may be next
  };
  [[nodiscard]] std::size_t row_count() const { return records_.size(); }
  [[nodiscard]] RowView row(std::size_t index) const {
    const Record& record = records_[index];
    const bool in_flight_now = in_flight(record);
    return {.key = record.key,
            .committed = in_flight_now ? committed_version(record) : record.newest,
            .in_flight = in_flight_now ? record.newest : no_version,
            .holder = record.holder,
            .first_waiter = record.waiters.first,
            .open = record.open};
  }
  /// Who waits behind a waiting session; no_session if nobody does.
  [[nodiscard]] SessionId waiter_after(SessionId session) const {
    return sessions_[session].among_waiters.next;
  }
  /// Whether the session will look through a snapshot that it has taken already.
  [[nodiscard]] bool keeps_snapshot(SessionId session) const {
    const Session& it = sessions_[session];
    return waiting(session) || (it.state == State::open && it.snapshot != 0 &&
                                it.isolation == Isolation::repeatable_read);
  }
  /// The committed version of a row that such a snapshot shows; no_version when there is none.
  [[nodiscard]] VersionId in_snapshot(SessionId session, std::size_t index) const {
    return committed_by(records_[index], sessions_[session].snapshot);
  }

 private:
  using RecordIndex = std::uint32_t;
  static constexpr RecordIndex no_record = UINT32_MAX;

  enum class State : std::uint8_t { idle, implicit, open, failed };

  // Sessions in the order they came; each keeps its place.
  struct Queue {
    SessionId first = no_session;
    SessionId last = no_session;
  };
  struct Place {
    SessionId before = no_session;
    SessionId next = no_session;
  };

  struct Record {
    RowKey key;
    VersionId newest = no_version;  // may be uncommitted, and is then the holder's
    VersionId oldest = no_version;  // stands for nothing while there is no newest
    SessionId holder = no_session;
    RecordIndex held_before = no_record;  // by the same session
    Queue waiters{};
    Queue watchers{};   // those of them that may go on although somebody holds the row
    bool open = false;  // the row has changed while somebody waited: any of the waiters may be next
  };

  struct Session {
    State state = State::idle;
    Isolation isolation = Isolation::autocommit;
    bool waited = false;         // the running statement has waited for a row
    std::uint64_t snapshot = 0;  // sees what was committed up to there; 0: none taken yet
    ExecutionId execution = no_execution;
    VersionId last_written = no_version;
    RecordIndex last_held = no_record;
    RecordIndex waiting_for = no_record;
    Place among_waiters;
    Place among_watchers;
    SessionId next_free = no_session;
    const Statement* statement = nullptr;  // the running one; whoever asked keeps it
  };

  [[nodiscard]] RecordIndex find(RowKey key) const {
    // The rows there from the start stand first, in the order of their keys.
    return key.packed < records_.size() && records_[key.packed].key == key
               ? static_cast<RecordIndex>(key.packed)
               : find_later(key);
  }
  [[nodiscard]] RecordIndex find_later(RowKey key) const;
  RecordIndex add_record(RowKey key);
  [[nodiscard]] VersionId visible(const Record& record, SessionId session) const;
  [[nodiscard]] bool exists_for(const Record& record, SessionId session) const;
  [[nodiscard]] VersionId committed_version(const Record& record) const;
  [[nodiscard]] VersionId committed_by(const Record& record, std::uint64_t snapshot) const;
  [[nodiscard]] bool in_flight(const Record& record) const {
    return record.newest != no_version && versions_[record.newest].committed == 0;
  }
  [[nodiscard]] bool changed_since_snapshot(const Record& record, const Session& session) const;

  Progress run(SessionId id);
  Progress run_select(SessionId id);
  Progress run_update(SessionId id);
  Progress run_insert(SessionId id);
  void run_scan(SessionId id);
  Progress complete(SessionId id);
  Progress fail(SessionId id, StatementError error);
  void end_wait(SessionId id, StatementError error);

  enum class Lock : std::uint8_t { held, waiting, deadlock };
  Lock lock(SessionId id, RecordIndex index);
  Lock join_queue(SessionId id, RecordIndex index);
  [[nodiscard]] bool leads_back(SessionId from, SessionId id) const;
  void leave_queue(SessionId id);
  void append(Queue& queue, Place Session::*place, SessionId id);
  void take_out(Queue& queue, Place Session::*place, SessionId id);
  [[nodiscard]] static bool watches(const Session& session);
  void hold(SessionId id, RecordIndex index);
  [[nodiscard]] SessionId next_to_go_on(const Record& record) const;
  [[nodiscard]] bool goes_on_at_once(const Record& record, const Session& session) const;
  [[nodiscard]] bool finds_nothing(const Record& record, const Session& session) const;
  [[nodiscard]] SessionId next_of_open(const Record& record) const;
  void grant_waiters();

  StatementResult& answer(SessionId id) { return (*results_)[id]; }
  void start_answer(SessionId id);
  void see(SessionId id, RowKey key, VersionId version);
  void write(SessionId id, RecordIndex index, const Statement& statement);
  void commit(SessionId id);
  void abort(SessionId id);
  void release_locks(SessionId id);

  ArenaVector<Version> versions_;
  ArenaVector<Record> records_;
  ArenaVector<Session> sessions_;
  ArenaVector<StatementResult>*
      results_;  // by session; what stands there between two steps does not matter
  ArenaVector<SessionId> woken_;
  ArenaVector<RecordIndex> released_;  // records whose queue must be looked at
  boost::unordered_flat_map<std::uint64_t, RecordIndex, boost::hash<std::uint64_t>, std::equal_to<>,
                            ArenaAllocator<std::pair<const std::uint64_t, RecordIndex>>>
      index_;                   // only looked up, never iterated
  std::uint64_t sequence_ = 1;  // commits so far; the rows there from the start count as the first
  SessionId free_session_ = no_session;
  Grants* grants_ = nullptr;
};

}  // namespace racelab
