// INSERT, UPDATE, DELETE: row by row. Keys stand in execution_keys.cc, what other tables have to say in execution_references.cc.
#include <algorithm>

#include "sim/sql/utf8.h"
#include "sim/store/execution.h"
#include "sim/store/key.h"

namespace racelab::sql {

// A value of the column's type; what varchar(n) has no room for may only be blanks.
Value Execution::fitted(const Value& value, const Column& column) {
  Cast cast = cast_value(value, column.type);
  if (running() && cast.error.failed()) {
    fail(cast.error, cast.message);
  }
  if (running() && column.letters_max > 0 && !cast.value.is_null) {
    std::string& text = cast.value.text;
    const std::size_t room = bytes_of_letters(text, column.letters_max);
    if (text.find_first_not_of(' ', room) != std::string::npos) {
      fail(state::too_long,
           "value too long for type character varying(" + std::to_string(column.letters_max) + ')');
    }
    text.resize(room);
  }
  return std::move(cast.value);
}

// The row with what columns are to hold.
Values Execution::assign(std::uint16_t number, const std::vector<Assignment>& set,
                         const Values& old, const Scope& scope) {
  Values row = old;
  for (const Assignment& it : set) {
    row[it.column] = fitted(value(it.expression, scope), table(number).columns[it.column]);
  }
  return row;
}

// FOR UPDATE when a key that a REFERENCES could name changes, else FOR NO KEY UPDATE.
LockMode Execution::mode_for(std::uint16_t number, const Values& old, const Values& row) const {
  for (const UniqueKey& key : table(number).keys) {
    if (!key.where && part(old, key.columns) != part(row, key.columns)) {
      return LockMode::update;
    }
  }
  return LockMode::no_key_update;
}

bool Execution::check_row(std::uint16_t number, const Values& row) {
  const Table& it = table(number);
  for (std::size_t i = 0; i < it.columns.size(); ++i) {
    if (it.columns[i].not_null && row[i].is_null) {
      fail(state::not_null_violation, "null value in column \"" + it.columns[i].name +
                                          "\" of relation \"" + it.name +
                                          "\" violates not-null constraint");
      return false;
    }
  }
  Scope scope;
  scope.rows = {&row};
  for (const Check& check : it.checks) {
    const Value met = value(check.condition, scope);
    if (running() && !met.is_null && met.number == 0) {
      fail(state::check_violation, "new row for relation \"" + it.name +
                                       "\" violates check constraint \"" + check.name + '"');
    }
    if (!running()) {
      return false;
    }
  }
  return true;
}

// A new version in the place of another (nullptr: a new row); without a row, the other one is deleted. One that `enters` keys has
// entered none of them yet.
Version Execution::write(std::uint16_t number, const Version* before, const Values* row,
                         bool enters) {
  Relation& relation = database_.relations_[number];
  Written& written = written_.emplace_back();
  written.table = number;
  written.before = before != nullptr ? before->values : nullptr;
  if (const Unit* unit = recall()) {
    const Version* done = relation.find(unit->version);
    written.after = row != nullptr ? done->values : nullptr;
    return *done;
  }
  const Mark mark{session_, session().level(), session().command, 0};
  RowId id = before != nullptr ? before->row : database_.next_row_++;
  if (before != nullptr) {
    Version* old = relation.find(before->id);
    old->ended = mark;
    old->replaced = row != nullptr;
  }
  Version version = before != nullptr ? *relation.find(before->id) : Version{};
  if (row != nullptr) {
    const auto keys = static_cast<std::uint16_t>(table(number).keys.size());
    if (relation.versions.size() >= rows_max) {
      fail(state::limit_exceeded, "a table of more than 10,000 rows (racelab's own limit)");
    }
    version = {};
    version.id = database_.next_version_++;
    version.row = id;
    version.values = std::make_shared<const Values>(*row);
    version.created = mark;
    version.entered = enters ? std::uint16_t{0} : keys;
    // PostgreSQL cannot tell a change by one who held the row FOR UPDATE from a change of its key (measured).
    version.new_key = before == nullptr ||
                      (before->created.session == session_ && before->new_key) ||
                      mode_for(number, *before->values, *row) == LockMode::update ||
                      database_.locks_.held_for_update(number, id, session_);
    version.key_since = before != nullptr ? before->key_since : 0;
    relation.versions.push_back(version);
    written.after = version.values;
    if (version.entered == keys) {
      tell_of(number, before, &version);
    }
  } else {
    tell_of(number, before, nullptr);
  }
  remember({Unit::Kind::wrote, version.id});
  return version;
}

// For those who want to know what was written: when it has all its keys.
void Execution::tell_of(std::uint16_t number, const Version* before, const Version* after) {
  if (session().isolation == Isolation::serializable) {
    session().reads.written.push_back({number, before != nullptr ? before->values : nullptr,
                                       after != nullptr ? after->values : nullptr});
  }
  if (database_.recorder_ != nullptr) {
    database_.recorder_->wrote(session_, number, before, after);
  }
}

void Execution::answer(const Statement& statement, const Scope& scope) {
  ++answer_->affected;
  ++session().result.changed;
  if (!statement.returning.empty()) {
    answer_->rows.push_back(project(statement.returning, scope));
  }
}

void Execution::insert(const Statement& statement) {
  const Insert& it = statement.insert;
  const Table& into = table(it.table);
  const auto with_defaults = [&](const std::vector<std::optional<Value>>& given) {
    Values row;
    for (std::size_t column = 0; column < into.columns.size(); ++column) {
      const auto at = std::find(it.columns.begin(), it.columns.end(), column);
      const auto place = static_cast<std::size_t>(at - it.columns.begin());
      const std::optional<Expression>& standard = into.columns[column].standard;
      Value one = Value::null(into.columns[column].type);
      if (place < given.size() && given[place]) {
        one = *given[place];
      } else if (standard && running()) {
        one = value(*standard, Scope{});
      }
      row.push_back(fitted(one, into.columns[column]));
    }
    return row;
  };
  std::vector<std::vector<std::optional<Value>>> rows;
  if (it.select) {
    for (Values& row : select(*it.select, nullptr, false)) {
      std::vector<std::optional<Value>>& one = rows.emplace_back();
      for (Value& value : row) {
        one.emplace_back(std::move(value));
      }
    }
  }
  for (const auto& row : it.rows) {
    std::vector<std::optional<Value>>& one = rows.emplace_back();
    for (const std::optional<Expression>& expression : row) {
      one.push_back(expression ? std::optional(value(*expression, Scope{})) : std::nullopt);
    }
  }
  for (const auto& row : rows) {
    if (running()) {
      const Values full = with_defaults(row);
      if (running()) {
        upserting_ = it.on_conflict == Insert::OnConflict::update;
        insert_one(statement, full);
        upserting_ = false;
      }
    }
  }
}

void Execution::insert_one(const Statement& statement, const Values& row) {
  const Insert& it = statement.insert;
  const auto done_before = [this](Unit::Kind kind) {  // before a wait
    return at_ < session().units.size() && session().units[at_].kind == kind;
  };
  if (done_before(Unit::Kind::nothing) || done_before(Unit::Kind::gone)) {
    ++at_;  // it found another there
    return;
  }
  if (!done_before(Unit::Kind::wrote) && !check_row(it.table, row)) {
    return;
  }
  while (running()) {
    if (it.on_conflict != Insert::OnConflict::fail && !done_before(Unit::Kind::wrote)) {
      Taken arbiter;
      if (at_ < session().units.size()) {  // that one's row was locked before a wait
        const Version* other = database_.relations_[it.table].find(session().units[at_].version);
        arbiter.by = other != nullptr ? std::optional(*other) : std::nullopt;
      } else {
        arbiter = arbiter_taken(it, row);
      }
      if (!running()) {
        return;
      }
      if (arbiter.by) {
        on_conflict(statement, row, *arbiter.by);
        return;
      }
    }
    const Version made = write(it.table, nullptr, &row, true);
    if (enter_keys(it.table, made.id, nullptr, &it)) {
      Scope scope;
      scope.rows = {made.values.get()};
      answer(statement, scope);
      return;
    }
  }
}

void Execution::on_conflict(const Statement& statement, const Values& row, const Version& other) {
  const Insert& it = statement.insert;
  if (session().isolation != Isolation::read_committed && other.created.session != session_ &&
      other.created.commit > sight_.snapshot) {
    // DO UPDATE locks the row before it looks whether it may.
    constexpr LockMode mode = LockMode::no_key_update;
    if (it.on_conflict == Insert::OnConflict::update &&
        database_.locks_.blocked(it.table, other.row, session_, mode)) {
      wait_for_row(it.table, other, mode);
      session().wait.seen = other.id;
      return;
    }
    fail(state::serialization_failure, "could not serialize access due to concurrent update");
    return;
  }
  relies_on(it.table, other);
  if (it.on_conflict == Insert::OnConflict::nothing) {
    remember({Unit::Kind::nothing, 0});
    return;
  }
  if (other.created.session == session_ && other.created.command == session().command) {
    fail(state::cardinality_violation,
         "ON CONFLICT DO UPDATE command cannot affect row a second time");
    return;
  }
  Change how{it.table, it.set, {}, {}, true};
  how.beside.rows = {nullptr, &row};
  how.fits = [&](const Values& now) {
    Scope scope;
    scope.rows = {&now, &row};
    return holds(it.where, scope);
  };
  if (const std::optional<Version> made = change(how, other)) {
    Scope scope;
    scope.rows = {made->values.get()};
    answer(statement, scope);
  }
}

// One row of an UPDATE (or of ON CONFLICT DO UPDATE): locked as its change needs, changed as it stands then; nothing if it no longer
// fits, or if the statement stops.
std::optional<Version> Execution::change(const Change& how, const Version& seen) {
  const std::uint16_t number = how.table;
  const auto changed = [&](const Values& old) {
    Scope scope = how.beside;
    scope.rows.front() = &old;
    return assign(number, how.set, old, scope);
  };
  const bool upsert = how.upsert;
  const Fits& fits = how.fits;
  LockMode mode = LockMode::no_key_update;
  Version base = seen;
  Values row;  // of `made_from`: once for each version, since a sequence draws each time
  std::optional<VersionId> made_from;
  if (!upsert) {
    row = changed(*seen.values);
    made_from = seen.id;
    mode = mode_for(number, *seen.values, row);
    // What the row would be as it was seen is checked before anything is waited for.
    if (!running() || !check_row(number, row)) {
      return std::nullopt;
    }
  }
  while (running()) {
    of_where_ = !upsert && !finishing_;
    Locked locked = lock(number, base, mode, IfLocked::wait, fits);
    of_where_ = false;
    if (!running() || locked.kind != Unit::Kind::locked) {
      return std::nullopt;
    }
    base = std::move(*locked.version);
    if (upsert && !fits(*base.values)) {
      return std::nullopt;
    }
    if (made_from != base.id) {
      row = changed(*base.values);
      made_from = base.id;
    }
    const LockMode wanted = mode_for(number, *base.values, row);
    if (!running()) {
      return std::nullopt;
    }
    if (wanted > mode) {
      mode = wanted;
      continue;
    }
    const bool written = at_ < session().units.size();  // before a wait
    if (!written && !check_row(number, row)) {
      return std::nullopt;
    }
    const bool enters = mode == LockMode::update ||
                        std::any_of(table(number).keys.begin(), table(number).keys.end(),
                                    [](const UniqueKey& key) { return key.where.has_value(); });
    Version made = write(number, &base, &row, enters);
    return enter_keys(number, made.id, &base, nullptr) ? std::optional(made) : std::nullopt;
  }
  return std::nullopt;
}

// A row is changed once by a statement, whatever else of it finds it again.
bool Execution::is_changed_already(std::uint16_t number, RowId row) const {
  return changed_.find({number, row}) != changed_.end();
}

std::vector<Execution::Found> Execution::find_to_change(const std::vector<Source>& from,
                                                        const std::optional<Expression>& where) {
  std::vector<Found> all = find(from, where, nullptr);
  std::set<RowId> rows;
  for (const Found& found : all) {
    if (!rows.insert(found.versions.front()->row).second) {
      session().result.open |= order_open::which_rows;  // which of those that it is joined with
    }
  }
  if (rows.size() > 1) {
    session().result.open |= order_open::of_locks;
    if (from.size() > 1) {
      session().result.open |= order_open::of_join;
    }
  }
  return all;
}

// Whether the first row, as it stands by then, still fits to those beside it, as they were seen.
Execution::Fits Execution::fits_with(const Found& found, const std::optional<Expression>& where) {
  return [this, &found, &where](const Values& now) {
    Scope scope = scope_of(found, nullptr);
    scope.rows.front() = &now;
    return holds(where, scope);
  };
}

void Execution::update(const Statement& statement) {
  const Update& it = statement.update;
  for (const Found& found : find_to_change(it.from, it.where)) {
    const Version& seen = *found.versions.front();
    if (!running()) {
      return;
    }
    if (is_changed_already(it.table, seen.row)) {
      continue;
    }
    const Change how{it.table, it.set, fits_with(found, it.where), scope_of(found, nullptr)};
    if (const std::optional<Version> made = change(how, seen)) {
      changed_.insert({it.table, seen.row});
      Scope scope = how.beside;
      scope.rows.front() = made->values.get();
      answer(statement, scope);
    }
  }
}

void Execution::remove(const Statement& statement) {
  const Delete& it = statement.remove;
  for (const Found& found : find_to_change(it.from, it.where)) {
    const Version& seen = *found.versions.front();
    if (!running()) {
      return;
    }
    if (is_changed_already(it.table, seen.row)) {
      continue;
    }
    of_where_ = true;
    const Locked locked =
        lock(it.table, seen, LockMode::update, IfLocked::wait, fits_with(found, it.where));
    of_where_ = false;
    if (running() && locked.kind == Unit::Kind::locked) {
      write(it.table, &*locked.version, nullptr, false);
      changed_.insert({it.table, seen.row});
      Scope scope = scope_of(found, nullptr);
      scope.rows.front() = locked.version->values.get();
      answer(statement, scope);
    }
  }
}

}  // namespace racelab::sql
