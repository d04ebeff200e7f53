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

/// Limits of racelab's own, so that no statement takes all time or memory: 54000. PostgreSQL's are wider (a text of 1 GB).
constexpr std::size_t text_bytes_max = 1'048'576;
constexpr std::size_t rows_max = 10'000;  // of a table, old versions included
constexpr std::uint64_t work_max =
    1'000'000;  // of a statement: rows looked at, and text that is made or copied
constexpr std::size_t bytes_per_work = 16;

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
  /// Counts what the statement has done, and ends it when that is too much.
  void spend(std::uint64_t work) {
    work_ += work;
    if (work_ > work_max && running()) {
      fail(state::limit_exceeded, "the statement looks at too many rows (racelab's own limit)");
    }
  }

 protected:
  /// The rows of a sub-select.
  virtual std::vector<Values> rows_of(const Select& select, const Scope& scope) = 0;
  /// A function that needs more than its arguments.
  virtual Value call(const Expression& expression, const Values& arguments) = 0;

 private:
  Value operation(const Expression& expression, const Scope& scope);
  Value concat(const Value& a, const Value& b);
  Value like(const Expression& expression, const Value& a, const Value& b);
  Value interval_arithmetic(const Expression& expression, const Value& a, const Value& b);
  Value arithmetic(const Expression& expression, const Value& a, const Value& b);
  Value logic(const Expression& expression, const Scope& scope);
  Value cast(const Value& value, Type type);
  Value function(const Expression& expression, const Scope& scope);
  Value in_list(const Expression& expression, const Scope& scope);
  Value in_select(const Expression& expression, const Scope& scope);
  Value scalar(const Expression& expression, const Scope& scope);

  const Values& parameters_;
  std::uint64_t work_ = 0;
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
