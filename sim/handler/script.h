// An endpoint in SQL, compiled: what a handler does for one call, as a list of instructions. Data only; script_run.h runs it.
//
// The language is pgbench's (https://www.postgresql.org/docs/15/pgbench.html, "Custom Scripts") with directives in comments; see
// docs/sql.md. Steps are statements sent: BEGIN, SAVEPOINT and RELEASE go with the statement after them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/sql/expression.h"
#include "sim/sql/sqlstate.h"

namespace racelab {

/// A variable of a script, by its place in Script::variables.
using VariableId = std::uint16_t;

struct Instruction {
  enum class Kind : std::uint8_t {
    send,         // a statement
    set,          // variable = expression
    jump,         // to target
    jump_unless,  // expression
  };
  /// What becomes of a statement's rows.
  enum class Capture : std::uint8_t {
    none,
    one,   // \gset: exactly one row, or the script fails
    last,  // \aset: the last row, if there is any
  };
  struct Catch {
    sql::SqlState error;
    VariableId variable = 0;
  };

  Kind kind = Kind::send;
  std::uint32_t line = 0;
  sql::Statement statement;            // send
  std::vector<VariableId> parameters;  // of the statement, or of the expression
  Capture capture = Capture::none;     // send
  std::vector<VariableId> captured;    // by column
  std::optional<std::uint16_t>
      rows;                    // send: its rows go into the answer, under this name of Script::rows
  bool rows_ordered = false;   // they have an order of their own (ORDER BY)
  std::vector<Catch> catches;  // send
  sql::Expression expression;  // set, jump_unless
  VariableId variable = 0;     // set
  std::size_t target = 0;      // jump, jump_unless
  std::string outside;         // send: the other system that is called; empty: the database
  bool unset_is_null = false;  // send: a variable without a value is NULL, as in an answer
};

struct Script {
  std::string name;
  std::string file;
  std::string protection;              // that was added to it; empty: none
  std::vector<std::string> about;      // the comment that opens it
  std::vector<std::string> variables;  // by VariableId; the first ones are given (see `given`)
  std::vector<Instruction> instructions;
  std::vector<VariableId> reply;  // besides :status
  std::vector<std::string> rows;  // names of `-- rows:`
  std::vector<sql::SqlState> retry_on;
  std::vector<std::int64_t> refusals;  // statuses that mean: nothing was done, ask me later
  bool begins = false;                 // it has a BEGIN: its transactions are its own
  bool writes = false;                 // some statement changes something, or may
  bool draws = false;                  // random() in \set

  /// As a fleet names it.
  [[nodiscard]] std::string full_name() const {
    return protection.empty() ? name : name + '+' + protection;
  }

  /// A hazard that the script says it withstands, from an isolation level on.
  struct Withstood {
    std::string hazard;
    sql::Isolation from = sql::Isolation::read_committed;
  };
  std::vector<Withstood> withstands;

  /// Variables that every script starts with, in this order; then the scenario's parameters.
  enum Given : VariableId { client_id, operation, attempt, key, status, given_variables };
};

/// Whether a value can be a status: a number from 100 to 599.
inline bool is_status(const sql::Value& value) {
  return !value.is_null && sql::is_number(value.type) && value.number >= 100 && value.number <= 599;
}

}  // namespace racelab
