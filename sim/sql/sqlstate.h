// Why a statement failed, by PostgreSQL's SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace racelab::sql {

/// Five letters and digits; "00000": success.
class SqlState {
 public:
  constexpr SqlState() = default;
  constexpr SqlState(const char* code) {  // NOLINT: codes are written as strings
    for (int i = 0; i < 5; ++i) {
      code_[i] = code[i];
    }
  }
  [[nodiscard]] constexpr std::string_view code() const { return {code_, 5}; }
  [[nodiscard]] constexpr bool failed() const { return *this != SqlState(); }
  /// The first two: "23" is an integrity constraint violation.
  [[nodiscard]] constexpr std::string_view kind() const { return {code_, 2}; }
  friend constexpr bool operator==(const SqlState& a, const SqlState& b) {
    return a.code() == b.code();
  }
  friend constexpr bool operator!=(const SqlState& a, const SqlState& b) { return !(a == b); }

 private:
  char code_[5] = {'0', '0', '0', '0', '0'};
};

namespace state {
inline constexpr SqlState not_modelled = "0A000";
inline constexpr SqlState cardinality_violation = "21000";
inline constexpr SqlState too_long = "22001";
inline constexpr SqlState out_of_range = "22003";
inline constexpr SqlState division_by_zero = "22012";
inline constexpr SqlState invalid_escape = "22025";
inline constexpr SqlState invalid_text = "22P02";
inline constexpr SqlState not_null_violation = "23502";
inline constexpr SqlState foreign_key_violation = "23503";
inline constexpr SqlState unique_violation = "23505";
inline constexpr SqlState check_violation = "23514";
inline constexpr SqlState active_transaction = "25001";
inline constexpr SqlState no_active_transaction = "25P01";
inline constexpr SqlState failed_transaction = "25P02";
inline constexpr SqlState no_such_savepoint = "3B001";
inline constexpr SqlState serialization_failure = "40001";
inline constexpr SqlState deadlock_detected = "40P01";
inline constexpr SqlState limit_exceeded = "54000";
inline constexpr SqlState object_not_in_state = "55000";
inline constexpr SqlState lock_not_available = "55P03";
}  // namespace state

}  // namespace racelab::sql
