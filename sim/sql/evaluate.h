// What an expression gives, with rows and parameters in their places. Three-valued logic, overflow and division by zero as
// PostgreSQL has them.
#pragma once

#include <span>

#include "sim/sql/expression.h"
#include "sim/sql/sqlstate.h"

namespace racelab::sql {

/// The rows that columns are read from: one for each table of a select, nullptr for one that a left join did not find.
struct Scope {
  const Scope* outer = nullptr;
  std::vector<const Values*> rows;
  const Values* aggregates = nullptr;
};

/// What an expression asks of the database. Answers count only while `stopped` is `no`.
class Evaluation {
 public:
  explicit Evaluation(const Values& parameters) : parameters_(parameters) {}
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;
  virtual ~Evaluation() = default;

  /// NULL when it stops.
  Value value(const Expression& expression, const Scope& scope);
  /// False also when it stops.
  bool holds(const std::optional<Expression>& condition, const Scope& scope) {
    return !condition || value(*condition, scope).is_true();
  }

  enum class Stopped : std::uint8_t { no, failed, waits };
  [[nodiscard]] Stopped stopped() const { return stopped_; }
  [[nodiscard]] bool running() const { return stopped_ == Stopped::no; }
  [[nodiscard]] const SqlState& error() const { return error_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  void fail(const SqlState& error, const std::string& message) {
    stopped_ = Stopped::failed;
    error_ = error;
    message_ = message;
  }
  void wait() { stopped_ = Stopped::waits; }

 protected:
  /// The rows of a sub-select.
  virtual std::vector<Values> rows_of(const Select& select, const Scope& scope) = 0;
  /// A function that needs more than its arguments.
  virtual Value call(const Expression& expression, const Values& arguments) = 0;

 private:
  Value operation(const Expression& expression, const Scope& scope);
  Value arithmetic(const Expression& expression, const Value& a, const Value& b);
  Value logic(const Expression& expression, const Scope& scope);
  Value cast(const Value& value, Type type);
  Value function(const Expression& expression, const Scope& scope);
  Value in_list(const Expression& expression, const Scope& scope);
  Value scalar(const Expression& expression, const Scope& scope);

  const Values& parameters_;
  Stopped stopped_ = Stopped::no;
  SqlState error_;
  std::string message_;
};

/// Whether a row with these values of an ORDER BY comes before another; false when they are equal in it.
bool comes_before(const Values& a, const Values& b, const std::vector<Ordering>& order);

/// Values of one type as another, where PostgreSQL casts them; the error when the value does not fit.
struct Cast {
  Value value;
  SqlState error;
  std::string message;
};
Cast cast_value(const Value& value, Type type);

}  // namespace racelab::sql
