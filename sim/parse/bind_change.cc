// Statements that change rows: INSERT, UPDATE, DELETE.
#include <algorithm>
#include <utility>

#include "sim/parse/binder.h"
#include "sim/scenario/options.h"

namespace racelab::parse {

using sql::Expression;
using sql::Statement;

// What a column is given: a value of its type, or one that is cast to it where PostgreSQL casts by itself.
void Binder::assignable(Expression& expression, const sql::Column& column, std::size_t at) {
  if (expression.type == sql::Type::unknown) {
    take_type(expression, column.type, at);
    return;
  }
  const bool both_numbers = sql::is_number(expression.type) && sql::is_number(column.type);
  if (expression.type != column.type && !both_numbers && column.type != sql::Type::text) {
    throw problem(at, "column \"" + column.name + "\" is of type " + sql::name_of(column.type) +
                          " but expression is of type " + sql::name_of(expression.type));
  }
}

std::vector<sql::Assignment> Binder::assignments(const boost::json::array& list,
                                                 std::uint16_t number) {
  const sql::Table& table = schema_.tables[number];
  std::vector<sql::Assignment> made;
  for (const Json& node : list) {
    const Object& target = body_of(node);
    const std::string name = text_of(target, "name");
    std::vector<std::string> names;
    for (const sql::Column& column : table.columns) {
      names.push_back(column.name);
    }
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      const std::string near = nearest(name, names);
      throw problem(location(target), "column \"" + name + "\" of relation \"" + table.name +
                                          "\" does not exist" +
                                          (near.empty() ? "" : "; did you mean " + near + '?'));
    }
    const auto number_of_it = static_cast<std::uint16_t>(found - names.begin());
    if (std::any_of(made.begin(), made.end(), [number_of_it](const sql::Assignment& it) {
          return it.column == number_of_it;
        })) {
      throw problem(location(target), "multiple assignments to same column \"" + name + '"');
    }
    sql::Assignment& one = made.emplace_back();
    one.column = number_of_it;
    const Json& value = target.at("val");
    if (kind_of(value) == "SetToDefault") {
      one.expression = table.columns[one.column].standard.value_or(Expression{});
      one.expression.type = table.columns[one.column].type;
      continue;
    }
    const Json* given = &value;
    if (kind_of(value) == "MultiAssignRef") {
      const Json& row = body_of(value).at("source");
      if (kind_of(row) != "RowExpr") {
        throw not_modelled(location(target), "SET (a, b) = (SELECT …)");
      }
      const auto& parts = list_of(body_of(row), "args");
      const auto place = static_cast<std::size_t>(number_of(body_of(value), "colno"));
      const auto wanted = static_cast<std::size_t>(number_of(body_of(value), "ncolumns"));
      if (parts.size() != wanted) {
        throw problem(location(target), "number of columns does not match number of values");
      }
      given = &parts[place - 1];
    }
    one.expression = expression(*given);
    assignable(one.expression, table.columns[one.column], place_in(*given));
  }
  return made;
}

sql::Insert Binder::insert(const Object& body, std::vector<sql::Target>& returning) {
  sql::Insert made;
  const std::size_t outer_commons = with(body);
  const Object& range = body.at("relation").as_object();
  made.table = changed_table(range);
  const sql::Table& into = schema_.tables[made.table];
  for (const Json& node : list_of(body, "cols")) {
    const std::string name = text_of(body_of(node), "name");
    const auto found =
        std::find_if(into.columns.begin(), into.columns.end(),
                     [&name](const sql::Column& column) { return column.name == name; });
    if (found == into.columns.end()) {
      std::vector<std::string> names;
      for (const sql::Column& column : into.columns) {
        names.push_back(column.name);
      }
      const std::string near = nearest(name, names);
      throw problem(location(body_of(node)),
                    "column \"" + name + "\" of relation \"" + into.name + "\" does not exist" +
                        (near.empty() ? "" : "; did you mean " + near + '?'));
    }
    const auto number = static_cast<std::uint16_t>(found - into.columns.begin());
    if (std::find(made.columns.begin(), made.columns.end(), number) != made.columns.end()) {
      throw problem(location(body_of(node)), "column \"" + name + "\" specified more than once");
    }
    made.columns.push_back(number);
  }
  const bool lists_columns = !made.columns.empty();
  for (std::size_t i = 0; !lists_columns && i < into.columns.size(); ++i) {
    made.columns.push_back(static_cast<std::uint16_t>(i));
  }
  const std::size_t at = location(range);
  const auto check_count = [&](std::size_t given) {
    if (given > made.columns.size()) {
      throw problem(at, "INSERT has more expressions than target columns");
    }
    if (lists_columns && given < made.columns.size()) {
      throw problem(at, "INSERT has more target columns than expressions");
    }
  };
  const auto check_given = [&](std::uint16_t column) {
    if (into.columns[column].always) {
      throw problem(at, "cannot insert a non-DEFAULT value into column \"" +
                            into.columns[column].name + "\" (GENERATED ALWAYS)");
    }
  };
  if (const Json* from = member(body, "selectStmt")) {
    const Object& what = body_of(*from);
    const auto& lists = list_of(what, "valuesLists");
    levels_.emplace_back();
    for (const Json& list : lists) {
      auto& row = made.rows.emplace_back();
      const auto& items = list_of(body_of(list), "items");
      check_count(items.size());
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (kind_of(items[i]) == "SetToDefault") {
          row.emplace_back();
          continue;
        }
        check_given(made.columns[i]);
        Expression one = expression(items[i]);
        assignable(one, into.columns[made.columns[i]], place_in(items[i]));
        row.emplace_back(std::move(one));
      }
    }
    levels_.pop_back();
    if (lists.empty()) {
      into_columns_ = true;
      sql::Select select = this->select(what);
      check_count(select.targets.size());
      for (std::size_t i = 0; i < select.targets.size(); ++i) {
        check_given(made.columns[i]);
        assignable(select.targets[i].expression, into.columns[made.columns[i]], at);
      }
      made.select = std::make_shared<sql::Select>(std::move(select));
    }
  } else {
    made.columns.clear();
    made.rows.emplace_back();  // DEFAULT VALUES
  }
  levels_.emplace_back();
  levels_.back().sources = {named(made.table, into.name)};
  if (const Json* alias = member(range, "alias")) {
    levels_.back().sources.front().name = text_of(alias->as_object(), "aliasname");
  }
  if (const Json* clause = member(body, "onConflictClause")) {
    on_conflict(clause->as_object(), made);
  }
  returning = targets(list_of(body, "returningList"));
  levels_.pop_back();
  commons_.resize(outer_commons);
  return made;
}

void Binder::on_conflict(const Object& clause, sql::Insert& insert) {
  const sql::Table& into = schema_.tables[insert.table];
  const bool updates = text_of(clause, "action") == "ONCONFLICT_UPDATE";
  insert.on_conflict = updates ? sql::Insert::OnConflict::update : sql::Insert::OnConflict::nothing;
  if (const Json* infer = member(clause, "infer")) {
    const Object& key = infer->as_object();
    const std::string name = text_of(key, "conname");
    std::vector<std::uint16_t> columns;
    for (const Json& element : list_of(key, "indexElems")) {
      const std::string column = text_of(body_of(element), "name");
      const auto found =
          std::find_if(into.columns.begin(), into.columns.end(),
                       [&column](const sql::Column& it) { return it.name == column; });
      if (found == into.columns.end()) {
        throw problem(location(key), "column \"" + column + "\" does not exist");
      }
      columns.push_back(static_cast<std::uint16_t>(found - into.columns.begin()));
    }
    std::sort(columns.begin(), columns.end());
    for (std::size_t i = 0; i < into.keys.size() && !insert.conflict_key; ++i) {
      std::vector<std::uint16_t> wanted = into.keys[i].columns;
      std::sort(wanted.begin(), wanted.end());
      const bool partial_fits = !into.keys[i].where || member(key, "whereClause") != nullptr;
      if (name.empty() ? wanted == columns && partial_fits : into.keys[i].name == name) {
        insert.conflict_key = static_cast<std::uint16_t>(i);
      }
    }
    if (!insert.conflict_key) {
      throw problem(location(key),
                    "there is no unique or exclusion constraint matching the ON CONFLICT "
                    "specification");
    }
  } else if (updates) {
    throw problem(location(clause),
                  "ON CONFLICT DO UPDATE requires inference specification or constraint name");
  }
  if (updates) {
    levels_.back().sources.push_back(named(insert.table, "excluded"));
    insert.set = assignments(list_of(clause, "targetList"), insert.table);
    insert.where = where(clause);
    levels_.back().sources.pop_back();
  }
}

sql::Update Binder::update(const Object& body, std::vector<sql::Target>& returning) {
  sql::Update made;
  const std::size_t outer_commons = with(body);
  const Object& range = body.at("relation").as_object();
  made.table = changed_table(range);
  levels_.emplace_back();
  from(boost::json::array{Json{{"RangeVar", range}}}, made.from);
  from(list_of(body, "fromClause"), made.from);
  made.set = assignments(list_of(body, "targetList"), made.table);
  made.where = where(body);
  returning = targets(list_of(body, "returningList"));
  levels_.pop_back();
  commons_.resize(outer_commons);
  return made;
}

sql::Delete Binder::remove(const Object& body, std::vector<sql::Target>& returning) {
  sql::Delete made;
  const std::size_t outer_commons = with(body);
  const Object& range = body.at("relation").as_object();
  made.table = changed_table(range);
  levels_.emplace_back();
  from(boost::json::array{Json{{"RangeVar", range}}}, made.from);
  from(list_of(body, "usingClause"), made.from);
  made.where = where(body);
  returning = targets(list_of(body, "returningList"));
  levels_.pop_back();
  commons_.resize(outer_commons);
  return made;
}

}  // namespace racelab::parse
