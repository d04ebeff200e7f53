// A handler's connection to the store, as a strategy sees it: one method per form of statement, each awaited.
//
//   const Rows seen = co_await db.select(request.change.rows);
//
// Transactions belong to the handler, not to the strategy: BEGIN goes before the first statement and COMMIT after an ok
// reply, when the isolation level asks for one. A statement that fails never returns here: the handler is destroyed, its
// transaction rolled back, and perhaps started again. Statements whose failure is ordinary answer with a bool.
#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>

#include "sim/kernel/arena.h"
#include "sim/service/request.h"
#include "sim/store/statement.h"

namespace racelab {

/// What FOR UPDATE does when a row is locked.
enum class IfLocked : std::uint8_t { wait, fail, skip };

/// What a protection finds recorded under an idempotency key.
struct SavedReply {
  Reply reply;
  std::int64_t fingerprint = 0;  // of the request it was recorded for
};

class Session {
 public:
  explicit Session(Arena& arena) : arena_(&arena), batch_(ArenaAllocator<Statement>(arena)) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// What co_await on a statement gives: waits for its answer, then reads it by `Read`.
  template <class Answer, Answer (*Read)(const Session&)>
  struct [[nodiscard]] Awaiting {
    const Session* session;
    [[nodiscard]] bool await_ready() const noexcept { return session->batch_.empty(); }
    void await_suspend(std::coroutine_handle<> /*frame*/) const noexcept {}
    Answer await_resume() const noexcept { return Read(*session); }
  };

 private:
  static Rows read_rows(const Session& session) { return session.result_.rows; }
  static std::uint32_t read_affected(const Session& session) { return session.affected_; }
  static bool read_all_affected(const Session& session) {
    return session.affected_ == session.asked_;
  }
  static std::optional<SavedReply> read_saved_reply(const Session& session);

 public:
  using AwaitRows = Awaiting<Rows, read_rows>;
  using AwaitCount = Awaiting<std::uint32_t, read_affected>;
  using AwaitBool = Awaiting<bool, read_all_affected>;
  using AwaitSavedReply = Awaiting<std::optional<SavedReply>, read_saved_reply>;

  /// SELECT: one statement for all the rows; those that exist, in the order asked for.
  AwaitRows select(const RowKeys& keys);
  /// SELECT … FOR UPDATE: locks them too, until the transaction ends.
  AwaitRows select_for_update(const RowKeys& keys, IfLocked if_locked = IfLocked::wait);
  /// UPDATE, one statement per row; answers how many rows there were to change.
  AwaitCount update(const Writes& writes);
  /// UPDATE … WHERE version = the version seen, one statement per row, up to the first that changes nothing. False: some
  /// row has changed since, and the handler should answer conflict, which rolls back.
  AwaitBool update_if_unchanged(const Rows& seen, const Writes& writes);
  /// UPDATE n = n + amount: false when its WHERE found nothing to change.
  AwaitBool update_in_place(const InPlace& change);

  /// INSERT of the request's idempotency key, with the reply that a later delivery is to get; 23505 if it is there.
  AwaitBool insert_key(const Request& request, Reply reply);
  /// INSERT … ON CONFLICT DO NOTHING; false: the key is there. Waits while another transaction is inserting it.
  AwaitBool insert_key_if_absent(const Request& request, Reply reply);
  /// SELECT of what was recorded under the request's key; nothing if it is not there.
  AwaitSavedReply find_saved_reply(const Request& request);
  /// UPDATE of the recorded reply.
  AwaitBool save_reply(const Request& request, Reply reply);

  /// COMMIT now; the next statement begins a new transaction. Nothing to do at autocommit.
  AwaitCount commit();

  /// Where this handler's frames live.
  [[nodiscard]] Arena& frames() const { return *arena_; }

 private:
  friend class Service;

  void ask(const Statement& statement);
  // The loop's side: the statement that is pending, and what it answered. True: the handler can go on.
  [[nodiscard]] const Statement& pending() const { return batch_[at_]; }
  bool answered(const StatementResult& result);

  Arena* arena_;
  ArenaVector<Statement> batch_;  // the statements that are awaited together: nearly always one
  std::size_t at_ = 0;
  bool stop_when_none_ = false;  // the first one that changes nothing ends the batch
  bool in_transaction_ = false;  // kept by the service
  std::uint32_t asked_ = 0;
  std::uint32_t affected_ = 0;
  StatementResult result_;  // of the last one
};

}  // namespace racelab
