// Expressions: names are looked up, types found.
#include <algorithm>
#include <array>
#include <charconv>

#include "sim/parse/binder.h"
#include "sim/scenario/options.h"
#include "sim/sql/evaluate.h"

namespace racelab::parse {

using sql::Expression;
using sql::Function;
using sql::Operator;
using sql::Type;
using sql::Value;

namespace {

// What it is called, and the way out where there is one.
std::string refused_expression(std::string_view kind, const Object& body) {
  struct Refused {
    std::string_view kind;
    std::string_view words;
  };
  static constexpr Refused all[] = {
      {"A_ArrayExpr", "an array as one value (of = ANY (ARRAY[…]) it is)"},
      {"RowExpr", "a row of values as one value (comparing two rows is)"},
      {"CollateClause", "COLLATE (text is compared byte by byte, as with COLLATE \"C\")"},
      {"A_Indirection", "a part of an array or of a row"},
      {"SetToDefault", "DEFAULT here"},
      {"CurrentOfExpr", "WHERE CURRENT OF"},
      {"NamedArgExpr", "an argument given by its name"},
      {"GroupingFunc", "GROUPING"},
      {"XmlExpr", "XML"}};
  for (const Refused& it : all) {
    if (it.kind == kind) {
      return std::string(it.words);
    }
  }
  if (kind == "SQLValueFunction") {
    std::string name = text_of(body, "op").substr(6);  // after SVFOP_
    const bool is_time =
        name.find("DATE") != std::string::npos || name.find("TIME") != std::string::npos;
    return name + (is_time ? " (now() is, a timestamptz)" : " (pass it as a :parameter)");
  }
  return "this expression (" + std::string(kind) + " of PostgreSQL's parser)";
}

}  // namespace

Expression boolean_of(Expression::Kind kind, std::vector<Expression> arguments) {
  Expression made;
  made.kind = kind;
  made.type = Type::boolean;
  made.arguments = std::move(arguments);
  return made;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ".") + name;
  }
  return text;
}

Problem Binder::not_modelled(std::size_t at, const std::string& what) const {
  return problem(at, what + " is not modelled; `racelab list sql` shows what is");
}

Expression Binder::constant(const Json& node, Type type) {
  levels_.assign(1, {});
  in_schema_ = "DEFAULT expression";
  Expression made = expression(node);
  const bool both_numbers = sql::is_number(made.type) && sql::is_number(type);
  if (language_ == Language::sql && !both_numbers) {  // numbers are cast when they are assigned
    take_type(made, type, 0);
  }
  return made;
}

Expression Binder::condition(const Json& node, std::uint16_t table, const std::string& where) {
  levels_.assign(1, {});
  in_schema_ = where;
  levels_.back().sources = {named(table, schema_.tables[table].name)};
  return boolean(node, "a condition");
}

Expression Binder::boolean(const Json& node, const std::string& what) {
  Expression made = expression(node);
  const std::size_t at = location(body_of(node));
  if (language_ == Language::pgbench) {
    return made;
  }
  if (made.type == Type::unknown) {
    take_type(made, Type::boolean, at);
  }
  if (made.type != Type::boolean) {
    throw problem(
        at, "argument of " + what + " must be type boolean, not type " + sql::name_of(made.type));
  }
  return made;
}

Expression Binder::expression(const Json& node) {
  const std::string_view kind = kind_of(node);
  const Object& body = body_of(node);
  if (kind == "A_Const") {
    return constant_of(body);
  }
  if (kind == "ParamRef") {
    return parameter(body);
  }
  if (kind == "ColumnRef") {
    return column(body);
  }
  if (kind == "A_Expr") {
    return operation(body);
  }
  if (kind == "BoolExpr") {
    return logic(body);
  }
  if (kind == "NullTest") {
    const bool is = text_of(body, "nulltesttype") == "IS_NULL";
    return boolean_of(is ? Expression::Kind::is_null : Expression::Kind::is_not_null,
                      {expression(body.at("arg"))});
  }
  if (kind == "BooleanTest") {
    std::string test = text_of(body, "booltesttype");
    const Expression::Kind made = test == "IS_TRUE"        ? Expression::Kind::is_true
                                  : test == "IS_NOT_TRUE"  ? Expression::Kind::is_not_true
                                  : test == "IS_FALSE"     ? Expression::Kind::is_false
                                  : test == "IS_NOT_FALSE" ? Expression::Kind::is_not_false
                                  : test == "IS_UNKNOWN"   ? Expression::Kind::is_null
                                                           : Expression::Kind::is_not_null;
    std::replace(test.begin(), test.end(), '_', ' ');
    return boolean_of(made, {boolean(body.at("arg"), test)});
  }
  if (kind == "CaseExpr") {
    return choice(body);
  }
  if (kind == "CoalesceExpr" || kind == "MinMaxExpr") {
    return extreme(body);
  }
  if (kind == "TypeCast") {
    return cast(body);
  }
  if (kind == "FuncCall") {
    return call(body);
  }
  if (kind == "SubLink") {
    return sub_select(body);
  }
  if (kind == "SQLValueFunction" && text_of(body, "op") == "SVFOP_CURRENT_TIMESTAMP") {
    Expression made;
    made.kind = Expression::Kind::call;
    made.function = Function::now;
    made.type = Type::timestamptz;
    return made;
  }
  throw not_modelled(location(body), refused_expression(kind, body));
}

Expression Binder::constant_of(const Object& body) {
  Expression made;
  if (flag_of(body, "isnull")) {
    made.constant = Value::null();
    return made;
  }
  if (const Json* whole = member(body, "ival")) {
    std::int64_t number = number_of(whole->as_object(), "ival");
    if (number == 0) {
      number = missing_number(parsed_, location(body));
    }
    made.constant =
        Value::of(language_ == Language::pgbench ? Type::bigint : Type::integer, number);
  } else if (const Json* decimal = member(body, "fval")) {
    const std::string text = text_of(decimal->as_object(), "fval");
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw not_modelled(location(body), "the number " + text + " (type numeric)");
    }
    const bool fits = number >= INT32_MIN && number <= INT32_MAX;
    made.constant =
        Value::of(fits && language_ == Language::sql ? Type::integer : Type::bigint, number);
  } else if (const Json* truth = member(body, "boolval")) {
    made.constant = Value::boolean(flag_of(truth->as_object(), "boolval"));
  } else if (const Json* quoted = member(body, "sval")) {
    if (language_ == Language::pgbench) {
      throw problem(location(body), "pgbench's expressions know no text; compare it in SQL");
    }
    made.constant = Value::of(Type::unknown, text_of(quoted->as_object(), "sval"));
  } else {
    throw not_modelled(location(body), "this constant");
  }
  made.type = made.constant.type;
  return made;
}

Expression Binder::parameter(const Object& body) {
  Expression made;
  made.kind = Expression::Kind::parameter;
  const auto number = static_cast<std::size_t>(number_of(body, "number"));
  if (number == 0 || number > 1'000) {
    throw problem(location(body), "a parameter is written as :name");
  }
  if (language_ == Language::sql && !in_schema_.empty()) {
    throw problem(location(body), "there is no parameter in a " + in_schema_);
  }
  made.index = static_cast<std::uint16_t>(number - 1);
  if (parameters_.size() < number) {
    parameters_.resize(number);
  }
  parameter_at_.emplace(number - 1, location(body));
  made.type = language_ == Language::pgbench ? Type::bigint : parameters_[number - 1];
  return made;
}

Expression Binder::column(const Object& body) {
  const std::vector<std::string> names = names_of(list_of(body, "fields"));
  const std::string& name = names.back();
  if (language_ == Language::pgbench) {
    throw problem(
        location(body),
        "pgbench's expressions know no columns; a variable is written as :" + joined(names));
  }
  if (name == "*") {
    throw not_modelled(location(body), "* here");
  }
  std::vector<std::string> there;
  for (std::size_t depth = 0; depth < levels_.size(); ++depth) {
    const Level& level = levels_[levels_.size() - 1 - depth];
    std::optional<Expression> found;
    for (std::size_t i = 0; i < level.sources.size(); ++i) {
      if (names.size() > 1 && level.sources[i].name != names[names.size() - 2]) {
        continue;
      }
      const std::vector<NamedColumn>& columns = level.sources[i].columns;
      for (std::size_t j = 0; j < columns.size(); ++j) {
        there.push_back(columns[j].name);
        if (columns[j].name != name || (columns[j].merged && names.size() == 1)) {
          continue;
        }
        if (found) {
          throw problem(location(body), "column reference \"" + name + "\" is ambiguous");
        }
        if (!found) {
          found.emplace();
          found->kind = Expression::Kind::column;
          found->depth = static_cast<std::uint16_t>(depth);
          found->source = static_cast<std::uint16_t>(i);
          found->index = static_cast<std::uint16_t>(j);
          found->type = columns[j].type;
        }
      }
    }
    if (found) {
      for (std::size_t i = 0; i < depth; ++i) {
        levels_[levels_.size() - 1 - i].reaches_out = true;
      }
      return *found;
    }
  }
  const std::string near = nearest(name, there);
  throw problem(location(body), "column \"" + joined(names) + "\" does not exist" +
                                    (near.empty() ? "" : "; did you mean " + near + '?'));
}

// What has no type yet, a parameter or a quoted constant, takes that of its place.
void Binder::take_type(Expression& expression, Type type, std::size_t at) {
  if (expression.type == type || type == Type::unknown || language_ == Language::pgbench) {
    return;
  }
  if (expression.type == Type::unknown) {
    if (expression.kind == Expression::Kind::parameter) {
      parameters_[expression.index] = type;
    } else if (expression.kind == Expression::Kind::constant) {
      const sql::Cast cast = sql::cast_value(expression.constant, type);
      if (cast.error.failed()) {
        throw problem(at, cast.message);
      }
      expression.constant = cast.value;
    } else {
      for (std::size_t i = 0; i < expression.arguments.size(); ++i) {
        const bool is_condition = expression.kind == Expression::Kind::choice && i % 2 == 0 &&
                                  i + 1 < expression.arguments.size();
        if (!is_condition) {
          take_type(expression.arguments[i], type, at);
        }
      }
    }
    expression.type = type;
    return;
  }
  const bool widens =
      sql::is_number(expression.type) && sql::is_number(type) && expression.type < type;
  if (!widens) {
    throw problem(at, "a value of type " + sql::name_of(type) + " is wanted here, not of type " +
                          sql::name_of(expression.type));
  }
}

// One type for all of them.
void Binder::agree(const std::vector<Expression*>& expressions, std::size_t at,
                   const std::string& what) {
  Type type = Type::unknown;
  for (const Expression* one : expressions) {
    if (one->type == Type::unknown) {
      continue;
    }
    const bool both_numbers = sql::is_number(type) && sql::is_number(one->type);
    if (type != Type::unknown && type != one->type && !both_numbers) {
      throw problem(at, what + " types " + sql::name_of(type) + " and " + sql::name_of(one->type) +
                            " cannot be matched");
    }
    type = both_numbers ? std::max(type, one->type) : one->type;
  }
  if (type == Type::unknown) {
    type = Type::text;
  }
  for (Expression* one : expressions) {
    if (one->type == Type::unknown) {
      take_type(*one, type, at);
    }
  }
}

Expression Binder::logic(const Object& body) {
  const std::string op = text_of(body, "boolop");
  std::vector<Expression> arguments;
  for (const Json& one : list_of(body, "args")) {
    arguments.push_back(boolean(one, op == "AND_EXPR" ? "AND" : op == "OR_EXPR" ? "OR" : "NOT"));
  }
  return boolean_of(op == "AND_EXPR"  ? Expression::Kind::both
                    : op == "OR_EXPR" ? Expression::Kind::either
                                      : Expression::Kind::negation,
                    std::move(arguments));
}

Expression Binder::choice(const Object& body) {
  Expression made;
  made.kind = Expression::Kind::choice;
  const Json* subject = member(body, "arg");
  for (const Json& when : list_of(body, "args")) {
    const Object& one = body_of(when);
    made.arguments.push_back(subject == nullptr
                                 ? boolean(one.at("expr"), "CASE/WHEN")
                                 : of_both("=", *subject, one.at("expr"), location(one)));
    made.arguments.push_back(expression(one.at("result")));
  }
  if (const Json* otherwise = member(body, "defresult")) {
    made.arguments.push_back(expression(*otherwise));
  }
  std::vector<Expression*> results;
  for (std::size_t i = 0; i < made.arguments.size(); ++i) {
    if (i % 2 == 1 || i + 1 == made.arguments.size()) {
      results.push_back(&made.arguments[i]);
    }
  }
  agree(results, location(body), "CASE");
  for (const Expression* result : results) {
    made.type = std::max(made.type, result->type);
  }
  return made;
}

// COALESCE, GREATEST, LEAST.
Expression Binder::extreme(const Object& body) {
  Expression made;
  const std::string op = text_of(body, "op");
  made.kind = op.empty() ? Expression::Kind::coalesce : Expression::Kind::call;
  made.function = op == "IS_GREATEST" ? Function::greatest : Function::least;
  std::vector<Expression*> all;
  for (const Json& one : list_of(body, "args")) {
    made.arguments.push_back(expression(one));
  }
  for (Expression& one : made.arguments) {
    all.push_back(&one);
  }
  agree(all, location(body), op.empty() ? "COALESCE" : "GREATEST and LEAST");
  for (const Expression& one : made.arguments) {
    made.type = std::max(made.type, one.type);
  }
  return made;
}

}  // namespace racelab::parse
