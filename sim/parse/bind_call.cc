// Calls: functions, aggregates, sub-selects.
#include <algorithm>
#include <array>
#include <string_view>

#include "sim/parse/binder.h"
#include "sim/scenario/options.h"

namespace racelab::parse {

using sql::Expression;
using sql::Function;
using sql::Operator;
using sql::Type;

namespace {

// A function: what it takes ('n': a whole number, 't': text, 'b': bigint), and what it answers (unknown: as its argument).
struct NamedFunction {
  const char* name;
  Function function;
  const char* takes;
  Type answers;
};
constexpr std::array<NamedFunction, 21> functions{{
    {"abs", Function::absolute, "n", Type::unknown},
    {"lower", Function::lower, "t", Type::text},
    {"upper", Function::upper, "t", Type::text},
    {"length", Function::length, "t", Type::integer},
    {"char_length", Function::length, "t", Type::integer},
    {"now", Function::now, "", Type::timestamptz},
    {"transaction_timestamp", Function::now, "", Type::timestamptz},
    {"clock_timestamp", Function::clock_timestamp, "", Type::timestamptz},
    {"gen_random_uuid", Function::random_uuid, "", Type::uuid},
    {"pg_advisory_lock", Function::advisory_lock, "b", Type::nothing},
    {"pg_advisory_lock", Function::advisory_lock, "nn", Type::nothing},
    {"pg_advisory_xact_lock", Function::advisory_xact_lock, "b", Type::nothing},
    {"pg_advisory_xact_lock", Function::advisory_xact_lock, "nn", Type::nothing},
    {"pg_try_advisory_lock", Function::try_advisory_lock, "b", Type::boolean},
    {"pg_try_advisory_lock", Function::try_advisory_lock, "nn", Type::boolean},
    {"pg_try_advisory_xact_lock", Function::try_advisory_xact_lock, "b", Type::boolean},
    {"pg_try_advisory_xact_lock", Function::try_advisory_xact_lock, "nn", Type::boolean},
    {"pg_advisory_unlock", Function::advisory_unlock, "b", Type::boolean},
    {"pg_advisory_unlock", Function::advisory_unlock, "nn", Type::boolean},
    {"nextval", Function::nextval, "t", Type::bigint},
    {"currval", Function::currval, "t", Type::bigint},
}};

// Such an aggregate belongs to the outer select.
bool names_outer_rows_only(const Expression& expression) {
  bool outer = false;
  bool own = false;
  const std::function<void(const Expression&)> look = [&](const Expression& it) {
    outer = outer || (it.kind == Expression::Kind::column && it.depth > 0);
    own = own || (it.kind == Expression::Kind::column && it.depth == 0) || it.select;
    std::for_each(it.arguments.begin(), it.arguments.end(), look);
  };
  look(expression);
  return outer && !own;
}

// pgbench 15 has these besides those that are modelled.
bool is_of_pgbench(std::string_view name) {
  constexpr std::array<std::string_view, 16> names{"debug",
                                                   "double",
                                                   "exp",
                                                   "hash",
                                                   "hash_fnv1a",
                                                   "hash_murmur2",
                                                   "int",
                                                   "ln",
                                                   "permute",
                                                   "pi",
                                                   "pow",
                                                   "power",
                                                   "random_exponential",
                                                   "random_gaussian",
                                                   "random_zipfian",
                                                   "sqrt"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether both bounds are written as numbers, and no number lies between them.
bool is_empty_range(const std::vector<Expression>& bounds) {
  return std::all_of(bounds.begin(), bounds.end(),
                     [](const Expression& it) {
                       return it.kind == Expression::Kind::constant && is_number(it.type);
                     }) &&
         bounds[0].constant.number > bounds[1].constant.number;
}

}  // namespace

Expression Binder::call(const Object& body) {
  const std::string name = names_of(list_of(body, "funcname")).back();
  const std::size_t at = location(body);
  const auto& given = list_of(body, "args");
  if (member(body, "over") != nullptr) {
    throw not_modelled(at, "a window function");
  }
  if (name == "count" || name == "sum" || name == "min" || name == "max" || name == "bool_or" ||
      name == "bool_and" || name == "every") {
    return aggregate(name, body);
  }
  Expression made;
  made.kind = Expression::Kind::call;
  if (language_ == Language::pgbench &&
      (name == "random" || name == "greatest" || name == "least" || name == "mod")) {
    for (const Json& one : given) {
      made.arguments.push_back(expression(one));
    }
    made.type = Type::bigint;
    made.function = name == "random"     ? Function::random
                    : name == "greatest" ? Function::greatest
                                         : Function::least;
    const std::size_t wanted = 2;
    if (made.arguments.size() != wanted && (name == "random" || name == "mod")) {
      throw problem(at, name + " takes two numbers");
    }
    if (name == "random" && is_empty_range(made.arguments)) {
      throw problem(at, "random has no number to draw: the first bound is the larger one");
    }
    if (name == "mod") {
      made.kind = Expression::Kind::operation;
      made.op = Operator::remainder;
    }
    return made;
  }
  if (language_ == Language::pgbench && name != "abs") {
    throw is_of_pgbench(name) ? not_modelled(at, "pgbench's function " + name)
                              : problem(at, "pgbench's expressions know no function " + name);
  }
  std::vector<std::string> names;
  for (const NamedFunction& it : functions) {
    names.emplace_back(it.name);
    if (name != it.name || std::string_view(it.takes).size() != given.size()) {
      continue;
    }
    made.function = it.function;
    made.type = it.answers;
    for (std::size_t i = 0; i < given.size(); ++i) {
      Expression one = expression(given[i]);
      const char takes = it.takes[i];
      if (one.type == Type::unknown) {
        take_type(one, takes == 't' ? Type::text : takes == 'b' ? Type::bigint : Type::integer, at);
      }
      const bool fits = takes == 't' ? one.type == Type::text : sql::is_number(one.type);
      if (!fits && language_ == Language::sql) {
        throw problem(at, "function " + name + '(' + sql::name_of(one.type) + ") does not exist");
      }
      made.type = made.type == Type::unknown ? one.type : made.type;
      made.arguments.push_back(std::move(one));
    }
    if (made.function == Function::nextval || made.function == Function::currval) {
      const std::string sequence = made.arguments.front().constant.text;
      const auto found =
          std::find_if(schema_.sequences.begin(), schema_.sequences.end(),
                       [&sequence](const sql::Sequence& s) { return s.name == sequence; });
      if (found == schema_.sequences.end()) {
        throw problem(at, "relation \"" + sequence + "\" does not exist");
      }
      made.index = static_cast<std::uint16_t>(found - schema_.sequences.begin());
      made.arguments.clear();
    }
    return made;
  }
  const std::string near = nearest(name, names);
  throw not_modelled(at, "the function " + name +
                             (near.empty() || near == name ? "" : " (did you mean " + near + "?)"));
}

Expression Binder::aggregate(const std::string& name, const Object& body) {
  const std::size_t at = location(body);
  Level& level = levels_.back();
  if (level.select == nullptr || level.in_aggregate) {
    throw problem(at, "aggregate functions are not allowed here");
  }
  if (member(body, "agg_filter") != nullptr || !list_of(body, "agg_order").empty()) {
    throw not_modelled(at, "FILTER or ORDER BY inside " + name);
  }
  Expression made;
  made.kind = Expression::Kind::aggregate;
  made.distinct = flag_of(body, "agg_distinct");
  const auto& given = list_of(body, "args");
  if (flag_of(body, "agg_star")) {
    made.aggregate = sql::Aggregate::count_rows;
    made.type = Type::bigint;
  } else {
    if (given.size() != 1) {
      throw problem(at, name + " takes one argument");
    }
    level.in_aggregate = true;
    Expression one = expression(given.front());
    levels_.back().in_aggregate = false;
    if (names_outer_rows_only(one)) {
      throw not_modelled(at, "an aggregate of an outer select's columns");
    }
    const bool of_numbers = name == "sum";
    const bool of_booleans = name == "bool_or" || name == "bool_and" || name == "every";
    if ((of_numbers && !sql::is_number(one.type)) || (of_booleans && one.type != Type::boolean)) {
      throw problem(at, "function " + name + '(' + sql::name_of(one.type) + ") does not exist");
    }
    made.aggregate = name == "count"     ? sql::Aggregate::count
                     : name == "sum"     ? sql::Aggregate::sum
                     : name == "min"     ? sql::Aggregate::min
                     : name == "max"     ? sql::Aggregate::max
                     : name == "bool_or" ? sql::Aggregate::bool_or
                                         : sql::Aggregate::bool_and;
    made.type = name == "count" || name == "sum" ? Type::bigint : one.type;
    made.arguments = {std::move(one)};
  }
  sql::Select& select = *levels_.back().select;
  made.index = static_cast<std::uint16_t>(select.aggregates.size());
  select.aggregates.push_back(made);
  made.arguments.clear();
  return made;
}

Expression Binder::sub_select(const Object& body) {
  if (language_ == Language::pgbench) {
    throw problem(location(body), "pgbench's expressions know no sub-select; ask with \\gset");
  }
  if (!in_schema_.empty()) {
    throw problem(location(body), "cannot use subquery in " + in_schema_);
  }
  const std::string kind = text_of(body, "subLinkType");
  const std::vector<std::string> op = names_of(list_of(body, "operName"));
  const bool is_in = kind == "ANY_SUBLINK" && (op.empty() || op.back() == "=");
  const bool is_not_in =
      kind == "ALL_SUBLINK" && !op.empty() && (op.back() == "<>" || op.back() == "!=");
  Expression made;
  std::vector<Expression> wanted;
  if (const Json* test = member(body, "testexpr")) {
    const bool is_row = kind_of(*test) == "RowExpr";
    for (const Json& one : is_row ? list_of(body_of(*test), "args") : boost::json::array{*test}) {
      wanted.push_back(expression(one));
    }
  }
  const Json& inner = body.at("subselect");
  auto select = std::make_shared<sql::Select>(this->select(body_of(inner)));
  if (kind == "EXISTS_SUBLINK") {
    made.kind = Expression::Kind::exists;
    made.type = Type::boolean;
  } else if (select->targets.size() != std::max<std::size_t>(wanted.size(), 1)) {
    throw problem(location(body), wanted.size() < 2 ? "subquery must return only one column"
                                  : select->targets.size() > wanted.size()
                                      ? "subquery has too many columns"
                                      : "subquery has too few columns");
  } else if (kind == "EXPR_SUBLINK") {
    made.kind = Expression::Kind::scalar;
    made.type = select->targets.front().expression.type;
  } else if (is_in || is_not_in) {
    made.kind = Expression::Kind::in_select;
    made.type = Type::boolean;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      agree({&wanted[i], &select->targets[i].expression}, location(body), "IN");
    }
    made.arguments = std::move(wanted);
  } else if (kind == "ARRAY_SUBLINK") {
    throw not_modelled(location(body), "an array of a sub-select's rows");
  } else {
    throw not_modelled(location(body),
                       "ANY or ALL of a sub-select with this operator (= ANY and "
                       "<> ALL are, as IN and NOT IN)");
  }
  made.select = std::move(select);
  if (is_not_in) {
    Expression negation;
    negation.kind = Expression::Kind::negation;
    negation.type = Type::boolean;
    negation.arguments = {std::move(made)};
    return negation;
  }
  return made;
}

}  // namespace racelab::parse
