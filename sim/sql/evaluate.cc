// Values of expressions, as PostgreSQL 15 computes them.
#include "sim/sql/evaluate.h"

#include "sim/sql/interval.h"
#include "sim/sql/like.h"
#include "sim/sql/utf8.h"

namespace racelab::sql {

namespace {

std::string out_of_range(Type type) { return name_of(type) + " out of range"; }

std::int64_t letters_in(const std::string& text) {
  std::int64_t letters = 0;
  for (const char c : text) {
    letters += begins_letter(c) ? 1 : 0;
  }
  return letters;
}

// Digits, with a sign: a number, however large.
bool is_whole(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    text.remove_prefix(1);
  }
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string in_case(const std::string& text, bool upper) {
  std::string changed = text;
  for (char& c : changed) {
    if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c ^ 0x20);
    }
  }
  return changed;
}

// "1 month", "2 years", "1 mon".
bool names_months(std::string_view text) {
  const std::string lower = in_case(std::string(text), false);
  return lower.find("mon") != std::string::npos || lower.find("year") != std::string::npos ||
         lower.find("yr") != std::string::npos;
}

}  // namespace

bool comes_before(const Values& a, const Values& b, const std::vector<Ordering>& order) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (a[i].is_null != b[i].is_null) {
      return a[i].is_null == order[i].nulls_first;
    }
    const int sign = a[i].is_null ? 0 : compare(a[i], b[i]);
    if (sign != 0) {
      return order[i].descending ? sign > 0 : sign < 0;
    }
  }
  return false;
}

Cast cast_value(const Value& value, Type type) {
  if (value.is_null) {
    return {Value::null(type), {}, ""};
  }
  if (value.type == type) {
    return {value, {}, ""};
  }
  if (value.type == Type::text || value.type == Type::unknown) {
    if (std::optional<Value> read = from_text(type, value.text)) {
      read->generator = value.generator;
      return {*read, {}, ""};
    }
    if (type == Type::interval && names_months(value.text)) {
      return {Value::null(type), state::not_modelled,
              "months and years are not modelled in an interval: \"" + value.text +
                  "\" (days are; racelab's own limit)"};
    }
    if (is_number(type) && is_whole(value.text)) {
      return {Value::null(type), state::out_of_range,
              "value \"" + value.text + "\" is out of range for type " + name_of(type)};
    }
    return {Value::null(type), state::invalid_text,
            "invalid input syntax for type " + name_of(type) + ": \"" + value.text + '"'};
  }
  if (type == Type::text || type == Type::unknown) {
    Value text = Value::of(type, to_text(value));
    text.generator = value.generator;
    return {text, {}, ""};
  }
  if (type == Type::boolean && value.type == Type::integer) {
    return {Value::boolean(value.number != 0), {}, ""};
  }
  if (!fits(type, value.number)) {
    return {Value::null(type), state::out_of_range, out_of_range(type)};
  }
  Value changed = value;
  changed.type = type;
  return {changed, {}, ""};
}

Value Evaluation::cast(const Value& value, Type type) {
  Cast done = cast_value(value, type);
  if (done.error.failed()) {
    fail(done.error, done.message);
  }
  return done.value;
}

Value Evaluation::value(const Expression& expression, const Scope& scope) {
  if (!running()) {
    return Value::null(expression.type);
  }
  switch (expression.kind) {
    case Expression::Kind::constant:
      return expression.constant;
    case Expression::Kind::parameter:
      return parameters_[expression.index];
    case Expression::Kind::column: {
      const Scope* at = &scope;
      for (std::uint16_t i = 0; i < expression.depth; ++i) {
        at = at->outer;
      }
      const Values* row = at->rows[expression.source];
      return row == nullptr ? Value::null(expression.type) : (*row)[expression.index];
    }
    case Expression::Kind::aggregate:
      return (*scope.aggregates)[expression.index];
    case Expression::Kind::operation:
      return operation(expression, scope);
    case Expression::Kind::cast: {
      Value done = cast(value(expression.arguments.front(), scope), expression.type);
      if (expression.letters_max > 0 && !done.is_null) {
        done.text.resize(bytes_of_letters(done.text, expression.letters_max));
      }
      return done;
    }
    case Expression::Kind::coalesce: {
      for (const Expression& argument : expression.arguments) {
        Value one = value(argument, scope);
        if (!one.is_null || !running()) {
          return one;
        }
      }
      return Value::null(expression.type);
    }
    case Expression::Kind::choice: {
      std::size_t i = 0;
      for (; i + 1 < expression.arguments.size(); i += 2) {
        if (value(expression.arguments[i], scope).is_true()) {
          return value(expression.arguments[i + 1], scope);
        }
      }
      return i < expression.arguments.size() ? value(expression.arguments[i], scope)
                                             : Value::null(expression.type);
    }
    case Expression::Kind::call:
      return function(expression, scope);
    case Expression::Kind::in_list:
      return in_list(expression, scope);
    case Expression::Kind::scalar:
      return scalar(expression, scope);
    case Expression::Kind::exists:
      return Value::boolean(!rows_of(*expression.select, scope).empty());
    case Expression::Kind::in_select:
      return in_select(expression, scope);
    default:
      return logic(expression, scope);
  }
}

Value Evaluation::logic(const Expression& expression, const Scope& scope) {
  Value a = value(expression.arguments.front(), scope);
  switch (expression.kind) {
    case Expression::Kind::negation:
      return a.is_null ? a : Value::boolean(a.number == 0);
    case Expression::Kind::is_null:
      return Value::boolean(a.is_null);
    case Expression::Kind::is_not_null:
      return Value::boolean(!a.is_null);
    case Expression::Kind::is_true:
      return Value::boolean(a.is_true());
    case Expression::Kind::is_not_true:
      return Value::boolean(!a.is_true());
    case Expression::Kind::is_false:
      return Value::boolean(!a.is_null && a.number == 0);
    case Expression::Kind::is_not_false:
      return Value::boolean(a.is_null || a.number != 0);
    default:
      break;
  }
  // AND and OR: what decides alone, decides; else NULL counts as not known.
  const bool decides = expression.kind == Expression::Kind::either;
  bool any_null = a.is_null;
  if (!a.is_null && (a.number != 0) == decides) {
    return a;
  }
  for (std::size_t i = 1; i < expression.arguments.size() && running(); ++i) {
    Value one = value(expression.arguments[i], scope);
    if (!one.is_null && (one.number != 0) == decides) {
      return one;
    }
    any_null = any_null || one.is_null;
  }
  return any_null ? Value::null(Type::boolean) : Value::boolean(!decides);
}

Value Evaluation::operation(const Expression& expression, const Scope& scope) {
  const Value a = value(expression.arguments[0], scope);
  const Value b =
      expression.arguments.size() > 1 ? value(expression.arguments[1], scope) : Value::bigint(0);
  if (!running()) {
    return Value::null(expression.type);
  }
  if (expression.op == Operator::distinct || expression.op == Operator::not_distinct) {
    const bool same = a.is_null || b.is_null ? a.is_null && b.is_null : compare(a, b) == 0;
    return Value::boolean(same == (expression.op == Operator::not_distinct));
  }
  if (a.is_null || b.is_null) {
    return Value::null(expression.type);
  }
  switch (expression.op) {
    case Operator::equal:
      return Value::boolean(compare(a, b) == 0);
    case Operator::not_equal:
      return Value::boolean(compare(a, b) != 0);
    case Operator::less:
      return Value::boolean(compare(a, b) < 0);
    case Operator::less_equal:
      return Value::boolean(compare(a, b) <= 0);
    case Operator::greater:
      return Value::boolean(compare(a, b) > 0);
    case Operator::greater_equal:
      return Value::boolean(compare(a, b) >= 0);
    case Operator::concat:
      return concat(a, b);
    case Operator::like:
    case Operator::not_like:
      return like(expression, a, b);
    default:
      return arithmetic(expression, a, b);
  }
}

Value Evaluation::concat(const Value& a, const Value& b) {
  std::string text = to_text(a) + to_text(b);
  if (text.size() > text_bytes_max) {
    fail(state::limit_exceeded, "a text of more than 1,048,576 bytes (racelab's own limit)");
    return Value::null(Type::text);
  }
  spend(text.size() / bytes_per_work);
  return Value::of(Type::text, std::move(text));
}

Value Evaluation::like(const Expression& expression, const Value& a, const Value& b) {
  spend(a.text.size() * b.text.size() / 1'024);
  const Like found = is_like(a.text, b.text);
  if (found == Like::bad_pattern) {
    fail(state::invalid_escape, "LIKE pattern must not end with escape character");
  }
  return Value::boolean((found == Like::yes) == (expression.op == Operator::like));
}

Value Evaluation::arithmetic(const Expression& expression, const Value& a, const Value& b) {
  const bool divides = expression.op == Operator::divide || expression.op == Operator::remainder;
  if (divides && b.number == 0) {
    fail(state::division_by_zero, "division by zero");
    return Value::null(expression.type);
  }
  if (expression.type == Type::interval) {
    return interval_arithmetic(expression, a, b);
  }
  std::int64_t result = 0;
  bool overflow = false;
  switch (expression.op) {
    case Operator::add:
      overflow = __builtin_add_overflow(a.number, b.number, &result);
      break;
    case Operator::subtract:
      overflow = __builtin_sub_overflow(a.number, b.number, &result);
      break;
    case Operator::negate:
      overflow = __builtin_sub_overflow(std::int64_t{0}, a.number, &result);
      break;
    case Operator::multiply:
      overflow = __builtin_mul_overflow(a.number, b.number, &result);
      break;
    case Operator::divide:
      overflow = a.number == INT64_MIN && b.number == -1;
      result = overflow ? 0 : a.number / b.number;
      break;
    default:
      result = b.number == -1 ? 0 : a.number % b.number;
  }
  if (overflow || !fits(expression.type, result)) {
    fail(state::out_of_range, out_of_range(expression.type));
    return Value::null(expression.type);
  }
  return Value::of(expression.type, result);
}

Value Evaluation::interval_arithmetic(const Expression& expression, const Value& a,
                                      const Value& b) {
  std::int64_t days = 0;
  std::int64_t micros = 0;
  bool overflow = false;
  const auto parts = [&](auto&& compute) {
    compute(std::int64_t{a.days}, std::int64_t{b.days}, days);
    compute(micros_besides_days(a), micros_besides_days(b), micros);
  };
  std::optional<Value> made;
  switch (expression.op) {
    case Operator::add:
      parts([&](std::int64_t x, std::int64_t y, std::int64_t& sum) {
        overflow = __builtin_add_overflow(x, y, &sum) || overflow;
      });
      made = make_interval(days, micros);
      break;
    case Operator::negate:
      parts([&](std::int64_t x, std::int64_t /*y*/, std::int64_t& negated) {
        overflow = __builtin_sub_overflow(std::int64_t{0}, x, &negated) || overflow;
      });
      made = make_interval(days, micros);
      break;
    case Operator::subtract:
      if (a.type == Type::timestamptz) {
        made = interval_between(b.number, a.number);
        break;
      }
      parts([&](std::int64_t x, std::int64_t y, std::int64_t& difference) {
        overflow = __builtin_sub_overflow(x, y, &difference) || overflow;
      });
      made = make_interval(days, micros);
      break;
    case Operator::divide:
      made = divided(a, b.number);
      break;
    default: {  // by a number, on either side
      const Value& span = a.type == Type::interval ? a : b;
      const std::int64_t times = a.type == Type::interval ? b.number : a.number;
      overflow = __builtin_mul_overflow(std::int64_t{span.days}, times, &days) ||
                 __builtin_mul_overflow(micros_besides_days(span), times, &micros);
      made = make_interval(days, micros);
    }
  }
  if (overflow || !made) {
    fail("22008", "interval out of range");
    return Value::null(Type::interval);
  }
  return *made;
}

Value Evaluation::function(const Expression& expression, const Scope& scope) {
  Values arguments;
  for (const Expression& argument : expression.arguments) {
    arguments.push_back(value(argument, scope));
  }
  if (!running()) {
    return Value::null(expression.type);
  }
  switch (expression.function) {
    case Function::greatest:
    case Function::least: {
      const int wanted = expression.function == Function::greatest ? 1 : -1;
      Value best = Value::null(expression.type);
      for (const Value& one : arguments) {
        if (!one.is_null && (best.is_null || compare(one, best) == wanted)) {
          best = one;
        }
      }
      return best;
    }
    case Function::nullif: {
      const bool same = !arguments[0].is_null && !arguments[1].is_null &&
                        compare(arguments[0], arguments[1]) == 0;
      return same ? Value::null(expression.type) : arguments[0];
    }
    case Function::absolute:
    case Function::lower:
    case Function::upper:
    case Function::length: {
      const Value& one = arguments.front();
      if (one.is_null) {
        return Value::null(expression.type);
      }
      if (expression.function == Function::length) {
        return Value::of(Type::integer, letters_in(one.text));
      }
      if (expression.function != Function::absolute) {
        return Value::of(Type::text, in_case(one.text, expression.function == Function::upper));
      }
      if (one.number == INT64_MIN ||
          !fits(expression.type, one.number < 0 ? -one.number : one.number)) {
        fail(state::out_of_range, out_of_range(expression.type));
        return Value::null(expression.type);
      }
      return Value::of(expression.type, one.number < 0 ? -one.number : one.number);
    }
    default:
      return call(expression, arguments);
  }
}

Value Evaluation::in_list(const Expression& expression, const Scope& scope) {
  const Value wanted = value(expression.arguments.front(), scope);
  bool any_null = wanted.is_null;
  for (std::size_t i = 1; i < expression.arguments.size() && running(); ++i) {
    const Value one = value(expression.arguments[i], scope);
    if (!one.is_null && !wanted.is_null && compare(one, wanted) == 0) {
      return Value::boolean(true);
    }
    any_null = any_null || one.is_null;
  }
  return any_null ? Value::null(Type::boolean) : Value::boolean(false);
}

// A row that is the same but for what is NULL is neither there nor not there.
Value Evaluation::in_select(const Expression& expression, const Scope& scope) {
  Values wanted;
  for (const Expression& one : expression.arguments) {
    wanted.push_back(value(one, scope));
  }
  bool any_null = false;
  for (const Values& row : rows_of(*expression.select, scope)) {
    bool differs = false;
    bool in_doubt = false;
    for (std::size_t i = 0; i < wanted.size() && !differs; ++i) {
      const bool null = wanted[i].is_null || row[i].is_null;
      in_doubt = in_doubt || null;
      differs = !null && compare(wanted[i], row[i]) != 0;
    }
    if (!differs && !in_doubt) {
      return Value::boolean(true);
    }
    any_null = any_null || !differs;
  }
  return any_null ? Value::null(Type::boolean) : Value::boolean(false);
}

Value Evaluation::scalar(const Expression& expression, const Scope& scope) {
  const std::vector<Values> rows = rows_of(*expression.select, scope);
  if (running() && rows.size() > 1) {
    fail(state::cardinality_violation,
         "more than one row returned by a subquery used as an expression");
  }
  return rows.empty() || !running() ? Value::null(expression.type) : rows.front().front();
}

}  // namespace racelab::sql
