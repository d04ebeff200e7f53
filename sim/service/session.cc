// Each method fills the batch of statements that its awaiter waits for.
#include "sim/service/session.h"

#include "sim/kernel/expect.h"

namespace racelab {

void Session::ask(const Statement& statement) {
  batch_.clear();
  batch_.push_back(statement);
  at_ = 0;
  stop_when_none_ = false;
  asked_ = 1;
  affected_ = 0;
}

bool Session::answered(const StatementResult& result) {
  result_ = result;
  affected_ += result.affected;
  ++at_;
  return at_ == batch_.size() || (stop_when_none_ && result.affected == 0);
}

std::optional<SavedReply> Session::read_saved_reply(const Session& session) {
  const Rows& rows = session.result_.rows;
  if (rows.empty()) {
    return std::nullopt;
  }
  return SavedReply{{static_cast<Reply::Kind>(rows.front().value)}, rows.front().note};
}

Session::AwaitRows Session::select(const RowKeys& keys) {
  ask(Statement::select(keys));
  return {this};
}

Session::AwaitRows Session::select_for_update(const RowKeys& keys, IfLocked if_locked) {
  switch (if_locked) {
    case IfLocked::wait:
      ask(Statement::select(keys, Locking::for_update));
      break;
    case IfLocked::fail:
      ask(Statement::select(keys, Locking::for_update_nowait));
      break;
    case IfLocked::skip:
      ask(Statement::select(keys, Locking::for_update_skip_locked));
      break;
  }
  return {this};
}

Session::AwaitCount Session::update(const Writes& writes) {
  batch_.clear();
  batch_.reserve(writes.size());
  for (const Write& write : writes) {
    batch_.push_back(Statement::update(write));
  }
  at_ = 0;
  stop_when_none_ = false;
  asked_ = static_cast<std::uint32_t>(writes.size());
  affected_ = 0;
  return {this};
}

Session::AwaitBool Session::update_if_unchanged(const Rows& seen, const Writes& writes) {
  RACELAB_EXPECT(seen.size() == writes.size());
  batch_.clear();
  batch_.reserve(writes.size());
  for (std::size_t i = 0; i < writes.size(); ++i) {
    RACELAB_EXPECT(seen[i].key == writes[i].key);
    batch_.push_back(Statement::update(writes[i], Where::version(seen[i].number)));
  }
  at_ = 0;
  stop_when_none_ = true;
  asked_ = static_cast<std::uint32_t>(writes.size());
  affected_ = 0;
  return {this};
}

Session::AwaitBool Session::update_in_place(const InPlace& change) {
  ask(Statement::update(change));
  return {this};
}

Session::AwaitBool Session::insert_key(const Request& request, Reply reply) {
  ask(Statement::insert(request.key, static_cast<std::int64_t>(reply.kind), request.fingerprint));
  return {this};
}

Session::AwaitBool Session::insert_key_if_absent(const Request& request, Reply reply) {
  ask(Statement::insert_if_absent(request.key, static_cast<std::int64_t>(reply.kind),
                                  request.fingerprint));
  return {this};
}

Session::AwaitSavedReply Session::find_saved_reply(const Request& request) {
  RowKeys keys;
  keys.push_back(request.key);
  ask(Statement::select(keys));
  return {this};
}

Session::AwaitBool Session::save_reply(const Request& request, Reply reply) {
  ask(Statement::update(Write{.key = request.key, .value = static_cast<std::int64_t>(reply.kind)}));
  return {this};
}

Session::AwaitCount Session::commit() {
  if (in_transaction_) {
    ask(Statement::commit());
  } else {
    batch_.clear();
  }
  return {this};
}

}  // namespace racelab
