// INSERT, UPDATE, DELETE: row by row; then what other tables have to say.
#include <algorithm>

#include "sim/store/execution.h"

namespace racelab::sql {

namespace {

std::string list_of(const Table& table, const std::vector<std::uint16_t>& columns) {
  std::string names;
  for (const std::uint16_t column : columns) {
    names += (names.empty() ? "" : ", ") + table.columns[column].name;
  }
  return names;
}

Values part(const Values& row, const std::vector<std::uint16_t>& columns) {
  Values values;
  for (const std::uint16_t column : columns) {
    values.push_back(row[column]);
  }
  return values;
}

bool any_null(const Values& values) {
  return std::any_of(values.begin(), values.end(), [](const Value& it) { return it.is_null; });
}

bool same(const Values& a, const Values& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Value& x, const Value& y) {
    return !x.is_null && !y.is_null && compare(x, y) == 0;
  });
}

}  // namespace

// What a column is to hold: a value of its type.
Values Execution::assign(std::uint16_t number, const std::vector<Assignment>& set,
                         const Values& old, const Scope& scope) {
  Values row = old;
  for (const Assignment& it : set) {
    Cast cast = cast_value(value(it.expression, scope), table(number).columns[it.column].type);
    if (running() && cast.error.failed()) {
      fail(cast.error, cast.message);
    }
    row[it.column] = std::move(cast.value);
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

Execution::Taken Execution::taken(std::uint16_t number, const UniqueKey& key, const Values& row,
                                  const Version* before) {
  const Values wanted = part(row, key.columns);
  Scope scope;
  scope.rows = {&row};
  if (any_null(wanted) || (key.where && !value(*key.where, scope).is_true())) {
    return {};
  }
  for (const Version& other : database_.relations_[number].versions) {
    if ((before != nullptr && other.id == before->id) ||
        !same(part(*other.values, key.columns), wanted)) {
      continue;
    }
    Scope there;
    there.rows = {other.values.get()};
    if (key.where && !value(*key.where, there).is_true()) {
      continue;
    }
    if (relies_on_deletion(other)) {
      return {};
    }
    if (other.ended.committed() || other.ended.session == session_) {
      continue;
    }
    const bool theirs = other.created.in_progress() && other.created.session != session_;
    if (theirs || other.ended.in_progress()) {
      wait_for_key(number, other.id);
      return {};
    }
    return {other, &key};
  }
  return {};
}

Execution::Taken Execution::any_taken(std::uint16_t number, const Values& row,
                                      const Version* before, std::optional<std::uint16_t> only) {
  const std::vector<UniqueKey>& keys = table(number).keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (only && *only != i) {
      continue;
    }
    Taken found = taken(number, keys[i], row, before);
    if (found.by || !running()) {
      return found;
    }
  }
  return {};
}

// A new version in the place of another (nullptr: a new row); without a row, the other one is deleted.
Version Execution::write(std::uint16_t number, const Version* before, const Values* row) {
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
    version = {};
    version.id = database_.next_version_++;
    version.row = id;
    version.values = std::make_shared<const Values>(*row);
    version.created = mark;
    relation.versions.push_back(version);
    written.after = version.values;
  }
  if (session().isolation == Isolation::serializable) {
    session().reads.written.push_back({number, written.before, written.after});
  }
  if (database_.recorder_ != nullptr) {
    database_.recorder_->wrote(session_, number, before, row != nullptr ? &version : nullptr);
  }
  remember({Unit::Kind::wrote, version.id});
  return version;
}

void Execution::answer(const Statement& statement, const Values& row) {
  ++session().result.affected;
  if (!statement.returning.empty()) {
    Scope scope;
    scope.rows = {&row};
    session().result.rows.push_back(project(statement.returning, scope));
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
      Cast cast = cast_value(one, into.columns[column].type);
      if (running() && cast.error.failed()) {
        fail(cast.error, cast.message);
      }
      row.push_back(std::move(cast.value));
    }
    return row;
  };
  std::vector<std::vector<std::optional<Value>>> rows;
  if (it.select) {
    for (Values& row : select(*it.select, nullptr)) {
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
        insert_one(statement, full);
      }
    }
  }
}

// A SERIALIZABLE transaction that looked for the key first is told that it was too late (40001), not that the key is there (23505).
bool Execution::would_close_circle(std::uint16_t number, const Values& row) {
  if (session().isolation != Isolation::serializable) {
    return false;
  }
  Serializable::Transaction transaction{sight_.snapshot, database_.commits_ + 1, session().reads};
  transaction.did.written.push_back({number, nullptr, std::make_shared<const Values>(row)});
  return !database_.serializable_.allows(transaction);
}

void Execution::insert_one(const Statement& statement, const Values& row) {
  const Insert& it = statement.insert;
  if (at_ < session().units.size()) {  // it was inserted, or found another there, before a wait
    switch (session().units[at_].kind) {
      case Unit::Kind::wrote:
        answer(statement, *write(it.table, nullptr, &row).values);
        return;
      case Unit::Kind::nothing:
      case Unit::Kind::gone:
        ++at_;
        return;
      default:
        break;
    }
  }
  if (!check_row(it.table, row)) {
    return;
  }
  if (it.on_conflict != Insert::OnConflict::fail) {
    Taken arbiter;
    if (at_ < session().units.size()) {  // that one's row was locked before a wait
      const Version* other = database_.relations_[it.table].find(session().units[at_].version);
      arbiter.by = other != nullptr ? std::optional(*other) : std::nullopt;
    } else {
      arbiter = any_taken(it.table, row, nullptr, it.conflict_key);
    }
    if (!running()) {
      return;
    }
    if (arbiter.by) {
      on_conflict(statement, row, *arbiter.by);
      return;
    }
  }
  const Taken other = any_taken(it.table, row, nullptr, std::nullopt);
  if (other.by && would_close_circle(it.table, row)) {
    fail(state::serialization_failure,
         "could not serialize access due to read/write dependencies among transactions");
  } else if (other.by) {
    relies_on(it.table, *other.by);
    fail(state::unique_violation,
         "duplicate key value violates unique constraint \"" + other.key->name + '"');
  }
  if (running()) {
    answer(statement, *write(it.table, nullptr, &row).values);
  }
}

void Execution::on_conflict(const Statement& statement, const Values& row, const Version& other) {
  const Insert& it = statement.insert;
  if (session().isolation != Isolation::read_committed && other.created.session != session_ &&
      other.created.commit > sight_.snapshot) {
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
  const auto fits = [&](const Values& now) {
    Scope scope;
    scope.rows = {&now, &row};
    return holds(it.where, scope);
  };
  if (const std::optional<Version> made = change(it.table, other, it.set, fits, &row)) {
    answer(statement, *made->values);
  }
}

// One row of an UPDATE (or of ON CONFLICT DO UPDATE): locked as its change needs, changed as it stands then; nothing if it no longer
// fits, or if the statement stops.
std::optional<Version> Execution::change(std::uint16_t number, const Version& seen,
                                         const std::vector<Assignment>& set,
                                         const std::function<bool(const Values&)>& fits,
                                         const Values* excluded) {
  const auto changed = [&](const Values& old) {
    Scope scope;
    scope.rows = {&old, excluded};
    return assign(number, set, old, scope);
  };
  const bool upsert = excluded != nullptr;
  LockMode mode = LockMode::no_key_update;
  Version base = seen;
  Values row;  // of `made_from`: once for each version, since a sequence draws each time
  std::optional<VersionId> made_from;
  if (!upsert) {
    row = changed(*seen.values);
    made_from = seen.id;
    mode = mode_for(number, *seen.values, row);
  }
  while (running()) {
    Locked locked = lock(number, base, mode, IfLocked::wait, fits);
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
    if (at_ < session().units.size()) {
      return write(number, &base, &row);
    }
    if (!check_row(number, row)) {
      return std::nullopt;
    }
    if (mode == LockMode::update ||
        std::any_of(table(number).keys.begin(), table(number).keys.end(),
                    [](const UniqueKey& key) { return key.where; })) {
      const Taken other = any_taken(number, row, &base, std::nullopt);
      if (other.by) {
        relies_on(number, *other.by);
        fail(state::unique_violation,
             "duplicate key value violates unique constraint \"" + other.key->name + '"');
      }
    }
    if (running()) {
      return write(number, &base, &row);
    }
  }
  return std::nullopt;
}

void Execution::update(const Statement& statement) {
  const Update& it = statement.update;
  for (const Version& found : matching(it.table, it.where)) {
    if (!running()) {
      return;
    }
    const auto fits = [&](const Values& now) {
      Scope scope;
      scope.rows = {&now};
      return holds(it.where, scope);
    };
    if (const std::optional<Version> made = change(it.table, found, it.set, fits, nullptr)) {
      answer(statement, *made->values);
    }
  }
}

void Execution::remove(const Statement& statement) {
  const Delete& it = statement.remove;
  for (const Version& found : matching(it.table, it.where)) {
    if (!running()) {
      return;
    }
    const auto fits = [&](const Values& now) {
      Scope scope;
      scope.rows = {&now};
      return holds(it.where, scope);
    };
    const Locked locked = lock(it.table, found, LockMode::update, IfLocked::wait, fits);
    if (running() && locked.kind == Unit::Kind::locked) {
      write(it.table, &*locked.version, nullptr);
      answer(statement, *locked.version->values);
    }
  }
}

// REFERENCES are looked at when the statement's rows are all written.
void Execution::finish_writes() {
  const std::vector<Written> written = written_;
  for (const Written& it : written) {
    if (it.after && running()) {
      check_references(it.table, *it.after, it.before.get());
    }
    if (it.before && running()) {
      check_referring(it.table, *it.before, it.after.get());
    }
  }
}

void Execution::check_references(std::uint16_t number, const Values& row, const Values* before) {
  for (const Reference& reference : table(number).references) {
    const Values wanted = part(row, reference.columns);
    if (any_null(wanted) || (before != nullptr && same(part(*before, reference.columns), wanted))) {
      continue;
    }
    std::optional<Version> parent;
    const bool latest = session().isolation == Isolation::read_committed;
    const auto happened =
        [&](const Mark& mark) {  // else the snapshot decides which parents there are
          return mark.session == session_ ||
                 (mark.committed() && (latest || mark.commit <= sight_.snapshot));
        };
    if (const Unit* unit = recall()) {  // the one that was waited for
      const Version* version = database_.relations_[reference.table].find(unit->version);
      parent = version != nullptr ? std::optional(*version) : std::nullopt;
    } else {
      for (const Version& version : database_.relations_[reference.table].versions) {
        const bool there = happened(version.created);
        const bool gone = happened(version.ended);
        if (there && !gone && same(part(*version.values, reference.to), wanted)) {
          parent = version;
        }
      }
      remember({Unit::Kind::nothing, parent ? parent->id : 0});
    }
    const auto still = [&](const Values& now) { return same(part(now, reference.to), wanted); };
    const bool found =
        parent && lock(reference.table, *parent, LockMode::key_share, IfLocked::wait, still).kind ==
                      Unit::Kind::locked;
    if (running() && !found) {
      fail(state::foreign_key_violation, "insert or update on table \"" + table(number).name +
                                             "\" violates foreign key constraint \"" +
                                             reference.name + '"');
    }
    if (!running()) {
      return;
    }
  }
}

// A row that refers to a key of another is looked at as it stands now, whatever the snapshot; one that somebody deletes may be gone
// in the end.
void Execution::check_referring(std::uint16_t number, const Values& before, const Values* after) {
  for (std::uint16_t child = 0; child < database_.schema_->table_count(); ++child) {
    for (const Reference& reference : table(child).references) {
      const Values key = part(before, reference.to);
      if (reference.table != number || any_null(key) ||
          (after != nullptr && same(part(*after, reference.to), key))) {
        continue;
      }
      const auto refers = [&](const Values& row) {
        return same(part(row, reference.columns), key);
      };
      while (const std::optional<Version> row = referring(child, refers)) {
        const Locked locked = lock(child, *row, LockMode::key_share, IfLocked::wait, refers);
        if (running() && locked.kind == Unit::Kind::locked) {
          fail(state::foreign_key_violation,
               "update or delete on table \"" + table(number).name +
                   "\" violates foreign key constraint \"" + reference.name + "\" on table \"" +
                   table(child).name + "\": key (" + list_of(table(number), reference.to) +
                   ") is still referenced");
        }
        if (!running()) {
          return;
        }
      }
      if (!running()) {
        return;
      }
    }
  }
}

// The next row that refers; the one that was waited for comes again.
std::optional<Version> Execution::referring(std::uint16_t child, const Fits& refers) {
  const Relation& relation = database_.relations_[child];
  if (const Unit* unit = recall()) {
    const Version* version = relation.find(unit->version);
    return version != nullptr ? std::optional(*version) : std::nullopt;
  }
  std::optional<Version> found;
  for (const Version& version : relation.versions) {
    const bool there = version.created.committed() || version.created.session == session_;
    const bool gone = version.ended.committed() || version.ended.session == session_;
    if (refers(*version.values) && relies_on_deletion(version)) {
      return std::nullopt;
    }
    if (!found && there && !gone && refers(*version.values)) {
      found = version;
    }
  }
  remember({Unit::Kind::nothing, found ? found->id : 0});
  return found;
}

// At SERIALIZABLE, a key that is taken was read.
void Execution::relies_on(std::uint16_t number, const Version& version) {
  if (session().isolation == Isolation::serializable) {
    Predicate predicate;
    predicate.table = number;
    predicate.exact = version.values;
    session().reads.predicates.push_back(std::move(predicate));
  }
}

// At SERIALIZABLE, what somebody deleted after the snapshot cannot be both there and not.
bool Execution::relies_on_deletion(const Version& version) {
  const bool does = session().isolation == Isolation::serializable && version.ended.committed() &&
                    sight_.shows(version);
  if (does) {
    fail(state::serialization_failure,
         "could not serialize access due to read/write dependencies among transactions");
  }
  return does;
}

}  // namespace racelab::sql
