// Operators: which one a sign is, of what types, and what IN, BETWEEN, LIKE and comparisons of rows stand for.
#include <algorithm>
#include <array>

#include "sim/parse/binder.h"

namespace racelab::parse {

using sql::Expression;
using sql::Function;
using sql::Operator;
using sql::Type;

namespace {

struct NamedOperator {
  const char* name;
  Operator op;
};
constexpr std::array<NamedOperator, 13> operators{{{"+", Operator::add},
                                                   {"-", Operator::subtract},
                                                   {"*", Operator::multiply},
                                                   {"/", Operator::divide},
                                                   {"%", Operator::remainder},
                                                   {"||", Operator::concat},
                                                   {"=", Operator::equal},
                                                   {"<>", Operator::not_equal},
                                                   {"!=", Operator::not_equal},
                                                   {"<", Operator::less},
                                                   {"<=", Operator::less_equal},
                                                   {">", Operator::greater},
                                                   {">=", Operator::greater_equal}}};

bool compares(Operator op) { return op >= Operator::equal && op <= Operator::not_distinct; }

Expression lower_of(Expression text) {
  Expression made;
  made.kind = Expression::Kind::call;
  made.function = Function::lower;
  made.type = Type::text;
  made.arguments = {std::move(text)};
  return made;
}

// The values of (a, b); nullptr: it is no row.
const boost::json::array* row_of(const Json& node) {
  return kind_of(node) == "RowExpr" ? &list_of(body_of(node), "args") : nullptr;
}

}  // namespace

Expression Binder::operation(const Object& body) {
  const std::string kind = text_of(body, "kind");
  const std::size_t at = location(body);
  if (kind == "AEXPR_IN") {
    return in(body);
  }
  if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_NOT_BETWEEN") {
    return between(body);
  }
  if (kind == "AEXPR_NULLIF") {
    Expression made;
    made.kind = Expression::Kind::call;
    made.function = Function::nullif;
    made.arguments = {expression(body.at("lexpr")), expression(body.at("rexpr"))};
    agree({&made.arguments[0], &made.arguments[1]}, at, "NULLIF");
    made.type = made.arguments[0].type;
    return made;
  }
  const std::string name = joined(names_of(list_of(body, "name")));
  if (kind == "AEXPR_OP_ANY" || kind == "AEXPR_OP_ALL") {
    return any_of_array(body);
  }
  if (kind == "AEXPR_DISTINCT" || kind == "AEXPR_NOT_DISTINCT") {
    Expression made = of_both("=", body.at("lexpr"), body.at("rexpr"), at);
    made.op = kind == "AEXPR_DISTINCT" ? Operator::distinct : Operator::not_distinct;
    return made;
  }
  if (kind == "AEXPR_LIKE" || kind == "AEXPR_ILIKE") {
    Expression a = expression(body.at("lexpr"));
    Expression b = expression(body.at("rexpr"));
    for (Expression* side : {&a, &b}) {
      if (side->type == Type::unknown) {
        take_type(*side, Type::text, at);
      }
    }
    if (a.type != Type::text || b.type != Type::text) {
      throw problem(at, "operator does not exist: " + sql::name_of(a.type) + ' ' + name + ' ' +
                            sql::name_of(b.type));
    }
    if (kind == "AEXPR_ILIKE") {
      a = lower_of(std::move(a));
      b = lower_of(std::move(b));
    }
    Expression made = boolean_of(Expression::Kind::operation, {std::move(a), std::move(b)});
    made.op = name.front() == '!' ? Operator::not_like : Operator::like;
    return made;
  }
  if (kind != "AEXPR_OP") {
    throw not_modelled(at, kind == "AEXPR_SIMILAR" ? "SIMILAR TO (LIKE is)"
                           : kind.find("SYM") != std::string::npos
                               ? "BETWEEN SYMMETRIC (BETWEEN is)"
                               : "this operation (" + kind + ')');
  }
  if (member(body, "lexpr") == nullptr) {
    Expression operand = expression(body.at("rexpr"));
    if (name == "+" && sql::is_number(operand.type)) {
      return operand;
    }
    if (name != "-" || (!sql::is_number(operand.type) && operand.type != Type::interval)) {
      throw problem(at, "operator does not exist: " + name + ' ' + sql::name_of(operand.type));
    }
    Expression made;
    made.kind = Expression::Kind::operation;
    made.op = Operator::negate;
    made.type = operand.type;
    made.arguments = {std::move(operand)};
    return made;
  }
  return of_both(name, body.at("lexpr"), body.at("rexpr"), at);
}

// The left side first: which order arguments are evaluated in is up to the compiler, and parameters take their types in turn.
Expression Binder::of_both(const std::string& name, const Json& left, const Json& right,
                           std::size_t at) {
  const boost::json::array* a_row = row_of(left);
  const boost::json::array* b_row = row_of(right);
  if (a_row != nullptr && b_row != nullptr) {
    return rows_compared(name, *a_row, *b_row, at);
  }
  Expression a = expression(left);
  Expression b = expression(right);
  return binary(name, std::move(a), std::move(b), at);
}

Expression Binder::binary(const std::string& name, Expression a, Expression b, std::size_t at) {
  // NOLINTNEXTLINE(readability-qualified-auto): a pointer in libstdc++, not in libc++
  const auto found = std::find_if(operators.begin(), operators.end(),
                                  [&name](const NamedOperator& it) { return name == it.name; });
  if (found == operators.end()) {
    throw not_modelled(at, "the operator " + name);
  }
  if (!compares(found->op) && found->op != Operator::concat) {
    return arithmetic(found->op, name, std::move(a), std::move(b), at);
  }
  Expression made;
  made.kind = Expression::Kind::operation;
  made.op = found->op;
  made.type = compares(found->op) ? Type::boolean : Type::text;
  if (compares(found->op)) {
    const bool both_numbers = sql::is_number(a.type) && sql::is_number(b.type);
    if (a.type != Type::unknown && b.type != Type::unknown && a.type != b.type && !both_numbers &&
        language_ == Language::sql) {
      throw problem(at, "operator does not exist: " + sql::name_of(a.type) + ' ' + name + ' ' +
                            sql::name_of(b.type));
    }
    agree({&a, &b}, at, "operator");
  } else {
    for (Expression* side : {&a, &b}) {
      if (side->type == Type::unknown) {
        take_type(*side, Type::text, at);
      }
    }
    if (a.type != Type::text && b.type != Type::text) {
      throw problem(
          at, "operator does not exist: " + sql::name_of(a.type) + " || " + sql::name_of(b.type));
    }
  }
  made.arguments = {std::move(a), std::move(b)};
  return made;
}

Expression Binder::arithmetic(Operator op, const std::string& name, Expression a, Expression b,
                              std::size_t at) {
  if (language_ == Language::sql && a.type == Type::unknown && b.type == Type::unknown) {
    throw problem(
        at, "operator is not unique: unknown " + name + " unknown; write a type: (:name)::integer");
  }
  const auto is_time = [](Type type) { return type == Type::timestamptz; };
  const auto is_span = [](Type type) { return type == Type::interval; };
  // A quoted constant is taken for the type of the other side, except beside a point in time, to which only intervals are added.
  for (Expression* side : {&a, &b}) {
    const Type other = side == &a ? b.type : a.type;
    if (side->type == Type::unknown) {
      take_type(*side, is_time(other) && op == Operator::add ? Type::interval : other, at);
    }
  }
  Type type = Type::unknown;
  if (sql::is_number(a.type) && sql::is_number(b.type)) {
    type = std::max(a.type, b.type);
  } else if ((op == Operator::subtract && is_time(a.type) && is_time(b.type)) ||
             (is_span(a.type) && sql::is_number(b.type) &&
              (op == Operator::multiply || op == Operator::divide)) ||
             (is_span(b.type) && sql::is_number(a.type) && op == Operator::multiply)) {
    type = Type::interval;
  } else if (is_span(b.type) && (is_time(a.type) || is_span(a.type)) &&
             (op == Operator::add || op == Operator::subtract)) {
    type = a.type;
  } else if (op == Operator::add && is_span(a.type) && is_time(b.type)) {
    type = b.type;
  }
  if (language_ == Language::pgbench) {
    type = Type::bigint;
  }
  if (type == Type::unknown) {
    throw problem(at, "operator does not exist: " + sql::name_of(a.type) + ' ' + name + ' ' +
                          sql::name_of(b.type));
  }
  Expression made;
  made.kind = Expression::Kind::operation;
  made.op = op;
  made.type = type;
  made.arguments = {std::move(a), std::move(b)};
  return made;
}

// Row by row, from the left: what comes first decides unless it is the same.
Expression Binder::rows_compared(const std::string& name, const boost::json::array& left,
                                 const boost::json::array& right, std::size_t at) {
  if (left.size() != right.size() || left.empty()) {
    throw problem(at, "unequal number of entries in row expressions");
  }
  const bool equal = name == "=";
  const bool unequal = name == "<>" || name == "!=";
  if (equal || unequal) {
    std::vector<Expression> parts;
    for (std::size_t i = 0; i < left.size(); ++i) {
      parts.push_back(of_both(name, left[i], right[i], at));
    }
    return boolean_of(equal ? Expression::Kind::both : Expression::Kind::either, std::move(parts));
  }
  if (name != "<" && name != "<=" && name != ">" && name != ">=") {
    throw not_modelled(at, "the operator " + name + " of two rows");
  }
  const std::string strictly = name.substr(0, 1);
  Expression made = of_both(name, left[left.size() - 1], right[left.size() - 1], at);
  for (std::size_t i = left.size() - 1; i-- > 0;) {
    Expression same = of_both("=", left[i], right[i], at);
    Expression first = of_both(strictly, left[i], right[i], at);
    made = boolean_of(
        Expression::Kind::either,
        {std::move(first), boolean_of(Expression::Kind::both, {std::move(same), std::move(made)})});
  }
  return made;
}

// x = ANY (ARRAY[…]), x <> ALL (ARRAY[…]) and such.
Expression Binder::any_of_array(const Object& body) {
  const std::string name = joined(names_of(list_of(body, "name")));
  const std::size_t at = location(body);
  const Json* array = &body.at("rexpr");
  if (kind_of(*array) == "TypeCast") {
    array = &body_of(*array).at("arg");
  }
  if (kind_of(*array) != "A_ArrayExpr") {
    throw not_modelled(at, "an array as one value (ANY (ARRAY[:a, :b]) is, and IN (:a, :b))");
  }
  std::vector<Expression> parts;
  for (const Json& one : list_of(body_of(*array), "elements")) {
    parts.push_back(of_both(name, body.at("lexpr"), one, at));
  }
  if (parts.empty()) {
    throw not_modelled(at, "an empty array");
  }
  return boolean_of(
      text_of(body, "kind") == "AEXPR_OP_ANY" ? Expression::Kind::either : Expression::Kind::both,
      std::move(parts));
}

// (a, b) IN ((1, 2), (3, 4)).
Expression Binder::in_rows(const Object& body) {
  std::vector<Expression> parts;
  for (const Json& one : list_of(body_of(body.at("rexpr")), "items")) {
    if (row_of(one) == nullptr) {
      throw problem(place_in(one), "a row of values is wanted here, as on the left");
    }
    parts.push_back(of_both("=", body.at("lexpr"), one, location(body)));
  }
  const bool negated = joined(names_of(list_of(body, "name"))) == "<>";
  Expression made = boolean_of(Expression::Kind::either, std::move(parts));
  return negated ? boolean_of(Expression::Kind::negation, {std::move(made)}) : made;
}

Expression Binder::in(const Object& body) {
  if (row_of(body.at("lexpr")) != nullptr) {
    return in_rows(body);
  }
  Expression made = boolean_of(Expression::Kind::in_list, {expression(body.at("lexpr"))});
  for (const Json& one : list_of(body_of(body.at("rexpr")), "items")) {
    made.arguments.push_back(expression(one));
  }
  std::vector<Expression*> all;
  for (Expression& one : made.arguments) {
    all.push_back(&one);
  }
  agree(all, location(body), "IN");
  const bool negated = joined(names_of(list_of(body, "name"))) == "<>";
  return negated ? boolean_of(Expression::Kind::negation, {std::move(made)}) : made;
}

Expression Binder::between(const Object& body) {
  const auto& bounds = list_of(body_of(body.at("rexpr")), "items");
  const std::size_t at = location(body);
  Expression inside =
      boolean_of(Expression::Kind::both, {of_both(">=", body.at("lexpr"), bounds.at(0), at),
                                          of_both("<=", body.at("lexpr"), bounds.at(1), at)});
  return text_of(body, "kind") == "AEXPR_BETWEEN"
             ? inside
             : boolean_of(Expression::Kind::negation, {std::move(inside)});
}

}  // namespace racelab::parse
