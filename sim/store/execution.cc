// Locks, units, functions.
#include "sim/store/execution.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "sim/kernel/expect.h"

namespace racelab::sql {

void Execution::run() {
  const Statement& statement = *session().statement;
  session().result.changed = 0;
  Answer answer = run(statement);
  for (const auto& one : statement.with) {  // that nobody has read
    if (running()) {
      worked_out(*one, nullptr);
    }
  }
  if (running()) {
    finish_writes();
  }
  session().result.affected = answer.affected;
  session().result.rows = std::move(answer.rows);
}

Execution::Answer Execution::run(const Statement& statement) {
  Answer made;
  Answer* const of_outer = std::exchange(answer_, &made);
  const Statement* const outer = std::exchange(at_hand_, &statement);
  switch (statement.kind) {
    case Statement::Kind::select:
      made.rows = select(statement.select, nullptr, true);
      made.affected = made.rows.size();
      break;
    case Statement::Kind::insert:
      insert(statement);
      break;
    case Statement::Kind::update:
      update(statement);
      break;
    case Statement::Kind::remove:
      remove(statement);
      break;
    default:
      break;
  }
  answer_ = of_outer;
  at_hand_ = outer;
  return made;
}

const Database::Unit* Execution::recall() {
  return at_ < session().units.size() ? &session().units[at_++] : nullptr;
}

void Execution::remember(const Unit& unit) {
  session().units.push_back(unit);
  ++at_;
}

bool Execution::pretends(const FoundLocked& found) const {
  const auto& pretend = database_.sessions_[session_].pretend;
  return std::find(pretend.begin(), pretend.end(), found) != pretend.end();
}

void Execution::wait_for_row(std::uint16_t table, const Version& seen, LockMode mode) {
  Database::Wait& wait = session().wait;
  wait = {};
  wait.kind = Database::Wait::Kind::row;
  wait.table = table;
  wait.row = seen.row;
  wait.mode = mode;
  wait.of_where = of_where_ && at_hand_ == session().statement;
  wait.key_since = seen.key_since;
  database_.locks_.wait(table, seen.row, session_, mode);
  Evaluation::wait();
}

void Execution::wait_for_key(std::uint16_t table, VersionId version) {
  Database::Wait& wait = session().wait;
  wait = {};
  wait.kind = Database::Wait::Kind::key;
  wait.table = table;
  wait.version = version;
  wait.upserts = upserting_;
  Evaluation::wait();
}

// FOR KEY SHARE does not mind that the version it has seen was replaced, and locks those after it as well; for these it waits, whatever
// NOWAIT or SKIP LOCKED say. (PostgreSQL 15.20: key_share_nowait_waits_where_the_row_was_changed_and_then_deleted.)
bool Execution::waits_all_the_same(std::uint16_t table, const Version& seen, LockMode mode) const {
  const std::vector<Version>& all = database_.relations_[table].versions;
  return mode == LockMode::key_share && seen.replaced && seen.ended.in_progress() &&
         seen.ended.session != session_ &&
         std::any_of(all.begin(), all.end(), [&seen](const Version& next) {
           return next.row == seen.row && next.created.session == seen.ended.session &&
                  next.created.command == seen.ended.command && !next.new_key;
         });
}

// Locks a row that the statement has seen, as it stands now: a row that was changed since is looked at again (READ COMMITTED) or an
// error. It stays locked also when it no longer fits.
Execution::Locked Execution::lock(std::uint16_t table, const Version& seen, LockMode mode,
                                  IfLocked if_locked, const Fits& fits) {
  const auto copy_of = [&](VersionId id) {
    const Version* version = database_.relations_[table].find(id);
    return version != nullptr ? std::optional(*version) : std::nullopt;
  };
  if (const Unit* unit = recall()) {
    return {unit->kind, copy_of(unit->version)};
  }
  if (database_.recorder_ != nullptr) {
    database_.recorder_->touched(session_, table, *seen.values);
  }
  const RowId row = seen.row;
  const Version* now = database_.standing(table, row, session_);
  if (mode == LockMode::key_share && !Database::key_changed(seen, now)) {
    now = &seen;  // it minds no other change, and keeps to the row as it has seen it
  } else if (session().isolation != Isolation::read_committed &&
             (now == nullptr || now->id != seen.id)) {
    // The first updater wins; no lock is waited for.
    fail(state::serialization_failure, now == nullptr
                                           ? "could not serialize access due to concurrent delete"
                                           : "could not serialize access due to concurrent update");
    return {};
  }
  const bool same = now != nullptr && now->id == seen.id;
  if (if_locked != IfLocked::wait && !waits_all_the_same(table, seen, mode)) {
    const FoundLocked found{table, database_.key_of(table, *seen.values)};
    if (database_.locks_.blocked(table, row, session_, mode) || pretends(found)) {
      session().result.found_locked.push_back(found);
      if (if_locked == IfLocked::skip) {
        remember({Unit::Kind::skipped, 0});
        return {Unit::Kind::skipped, std::nullopt};
      }
      fail(state::lock_not_available,
           "could not obtain lock on row in relation \"" + this->table(table).name + '"');
      return {};
    }
  } else if (database_.locks_.blocked(table, row, session_, mode)) {
    wait_for_row(table, seen, mode);
    return {};
  }
  if (now == nullptr) {
    remember({Unit::Kind::gone, 0});
    return {Unit::Kind::gone, std::nullopt};
  }
  database_.locks_.hold(table, row, {session_, mode, session().level()});
  const VersionId id = now->id;
  const bool still = same || fits(*now->values);
  if (!running()) {
    return {};
  }
  remember({still ? Unit::Kind::locked : Unit::Kind::gone, id});
  return {still ? Unit::Kind::locked : Unit::Kind::gone, copy_of(id)};
}

Value Execution::draw(std::uint16_t sequence, Type type) {
  if (const Unit* unit = recall()) {
    return unit->value;
  }
  if (database_.recorder_ != nullptr) {
    database_.recorder_->used(session_, Recorder::Used::generator, sequence);
  }
  const bool is_uuid = sequence == database_.schema_->sequences.size();
  std::int64_t& last = database_.sequences_[sequence];
  std::int64_t next = 0;
  if (__builtin_add_overflow(last, is_uuid ? 1 : database_.schema_->sequences[sequence].increment,
                             &next) ||
      !fits(type, next)) {
    fail("2200H", "nextval: a limit of sequence \"" + database_.schema_->sequences[sequence].name +
                      "\" is reached");
    return Value::null(type);
  }
  last = next;
  Value value = Value::of(type, last);
  if (is_uuid) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "00000000-0000-4000-8000-%012llx",
                  static_cast<unsigned long long>(last));
    value = Value::of(Type::uuid, text.data());
  } else {
    session().drawn.resize(database_.schema_->sequences.size());
    session().drawn[sequence] = last;
  }
  value.generator = static_cast<std::uint16_t>(sequence + 1);
  remember({Unit::Kind::value, 0, value});
  return value;
}

Value Execution::call(const Expression& expression, const Values& arguments) {
  switch (expression.function) {
    case Function::now:
      return Value::of(Type::timestamptz, session().started);
    case Function::clock_timestamp:
      return Value::of(Type::timestamptz, database_.clock_);
    case Function::random_uuid:
      return draw(static_cast<std::uint16_t>(database_.schema_->sequences.size()), Type::uuid);
    case Function::nextval:
      return draw(expression.index, expression.type);
    case Function::currval: {
      const auto& drawn = session().drawn;
      if (drawn.empty() || drawn[expression.index] == 0) {
        fail(state::object_not_in_state, "currval of sequence \"" +
                                             database_.schema_->sequences[expression.index].name +
                                             "\" is not yet defined in this session");
        return Value::null(expression.type);
      }
      Value value = Value::of(expression.type, drawn[expression.index]);
      value.generator = static_cast<std::uint16_t>(expression.index + 1);
      return value;
    }
    default:
      return advisory(expression, arguments);
  }
}

Value Execution::advisory(const Expression& expression, const Values& arguments) {
  if (arguments.front().is_null) {
    return Value::null(expression.type);
  }
  if (const Unit* unit = recall()) {
    return unit->value;
  }
  // Two keys of 32 bits are one of 64, in a space of their own; nobody uses both for one thing.
  std::int64_t number = arguments.front().number;
  if (arguments.size() > 1) {
    number = static_cast<std::int64_t>((static_cast<std::uint64_t>(number) << 32U) ^
                                       static_cast<std::uint32_t>(arguments[1].number));
  }
  if (database_.recorder_ != nullptr) {
    database_.recorder_->used(session_, Recorder::Used::advisory, number);
  }
  const Function function = expression.function;
  const auto held =
      std::find_if(database_.advisory_.begin(), database_.advisory_.end(),
                   [number](const Database::AdvisoryLock& lock) { return lock.number == number; });
  const bool mine = held != database_.advisory_.end() && held->holder == session_;
  Value answer = Value::of(Type::nothing, 0);
  if (function == Function::advisory_unlock) {
    answer = Value::boolean(mine && held->of_session);
    if (answer.is_true() && --held->times == 0) {
      database_.advisory_.erase(held);
    }
    remember({Unit::Kind::value, 0, answer});
    return answer;
  }
  const bool tries =
      function == Function::try_advisory_lock || function == Function::try_advisory_xact_lock;
  const FoundLocked found{UINT16_MAX, {Value::bigint(number)}};
  if ((held != database_.advisory_.end() && !mine) || (tries && pretends(found))) {
    if (!tries) {
      Database::Wait& wait = session().wait;
      wait = {};
      wait.kind = Database::Wait::Kind::advisory;
      wait.number = number;
      database_.advisory_queue_.push_back(session_);
      Evaluation::wait();
      return answer;
    }
    session().result.found_locked.push_back(found);
    answer = Value::boolean(false);
    remember({Unit::Kind::value, 0, answer});
    return answer;
  }
  if (tries) {
    answer = Value::boolean(true);
  }
  if (mine) {
    ++held->times;
  } else {
    const bool of_session =
        function == Function::advisory_lock || function == Function::try_advisory_lock;
    database_.advisory_.push_back({number, session_, 1, of_session, session().level()});
  }
  remember({Unit::Kind::value, 0, answer});
  return answer;
}

}  // namespace racelab::sql
