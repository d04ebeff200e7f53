// GROUP BY and DISTINCT: by what, and what may then be answered.
#include <algorithm>

#include "sim/parse/binder.h"

namespace racelab::parse {

using sql::Expression;

// A column, a column's place in the list, its name there, or any expression.
Expression Binder::grouping(const Json& node, const sql::Select& select) {
  if (kind_of(node) == "GroupingSet") {
    throw not_modelled(location(body_of(node)), "GROUPING SETS, ROLLUP or CUBE");
  }
  const std::vector<std::string> names = kind_of(node) == "ColumnRef"
                                             ? names_of(list_of(body_of(node), "fields"))
                                             : std::vector<std::string>{};
  if (names.size() == 1) {
    const std::vector<Named>& sources = levels_.back().sources;
    const bool is_column = std::any_of(sources.begin(), sources.end(), [&](const Named& source) {
      return std::any_of(source.columns.begin(), source.columns.end(),
                         [&names](const NamedColumn& it) { return it.name == names.front(); });
    });
    for (const sql::Target& target : select.targets) {
      if (!is_column && target.name == names.front()) {
        return target.expression;
      }
    }
  }
  Expression by = expression(node);
  if (by.kind != Expression::Kind::constant) {
    return by;
  }
  const std::int64_t place = by.constant.number;
  if (!sql::is_number(by.type) || place < 1 ||
      place > static_cast<std::int64_t>(select.targets.size())) {
    throw problem(place_in(node),
                  "GROUP BY position " + sql::to_text(by.constant) + " is not in select list");
  }
  return select.targets[static_cast<std::size_t>(place - 1)].expression;
}

void Binder::group(const Object& body, sql::Select& select) {
  const auto has_aggregate = [](const auto& self, const Expression& it) -> bool {
    return it.kind == Expression::Kind::aggregate ||
           std::any_of(it.arguments.begin(), it.arguments.end(),
                       [&self](const Expression& part) { return self(self, part); });
  };
  for (const Json& node : list_of(body, "groupClause")) {
    Expression by = grouping(node, select);
    if (has_aggregate(has_aggregate, by)) {
      throw problem(place_in(node), "aggregate functions are not allowed in GROUP BY");
    }
    select.group_by.push_back(std::move(by));
  }
}

// Whether a column is one of those, or of a row whose primary key is among them.
bool Binder::is_grouped(const sql::Select& select, const Expression& column) const {
  const auto by_column = [&](std::uint16_t index) {
    return std::any_of(select.group_by.begin(), select.group_by.end(), [&](const Expression& by) {
      return by.kind == Expression::Kind::column && by.depth == 0 && by.source == column.source &&
             by.index == index;
    });
  };
  static const std::vector<sql::UniqueKey> none;
  const sql::Source& source = select.from[column.source];
  const std::vector<sql::UniqueKey>& keys =
      source.derived ? none : schema_.tables[source.table].keys;
  return by_column(column.index) ||
         std::any_of(keys.begin(), keys.end(), [&](const sql::UniqueKey& key) {
           return key.primary && std::all_of(key.columns.begin(), key.columns.end(), by_column);
         });
}

void Binder::check_grouping(const sql::Select& select, std::size_t offset) {
  const auto refuse = [&](const Expression& column, std::uint16_t depth) {
    const std::string name = levels_.back().sources[column.source].columns[column.index].name;
    throw problem(offset, depth > 0
                              ? "subquery uses ungrouped column \"" + name + "\" from outer query"
                              : "column \"" + name +
                                    "\" must appear in the GROUP BY clause or be used in an "
                                    "aggregate function");
  };
  const auto is_by = [&select](const Expression& it) {
    return std::any_of(select.group_by.begin(), select.group_by.end(),
                       [&it](const Expression& by) { return sql::same(by, it); });
  };
  std::function<void(const Expression&, std::uint16_t)> check;
  const auto check_select = [&](const sql::Select& inner, std::uint16_t depth) {
    sql::each_expression(inner, [&](const Expression& it) { check(it, depth); });
  };
  check = [&](const Expression& it, std::uint16_t depth) {
    if (depth == 0 && is_by(it)) {
      return;
    }
    if (it.kind == Expression::Kind::column && it.depth == depth && !is_grouped(select, it)) {
      refuse(it, depth);
    }
    for (const Expression& argument : it.arguments) {
      check(argument, depth);
    }
    if (it.select) {
      check_select(*it.select, static_cast<std::uint16_t>(depth + 1));
    }
  };
  for (const sql::Target& target : select.targets) {
    check(target.expression, 0);
  }
  for (const sql::Ordering& by : select.order_by) {
    check(by.expression, 0);
  }
  if (select.having) {
    check(*select.having, 0);
  }
}

bool Binder::distinct(const Object& body) {
  const auto& clause = list_of(body, "distinctClause");
  for (const Json& by : clause) {
    if (by.is_object() && !by.as_object().empty()) {
      throw not_modelled(place_in(by), "DISTINCT ON");
    }
  }
  return !clause.empty();
}

void Binder::check_distinct(const sql::Select& select, const Object& body) const {
  for (const sql::Ordering& by : select.order_by) {
    const bool listed = std::any_of(
        select.targets.begin(), select.targets.end(),
        [&by](const sql::Target& it) { return sql::same(it.expression, by.expression); });
    if (select.distinct && !listed) {
      throw problem(place_in(body.at("sortClause")),
                    "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
    }
  }
}

}  // namespace racelab::parse
