// A relational database that behaves as PostgreSQL 15 does: sessions, transactions, statements that wait for one another. Every
// piece is a value: a copy of a Database is the same database at another time.
//
// One statement is one atomic step. One that must wait for another transaction is left where it stands; settle() lets those go on
// that can, one after another, and asks Branches where the server is free to choose. A statement that goes on starts from its
// beginning with the same snapshot, and recalls what it has done already (Unit), so that nothing is done twice.
//
// READ COMMITTED takes a snapshot for each statement; a row that was changed meanwhile is read again, its condition checked again,
// and if that fails the row stays locked all the same. REPEATABLE READ takes one at its first statement, and the first updater
// wins (40001). SERIALIZABLE also refuses, at COMMIT, whoever would close a circle of dependencies (serializable.h). An error
// frees at once what the transaction has taken, inside a savepoint what was taken since.
// (https://www.postgresql.org/docs/15/mvcc.html; measured: docs/model.md)
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/kernel/branches.h"
#include "sim/sql/schema.h"
#include "sim/sql/sqlstate.h"
#include "sim/store/open_work.h"
#include "sim/store/relation.h"
#include "sim/store/row_locks.h"
#include "sim/store/serializable.h"
#include "sim/store/server.h"

namespace racelab::sql {

/// Told of everything that an execution read and wrote, for whoever wants to know afterwards who depended on whom.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void read(SessionId session, std::uint16_t table, const Version& version) = 0;
  /// It looked for rows of a table that meet a condition; nothing: for all.
  virtual void looked_for(SessionId session, std::uint16_t table, const Sight& sight,
                          const Predicate& predicate) = 0;
  virtual void wrote(SessionId session, std::uint16_t table, const Version* before,
                     const Version* after) = 0;
  virtual void ended(SessionId session, std::uint64_t commit) = 0;  // 0: rolled back
  /// It locks a row, waits for it, or looks whether others have a key of it.
  virtual void touched(SessionId /*session*/, std::uint16_t /*table*/, const Values& /*row*/) {}
  /// It looks for rows of a table with a key that a row refers to, or that refer to a row with the key.
  virtual void looked_for_key(SessionId /*session*/, std::uint16_t /*table*/,
                              const std::vector<std::uint16_t>& /*columns*/,
                              const Values& /*key*/) {}
  /// It asks for something that is no row: a generator's next value, or an advisory lock.
  enum class Used : std::uint8_t { generator, advisory };
  virtual void used(SessionId /*session*/, Used /*what*/, std::int64_t /*number*/) {}
};

class Database final : public Server {
 public:
  /// Of a schema that outlives it.
  explicit Database(const Schema& schema);

  [[nodiscard]] const Schema& schema() const { return *schema_; }

  void connect(SessionId session, Isolation isolation) override;
  void disconnect(SessionId session) override;
  using Server::execute;
  Progress execute(SessionId session, const Statement& statement, Values parameters,
                   const std::vector<FoundLocked>* pretend) override;
  [[nodiscard]] const Result& result(SessionId session) const override {
    return sessions_[session].result;
  }
  void settle(Branches& branches) override;
  [[nodiscard]] const std::vector<SessionId>& woken() const override { return woken_; }
  void clear_woken() override { woken_.clear(); }
  void end_wait(SessionId session, const SqlState& error) override;

  [[nodiscard]] bool waiting(SessionId session) const override {
    return sessions_[session].wait.kind != Wait::Kind::none;
  }
  [[nodiscard]] bool in_transaction(SessionId session) const override {
    return sessions_[session].open;
  }
  /// What the clock showed when its transaction began.
  [[nodiscard]] std::int64_t started(SessionId session) const { return sessions_[session].started; }
  [[nodiscard]] bool failed(SessionId session) const { return sessions_[session].failed; }
  [[nodiscard]] Isolation isolation(SessionId session) const {
    return sessions_[session].isolation;
  }
  [[nodiscard]] std::vector<SessionId> blockers(SessionId session) const override;

  [[nodiscard]] std::int64_t clock() const override { return clock_; }
  void set_clock(std::int64_t micros) override { clock_ = micros; }

  [[nodiscard]] std::vector<Values> contents(std::uint16_t table) const override;
  /// Ends every session; these are the rows of all tables from now on.
  void replace_contents(const std::vector<std::vector<Values>>& contents);
  /// Where it is free who goes on, the first one does.
  void keep_queues() { locks_.keep_queues(); }
  /// What is not committed, and who holds and waits for what.
  [[nodiscard]] OpenWork open_work() const;
  /// Everything that what follows can depend on, as words.
  void describe(std::vector<std::uint64_t>& words) const;
  /// Forgets what nobody can see any more.
  void vacuum();
  /// What was drawn so far are values like any other.
  void forget_generators();
  /// Ends every session; the database goes on with a schema that has more tables, the last of which holds these rows.
  void add_tables(const Schema& schema, const std::vector<Values>& rows);
  /// From now on; nullptr: nobody is told.
  void record(Recorder* recorder) { recorder_ = recorder; }

 private:
  friend class Execution;

  // A statement's deed, in the order of its deeds.
  struct Unit {
    enum class Kind : std::uint8_t { locked, skipped, gone, wrote, nothing, value };
    Kind kind = Kind::nothing;
    VersionId version = 0;  // locked: that was locked; wrote: the new one
    Value value{};
  };
  struct Wait {
    enum class Kind : std::uint8_t { none, row, key, advisory };
    Kind kind = Kind::none;
    std::uint16_t table = 0;
    RowId row = 0;  // row
    LockMode mode = LockMode::none;
    bool of_where = false;        // row: one that the WHERE of an UPDATE or DELETE has found
    std::uint64_t key_since = 0;  // row: of the version that was seen
    VersionId version = 0;        // key: that has it
    bool upserts = false;         // key: for ON CONFLICT DO UPDATE
    std::int64_t number = 0;      // advisory
  };
  struct AdvisoryLock {
    std::int64_t number = 0;
    SessionId holder = nobody;
    std::uint32_t times = 1;
    bool of_session = false;  // not of its transaction
    std::uint16_t level = 0;
  };
  struct Session {
    bool connected = false;
    bool open = false;  // inside BEGIN
    bool failed = false;
    Isolation standard = Isolation::read_committed;
    Isolation isolation = Isolation::read_committed;
    std::uint64_t snapshot = 0;  // of the transaction, or of the running statement; 0: none
    std::uint32_t command = 1;
    std::int64_t started = 0;  // the clock at its transaction's start
    std::vector<std::string> savepoints;
    std::vector<std::int64_t>
        drawn;               // by sequence: the last value; index + 1 of `schema.sequences`
    TransactionReads reads;  // SERIALIZABLE
    // The statement that runs.
    const Statement* statement = nullptr;
    Values parameters;
    std::vector<FoundLocked> pretend;
    std::vector<Unit> units;
    Wait wait;
    Result result;

    [[nodiscard]] std::uint16_t level() const {
      return static_cast<std::uint16_t>(savepoints.size());
    }
    [[nodiscard]] bool keeps_snapshot() const {
      return snapshot != 0 &&
             (wait.kind != Wait::Kind::none || isolation != Isolation::read_committed);
    }
  };
  enum class Ready : std::uint8_t { no, at_once, races };

  Progress run(SessionId session);
  void word(SessionId session, const Statement& statement);
  void begin(SessionId session, const Statement& statement);
  void to_savepoint(SessionId session, const Statement& statement);
  bool commit(SessionId session);
  void roll_back(SessionId session);
  void undo(SessionId session, std::uint16_t from_level);
  void close(SessionId session);
  void fail(SessionId session, const SqlState& error, std::string message);
  void stop_waiting(SessionId session);
  void end_sessions();
  void fill(Relation& relation, const std::vector<Values>& rows);

  [[nodiscard]] Ready ready(SessionId session) const;
  [[nodiscard]] bool somebody_takes(const RowLock& lock) const;
  [[nodiscard]] bool finds_nothing(SessionId session) const;
  void go_on(SessionId session);
  [[nodiscard]] const AdvisoryLock* advisory(std::int64_t number) const;
  void release_advisory(SessionId session, std::uint16_t from_level, bool of_session);

  [[nodiscard]] Sight sight(SessionId session) const;
  /// The version of a row that stands: committed or the session's own; nullptr: none.
  [[nodiscard]] const Version* standing(std::uint16_t table, RowId row, SessionId session) const;
  [[nodiscard]] bool changed_since(std::uint16_t table, RowId row, SessionId session) const;
  /// As FOR KEY SHARE sees it: a change that keeps the key is none, unless the row was held FOR UPDATE.
  [[nodiscard]] static bool key_changed(const Version& seen, const Version* now);
  [[nodiscard]] Values key_of(std::uint16_t table, const Values& row) const;
  void describe_session(const Session& session, std::vector<std::uint64_t>& words) const;

  const Schema* schema_;
  std::vector<Relation> relations_;
  std::vector<std::int64_t> sequences_;  // drawn last, by sequence, then uuids
  RowLocks locks_;
  std::vector<AdvisoryLock> advisory_;
  std::vector<SessionId> advisory_queue_;  // who waits for one, in order
  std::vector<Session> sessions_;
  Serializable serializable_;
  std::uint64_t commits_ = 1;
  VersionId next_version_ = 1;
  RowId next_row_ = 1;
  std::int64_t clock_ = 0;
  std::vector<SessionId> woken_;
  Recorder* recorder_ = nullptr;
};

}  // namespace racelab::sql
