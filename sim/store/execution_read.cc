// SELECT: rows that are visible, joined, filtered, sorted; then locked one by one, in that order, until there are enough.
#include <algorithm>

#include "sim/store/execution.h"

namespace racelab::sql {

namespace {

// Of a condition, a part that can be looked at with the row alone.
const Expression* part_about_one_row(const std::optional<Expression>& condition) {
  if (!condition) {
    return nullptr;
  }
  if (about_one_row(*condition)) {
    return &*condition;
  }
  if (condition->kind == Expression::Kind::both) {
    for (const Expression& part : condition->arguments) {
      if (about_one_row(part)) {
        return &part;
      }
    }
  }
  return nullptr;
}

}  // namespace

std::vector<Version> Execution::visible(std::uint16_t table, const Expression* condition) {
  const Predicate predicate{table, condition, session().parameters};
  if (session().isolation == Isolation::serializable) {
    session().reads.predicates.push_back(predicate);
  }
  if (database_.recorder_ != nullptr) {
    database_.recorder_->looked_for(session_, table, sight_, predicate);
  }
  std::vector<Version> rows;
  spend(database_.relations_[table].versions.size());
  for (const Version& version : database_.relations_[table].versions) {
    if (sight_.shows(version)) {
      rows.push_back(version);
    }
  }
  return rows;
}

Scope Execution::scope_of(const Found& found, const Scope* outer) {
  Scope scope;
  scope.outer = outer;
  for (const std::optional<Version>& version : found.versions) {
    scope.rows.push_back(version ? version->values.get() : nullptr);
  }
  return scope;
}

Values Execution::project(const std::vector<Target>& targets, const Scope& scope) {
  Values row;
  row.reserve(targets.size());
  for (const Target& target : targets) {
    row.push_back(value(target.expression, scope));
    spend(row.back().text.size() / bytes_per_work);
  }
  return row;
}

std::int64_t Execution::limit_of(const Select& select) {
  const Value limit = select.limit ? value(*select.limit, Scope{}) : Value::null();
  if (!limit.is_null && limit.number < 0) {
    fail("2201W", "LIMIT must not be negative");
  }
  return limit.is_null ? INT64_MAX : limit.number;
}

std::int64_t Execution::offset_of(const Select& select) {
  const Value offset = select.offset ? value(*select.offset, Scope{}) : Value::null();
  if (!offset.is_null && offset.number < 0) {
    fail("2201X", "OFFSET must not be negative");
  }
  return offset.is_null ? 0 : offset.number;
}

std::vector<Values> Execution::rows_of(const Select& it, const Scope& scope) {
  if (it.correlated) {
    return select(it, &scope, false);
  }
  const auto known = cached_.find(&it);
  if (known != cached_.end()) {
    return known->second;
  }
  std::vector<Values> rows = select(it, &scope, false);
  if (running()) {
    cached_.emplace(&it, rows);
  }
  return rows;
}

std::vector<Execution::Found> Execution::find(const std::vector<Source>& from,
                                              const std::optional<Expression>& where,
                                              const Scope* outer) {
  std::vector<Found> found;
  if (from.empty()) {
    found.emplace_back();
  } else {
    const Expression* alone = from.size() == 1 ? part_about_one_row(where) : nullptr;
    for (Version& version : rows_in(from.front(), outer, alone)) {
      found.emplace_back().versions.emplace_back(std::move(version));
    }
  }
  for (std::size_t i = 1; i < from.size() && running(); ++i) {
    join(from[i], outer, found);
  }
  std::vector<Found> fitting;
  for (Found& row : found) {
    if (running() && holds(where, scope_of(row, outer))) {
      fitting.push_back(std::move(row));
    }
  }
  if (database_.recorder_ != nullptr) {
    for (const Found& row : fitting) {
      for (std::size_t i = 0; i < row.versions.size(); ++i) {
        if (row.versions[i] && !from[i].derived) {
          database_.recorder_->read(session_, from[i].table, *row.versions[i]);
        }
      }
    }
  }
  return fitting;
}

std::vector<Version> Execution::rows_in(const Source& source, const Scope* outer,
                                        const Expression* condition) {
  return source.derived ? worked_out(*source.derived, outer) : visible(source.table, condition);
}

void Execution::join(const Source& source, const Scope* outer, std::vector<Found>& found) {
  const std::vector<Version> others = rows_in(source, outer, nullptr);
  std::vector<Found> joined;
  for (const Found& row : found) {
    bool any = false;
    spend(others.size());
    if (!running()) {
      return;
    }
    for (const Version& other : others) {
      Found both = row;
      both.versions.emplace_back(other);
      if (running() && holds(source.on, scope_of(both, outer))) {
        joined.push_back(std::move(both));
        any = true;
      }
    }
    if (!any && source.left) {
      joined.push_back(row);
      joined.back().versions.emplace_back();
    }
  }
  found = std::move(joined);
}

// Rows as versions that hold nothing but their values.
std::vector<Version> Execution::worked_out(const Derived& derived, const Scope* outer) {
  const bool correlated = std::any_of(derived.arms.begin(), derived.arms.end(),
                                      [](const auto& arm) { return arm.select.correlated; });
  if (!correlated) {
    const auto known = worked_out_.find(&derived);
    if (known != worked_out_.end()) {
      return known->second;
    }
  }
  std::vector<Values> rows;
  if (derived.statement) {
    rows = run(*derived.statement).rows;
  }
  for (const Derived::Arm& arm : derived.arms) {
    for (Values& row : select(arm.select, derived.of_with ? nullptr : outer, false)) {
      rows.push_back(std::move(row));
    }
    if (!arm.all) {
      std::vector<Values> different;
      for (Values& row : rows) {
        if (!is_among(different, row)) {
          different.push_back(std::move(row));
        }
      }
      rows = std::move(different);
    }
    if (!running()) {
      return {};
    }
  }
  std::vector<Version> made;
  for (Values& row : rows) {
    made.emplace_back().values = std::make_shared<const Values>(std::move(row));
  }
  if (running() && !correlated) {
    worked_out_.emplace(&derived, made);
  }
  return made;
}

void Execution::sort(const Select& select, const Scope* outer, std::vector<Found>& found) {
  for (Found& row : found) {
    const Scope scope = scope_of(row, outer);
    for (const Ordering& by : select.order_by) {
      row.order.push_back(value(by.expression, scope));
    }
  }
  const auto before = [&select](const Found& a, const Found& b) {
    return comes_before(a.order, b.order, select.order_by);
  };
  if (running()) {
    std::stable_sort(found.begin(), found.end(), before);
  }
}

// False: the row is skipped, is gone, or no longer fits; or the statement stops.
bool Execution::lock_all(const Select& select, const Scope* outer, Found& found) {
  for (std::size_t i = 0; i < select.from.size(); ++i) {
    if (!select.locks[i] || !found.versions[i]) {
      continue;
    }
    const std::uint16_t number = select.from[i].table;
    const auto fits = [&](const Values& row) {
      Scope scope = scope_of(found, outer);
      scope.rows[i] = &row;
      return still_joined(select.from, scope) && holds(select.where, scope);
    };
    const Version seen = *found.versions[i];
    if (is_changed_already(number, seen.row)) {
      return false;
    }
    Locked locked = lock(number, seen, select.lock, select.if_locked, fits);
    if (!running() || locked.kind != Unit::Kind::locked) {
      return false;
    }
    if (database_.recorder_ != nullptr && locked.version->id != seen.id) {
      database_.recorder_->read(session_, number, *locked.version);
    }
    found.versions[i] = std::move(locked.version);
    Scope scope = scope_of(found, outer);
    still_joined(select.from, scope);
    for (std::size_t j = 0; j < scope.rows.size(); ++j) {
      if (scope.rows[j] == nullptr) {
        found.versions[j].reset();
      }
    }
  }
  return true;
}

// Whether the rows belong together as they stand now. What a left join no longer finds goes.
bool Execution::still_joined(const std::vector<Source>& from, Scope& scope) {
  for (std::size_t i = 1; i < from.size(); ++i) {
    if (scope.rows[i] != nullptr && !holds(from[i].on, scope)) {
      if (!from[i].left) {
        return false;
      }
      scope.rows[i] = nullptr;
    }
  }
  return true;
}

// NULL is the same as NULL here.
bool Execution::is_among(const std::vector<Values>& rows, const Values& row) {
  spend(rows.size());
  return std::any_of(rows.begin(), rows.end(), [&row](const Values& other) {
    return std::equal(row.begin(), row.end(), other.begin(), other.end(),
                      [](const Value& a, const Value& b) {
                        return a.is_null || b.is_null ? a.is_null && b.is_null : compare(a, b) == 0;
                      });
  });
}

std::vector<Values> Execution::select(const Select& select, const Scope* outer, bool outermost) {
  const std::size_t look = session().reads.predicates.size();
  std::vector<Found> found = find(select.from, select.where, outer);
  if (!running()) {
    return {};
  }
  if (select.grouped) {
    return group(select, outer, found);
  }
  if (!select.order_by.empty()) {
    sort(select, outer, found);
  }
  const std::int64_t limit = limit_of(select);
  std::int64_t skip = offset_of(select);
  note_open_order(select, outermost, skip > 0 || limit < static_cast<std::int64_t>(found.size()),
                  found);
  std::vector<Values> rows;
  std::vector<Values> all;  // DISTINCT: skipped ones, too
  const Found* last = nullptr;
  for (Found& row : found) {
    if (!running() || static_cast<std::int64_t>(rows.size()) >= limit) {
      break;
    }
    last = &row;
    if (select.lock != LockMode::none && !lock_all(select, outer, row)) {
      continue;
    }
    Values answer = project(select.targets, scope_of(row, outer));
    if (select.distinct && is_among(all, answer)) {
      continue;
    }
    if (select.distinct) {
      all.push_back(answer);
    }
    if (skip > 0) {
      --skip;
      continue;
    }
    rows.push_back(std::move(answer));
  }
  const bool enough = last != nullptr && static_cast<std::int64_t>(rows.size()) >= limit;
  if (enough && select.from.size() == 1 && !select.from.front().derived &&
      look < session().reads.predicates.size() &&
      std::all_of(select.order_by.begin(), select.order_by.end(),
                  [](const Ordering& by) { return about_one_row(by.expression); })) {
    Predicate& predicate = session().reads.predicates[look];
    predicate.order = select.order_by.empty() ? nullptr : &select.order_by;
    predicate.last = last->order;
  }
  return running() ? rows : std::vector<Values>{};
}

// Rows that look the same and that ORDER BY does not tell apart may come in any order: nobody sees it, but for who locks which.
void Execution::note_open_order(const Select& select, bool outermost, bool cuts,
                                const std::vector<Found>& found) {
  bool alike = false;
  for (std::size_t i = 0; i + 1 < found.size() && !alike; ++i) {
    const auto same_order = [](const Value& a, const Value& b) {
      return a.is_null == b.is_null && (a.is_null || compare(a, b) == 0);
    };
    alike = std::equal(found[i].order.begin(), found[i].order.end(), found[i + 1].order.begin(),
                       found[i + 1].order.end(), same_order);
  }
  if (alike) {
    const auto note = [this](bool there, std::uint8_t bit) {
      session().result.open = static_cast<std::uint8_t>(session().result.open | (there ? bit : 0));
    };
    note(cuts, order_open::which_rows);
    note(outermost, order_open::their_order);
    note(select.lock != LockMode::none, order_open::of_locks);
  }
}

std::vector<Values> Execution::group(const Select& select, const Scope* outer,
                                     const std::vector<Found>& found) {
  struct Group {
    Values key;
    std::vector<const Found*> rows;
  };
  std::vector<Group> groups;
  if (select.group_by.empty()) {
    groups.emplace_back();
  }
  for (const Found& row : found) {
    Values key;
    for (const Expression& by : select.group_by) {
      key.push_back(value(by, scope_of(row, outer)));
    }
    spend(groups.size());
    auto at = std::find_if(groups.begin(), groups.end(),
                           [&key](const Group& it) { return it.key == key; });
    if (at == groups.end()) {
      groups.push_back({std::move(key), {}});
      at = groups.end() - 1;
    }
    at->rows.push_back(&row);
  }
  struct Line {
    Values row;
    Values order;
  };
  std::vector<Line> answers;
  for (const Group& it : groups) {
    Values aggregates;
    for (const Expression& one : select.aggregates) {
      aggregates.push_back(aggregate(one, outer, it.rows));
    }
    Found none;
    none.versions.resize(select.from.size());
    Scope scope = scope_of(it.rows.empty() ? none : *it.rows.front(), outer);
    scope.aggregates = &aggregates;
    if (!running() || !holds(select.having, scope)) {
      continue;
    }
    Line answer{project(select.targets, scope), {}};
    for (const Ordering& by : select.order_by) {
      answer.order.push_back(value(by.expression, scope));
    }
    answers.push_back(std::move(answer));
  }
  std::stable_sort(answers.begin(), answers.end(), [&select](const Line& a, const Line& b) {
    return comes_before(a.order, b.order, select.order_by);
  });
  std::vector<Values> rows;
  const auto limit = static_cast<std::uint64_t>(limit_of(select));
  const auto skip = static_cast<std::uint64_t>(offset_of(select));
  std::vector<Values> all;
  for (Line& it : answers) {
    if (!select.distinct || !is_among(all, it.row)) {
      all.push_back(std::move(it.row));
    }
  }
  for (std::uint64_t i = skip; i < all.size() && rows.size() < limit; ++i) {
    rows.push_back(std::move(all[i]));
  }
  return rows;
}

Value Execution::aggregate(const Expression& expression, const Scope* outer,
                           const std::vector<const Found*>& rows) {
  if (expression.aggregate == Aggregate::count_rows) {
    return Value::bigint(static_cast<std::int64_t>(rows.size()));
  }
  Values seen;
  for (const Found* row : rows) {
    Value one = value(expression.arguments.front(), scope_of(*row, outer));
    spend(expression.distinct ? seen.size() : 0);
    const bool again =
        expression.distinct && std::find(seen.begin(), seen.end(), one) != seen.end();
    if (!one.is_null && !again) {
      seen.push_back(std::move(one));
    }
  }
  if (expression.aggregate == Aggregate::count) {
    return Value::bigint(static_cast<std::int64_t>(seen.size()));
  }
  Value result = Value::null(expression.type);
  for (const Value& one : seen) {
    if (result.is_null) {
      const bool keeps =
          expression.aggregate == Aggregate::min || expression.aggregate == Aggregate::max;
      result = one;
      result.type = expression.type;
      result.generator = keeps ? one.generator : std::uint16_t{0};
      continue;
    }
    switch (expression.aggregate) {
      case Aggregate::sum:
        if (__builtin_add_overflow(result.number, one.number, &result.number)) {
          fail(state::out_of_range, "bigint out of range");
        }
        break;
      case Aggregate::min:
        result = compare(one, result) < 0 ? one : result;
        break;
      case Aggregate::max:
        result = compare(one, result) > 0 ? one : result;
        break;
      case Aggregate::bool_or:
        result.number = result.number != 0 || one.number != 0 ? 1 : 0;
        break;
      default:
        result.number = result.number != 0 && one.number != 0 ? 1 : 0;
    }
  }
  return result;
}

}  // namespace racelab::sql
