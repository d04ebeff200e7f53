// What statements read from: tables and their joins, sub-selects, WITH, UNION, VALUES.
#include <algorithm>
#include <utility>

#include "sim/parse/binder.h"
#include "sim/scenario/options.h"

namespace racelab::parse {

using sql::Derived;
using sql::Expression;

namespace {

bool is_set_operation(const Object& body) {
  const std::string op = text_of(body, "op");
  return op != "SETOP_NONE" && !op.empty();
}

// Whether rows are locked while it is worked out.
bool locks_rows(const Derived& derived) {
  return std::any_of(derived.arms.begin(), derived.arms.end(), [](const Derived::Arm& arm) {
    return arm.select.lock != sql::LockMode::none ||
           std::any_of(arm.select.from.begin(), arm.select.from.end(),
                       [](const sql::Source& it) { return it.derived && locks_rows(*it.derived); });
  });
}

}  // namespace

std::uint16_t Binder::table(const Object& range) {
  const std::string schema = text_of(range, "schemaname");
  const std::string name = text_of(range, "relname");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < schema_.tables.size(); ++i) {
    const sql::Table& it = schema_.tables[i];
    names.push_back(it.full_name());
    const bool same_schema = it.schema == schema || (schema == "public" && it.schema.empty());
    if (it.name == name && same_schema) {
      return static_cast<std::uint16_t>(i);
    }
  }
  const std::string full = schema.empty() ? name : schema + '.' + name;
  const std::string near = nearest(full, names);
  throw problem(location(range), "relation \"" + full + "\" does not exist" +
                                     (near.empty() ? "" : "; did you mean " + near + '?'));
}

Binder::Named Binder::named(std::uint16_t number, const std::string& name) const {
  Named made{name, {}, number};
  for (const sql::Column& column : schema_.tables[number].columns) {
    made.columns.push_back({column.name, column.type});
  }
  return made;
}

void Binder::from(const boost::json::array& list, std::vector<sql::Source>& from) {
  for (const Json& node : list) {
    item(node, from);
  }
}

// A table, a WITH, a sub-select, or a join of such.
void Binder::item(const Json& node, std::vector<sql::Source>& from) {
  const std::string_view kind = kind_of(node);
  const Object& body = body_of(node);
  if (kind == "JoinExpr") {
    join(body, from);
    return;
  }
  sql::Source source;
  if (kind == "RangeVar") {
    if (const Common* common = find_common(body)) {
      source.derived = common->rows;
      Named made{common->name, common->columns, std::nullopt};
      rename(body, made);
      add_source(std::move(source), std::move(made), from, location(body));
      return;
    }
    source.table = table(body);
    Named made = named(source.table, text_of(body, "relname"));
    rename(body, made);
    add_source(std::move(source), std::move(made), from, location(body));
    return;
  }
  if (kind != "RangeSubselect" || flag_of(body, "lateral")) {
    throw not_modelled(place_in(node), kind == "RangeFunction" ? "a function in FROM"
                                       : kind == "RangeSubselect"
                                           ? "LATERAL"
                                           : "this in FROM (tables, joins and sub-selects are)");
  }
  // It sees what stands further out, and not what stands beside it.
  Level own = std::move(levels_.back());
  levels_.pop_back();
  auto derived = std::make_shared<Derived>();
  derived->arms.push_back({select(body_of(body.at("subquery"))), true});
  own.reaches_out = own.reaches_out || derived->arms.front().select.correlated;
  levels_.push_back(std::move(own));
  Named made{"", columns_of(*derived, place_in(node)), std::nullopt};
  rename(body, made);
  source.derived = std::move(derived);
  add_source(std::move(source), std::move(made), from, place_in(node));
}

void Binder::add_source(sql::Source source, Named named, std::vector<sql::Source>& from,
                        std::size_t at) {
  for (const Named& other : levels_.back().sources) {
    if (other.name == named.name && !named.name.empty()) {
      throw problem(at, "table name \"" + named.name + "\" specified more than once");
    }
  }
  levels_.back().sources.push_back(std::move(named));
  from.push_back(std::move(source));
}

// AS name (column, …).
void Binder::rename(const Object& range, Named& named) {
  const Json* alias = member(range, "alias");
  if (alias == nullptr) {
    return;
  }
  named.name = text_of(alias->as_object(), "aliasname");
  const std::vector<std::string> names = names_of(list_of(alias->as_object(), "colnames"));
  if (names.size() > named.columns.size()) {
    throw problem(location(range), "table \"" + named.name + "\" has " +
                                       std::to_string(named.columns.size()) +
                                       " columns available but " + std::to_string(names.size()) +
                                       " columns specified");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    named.columns[i].name = names[i];
  }
}

// Joins lead from left to right; what is joined on the right is one thing.
void Binder::join(const Object& join, std::vector<sql::Source>& from) {
  const std::string type = text_of(join, "jointype");
  const std::size_t at = place_in(join.at("rarg"));
  if (type != "JOIN_INNER" && type != "JOIN_LEFT") {
    throw not_modelled(
        at, type == "JOIN_RIGHT" ? "RIGHT JOIN (LEFT JOIN is, the other way round)" : "FULL JOIN");
  }
  if (flag_of(join, "isNatural") || member(join, "alias") != nullptr) {
    throw not_modelled(at, flag_of(join, "isNatural") ? "NATURAL JOIN (write ON or USING)"
                                                      : "a name for a whole join");
  }
  item(join.at("larg"), from);
  if (kind_of(join.at("rarg")) == "JoinExpr") {
    throw not_modelled(at, "a join in parentheses on the right side (put it first)");
  }
  item(join.at("rarg"), from);
  from.back().left = type == "JOIN_LEFT";
  if (const Json* on = member(join, "quals")) {
    from.back().on = boolean(*on, "JOIN/ON");
  }
  merge(list_of(join, "usingClause"), from, at);
}

// USING (a, b): the columns are equal, and one.
void Binder::merge(const boost::json::array& list, std::vector<sql::Source>& from, std::size_t at) {
  std::vector<Named>& sources = levels_.back().sources;
  for (const std::string& name : names_of(list)) {
    std::vector<Expression> sides;  // the right one first
    for (std::size_t i = sources.size(); i-- > 0;) {
      std::vector<NamedColumn>& columns = sources[i].columns;
      const auto found =
          std::find_if(columns.begin(), columns.end(),
                       [&name](const NamedColumn& it) { return it.name == name && !it.merged; });
      const bool is_right = i + 1 == sources.size();
      if (found == columns.end()) {
        if (is_right) {
          break;
        }
        continue;
      }
      Expression& side = sides.emplace_back();
      side.kind = Expression::Kind::column;
      side.source = static_cast<std::uint16_t>(i);
      side.index = static_cast<std::uint16_t>(found - columns.begin());
      side.type = found->type;
    }
    if (sides.size() != 2) {
      throw problem(
          at,
          sides.size() > 2
              ? "common column name \"" + name + "\" appears more than once in left table"
              : "column \"" + name + "\" specified in USING clause does not exist on both sides");
    }
    sources.back().columns[sides[0].index].merged = true;
    Expression equal = binary("=", sides[1], sides[0], at);
    if (from.back().on) {
      Expression both;
      both.kind = Expression::Kind::both;
      both.type = sql::Type::boolean;
      both.arguments = {std::move(*from.back().on), std::move(equal)};
      equal = std::move(both);
    }
    from.back().on = std::move(equal);
  }
}

const Binder::Common* Binder::find_common(const Object& range) const {
  if (!text_of(range, "schemaname").empty()) {
    return nullptr;
  }
  const std::string name = text_of(range, "relname");
  const auto found = std::find_if(commons_.rbegin(), commons_.rend(),
                                  [&name](const Common& it) { return it.name == name; });
  return found == commons_.rend() ? nullptr : &*found;
}

// WITH: how many there were before; whoever has read the statement leaves so many.
std::size_t Binder::with(const Object& body) {
  const bool top = std::exchange(top_, false);
  const std::size_t before = commons_.size();
  const Json* clause = member(body, "withClause");
  if (clause == nullptr) {
    return before;
  }
  if (flag_of(clause->as_object(), "recursive")) {
    throw not_modelled(location(clause->as_object()), "WITH RECURSIVE");
  }
  for (const Json& node : list_of(clause->as_object(), "ctes")) {
    const Object& one = body_of(node);
    if (!top && kind_of(one.at("ctequery")) != "SelectStmt") {
      throw problem(location(one),
                    "WITH clause containing a data-modifying statement must be at the top level");
    }
    if (std::any_of(commons_.begin() + static_cast<std::ptrdiff_t>(before), commons_.end(),
                    [&one](const Common& it) { return it.name == text_of(one, "ctename"); })) {
      throw problem(location(one),
                    "WITH query name \"" + text_of(one, "ctename") + "\" specified more than once");
    }
    common(one);
  }
  return before;
}

void Binder::common(const Object& body) {
  const Json& query = body.at("ctequery");
  auto derived = std::make_shared<Derived>();
  derived->of_with = true;
  Common made;
  made.name = text_of(body, "ctename");
  if (kind_of(query) == "SelectStmt") {
    derived->arms.push_back({select(body_of(query)), true});
    if (derived->arms.front().select.correlated) {
      throw not_modelled(location(body), "a WITH that names a column further out");
    }
    made.columns = columns_of(*derived, location(body));
  } else {
    const std::string_view kind = kind_of(query);
    if (kind != "InsertStmt" && kind != "UpdateStmt" && kind != "DeleteStmt") {
      throw not_modelled(location(body), "this in WITH");
    }
    derived->statement = std::make_shared<const sql::Statement>(changing(kind, body_of(query)));
    for (const sql::Target& target : derived->statement->returning) {
      made.columns.push_back({target.name, target.expression.type});
    }
    changing_.push_back(derived);
  }
  const std::vector<std::string> names = names_of(list_of(body, "aliascolnames"));
  if (names.size() > made.columns.size()) {
    throw problem(location(body), "WITH query \"" + made.name + "\" has " +
                                      std::to_string(made.columns.size()) +
                                      " columns available but " + std::to_string(names.size()) +
                                      " columns specified");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    made.columns[i].name = names[i];
  }
  made.rows = std::move(derived);
  commons_.push_back(std::move(made));
}

// UNION and VALUES, with an ORDER BY and a LIMIT of their own.
sql::Select Binder::of_rows(const Object& body) {
  auto derived = std::make_shared<Derived>();
  if (is_set_operation(body)) {
    add_arms(body, *derived);
  } else {
    add_values(body, *derived);
  }
  const std::size_t at = place_in(Json(body));
  std::vector<NamedColumn> columns = columns_of(*derived, at);
  const bool correlated = std::any_of(derived->arms.begin(), derived->arms.end(),
                                      [](const auto& arm) { return arm.select.correlated; });
  for (const Json& node : list_of(body, "sortClause")) {
    const std::string_view by = kind_of(body_of(node).at("node"));
    if (by != "ColumnRef" && by != "A_Const") {
      throw problem(place_in(node),
                    "invalid UNION ORDER BY clause: only result column names can be used");
    }
  }
  if (!list_of(body, "lockingClause").empty()) {
    throw problem(at, "FOR UPDATE is not allowed with UNION or VALUES");
  }
  Object all;  // SELECT * FROM it
  for (const char* clause : {"sortClause", "limitCount", "limitOffset", "limitOption"}) {
    if (const Json* there = member(body, clause)) {
      all[clause] = *there;
    }
  }
  sql::Select made;
  levels_.emplace_back();
  add_source({0, std::move(derived), false, std::nullopt}, {"", std::move(columns), std::nullopt},
             made.from, at);
  for (std::size_t i = 0; i < levels_.back().sources.front().columns.size(); ++i) {
    const NamedColumn& column = levels_.back().sources.front().columns[i];
    sql::Target& one = made.targets.emplace_back();
    one.name = column.name;
    one.expression.kind = Expression::Kind::column;
    one.expression.index = static_cast<std::uint16_t>(i);
    one.expression.type = column.type;
  }
  order(all, made);
  bounds(all, made);
  made.locks.assign(1, false);
  made.correlated = correlated || levels_.back().reaches_out;
  levels_.pop_back();
  return made;
}

void Binder::add_arms(const Object& body, Derived& derived) {
  if (text_of(body, "op") != "SETOP_UNION") {
    throw not_modelled(place_in(Json(body)), text_of(body, "op") == "SETOP_EXCEPT"
                                                 ? "EXCEPT (WHERE NOT EXISTS is)"
                                                 : "INTERSECT (WHERE EXISTS is)");
  }
  const auto side = [&body](const char* name) -> const Object& {
    const Object& given = body.at(name).as_object();
    const Json* wrapped = member(given, "SelectStmt");
    return wrapped == nullptr ? given : wrapped->as_object();
  };
  const auto add = [&](const Object& one, bool all) {
    into_columns_ = true;  // its constants take their types from the other arms
    derived.arms.push_back({select(one), all});
  };
  const Object& left = side("larg");
  const bool of_its_own =
      member(left, "sortClause") != nullptr || member(left, "limitCount") != nullptr ||
      member(left, "limitOffset") != nullptr || member(left, "withClause") != nullptr;
  if (is_set_operation(left) && !of_its_own) {
    add_arms(left, derived);
  } else {
    add(left, true);
  }
  add(side("rarg"), flag_of(body, "all"));
}

void Binder::add_values(const Object& body, Derived& derived) {
  for (const Json& list : list_of(body, "valuesLists")) {
    sql::Select row;
    levels_.emplace_back();
    for (const Json& value : list_of(body_of(list), "items")) {
      sql::Target& one = row.targets.emplace_back();
      one.name = "column" + std::to_string(row.targets.size());
      one.expression = expression(value);
    }
    row.correlated = levels_.back().reaches_out;
    levels_.pop_back();
    derived.arms.push_back({std::move(row), true});
  }
}

// A column has one type in all arms.
std::vector<Binder::NamedColumn> Binder::columns_of(Derived& derived, std::size_t at) {
  std::vector<NamedColumn> columns;
  const std::size_t count = derived.arms.front().select.targets.size();
  for (const Derived::Arm& arm : derived.arms) {
    if (arm.select.targets.size() != count) {
      throw problem(
          at, "each UNION query, and each list of VALUES, must have the same number of columns");
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    NamedColumn& column = columns.emplace_back();
    column.name = derived.arms.front().select.targets[i].name;
    std::vector<Expression*> all;
    for (Derived::Arm& arm : derived.arms) {
      all.push_back(&arm.select.targets[i].expression);
    }
    agree(all, at, "UNION");
    for (const Expression* one : all) {
      column.type = std::max(column.type, one->type);
    }
  }
  return columns;
}

// A server works such rows out one by one, and stops, and has locked no more, when LIMIT has enough.
void Binder::refuse_lazy_locks(const sql::Select& select, std::size_t at) const {
  if (select.limit &&
      std::any_of(select.from.begin(), select.from.end(),
                  [](const sql::Source& it) { return it.derived && locks_rows(*it.derived); })) {
    throw not_modelled(at, "LIMIT above rows that are locked further in (put it there)");
  }
}

}  // namespace racelab::parse
