// A run in words: for people, and for the names of states.
#include "sim/handler/script_run.h"

namespace racelab {

std::string ScriptRun::pending_text() const {
  if (pending_ != Pending::instruction) {
    return pending_ == Pending::none ? "" : pending_statement().text;
  }
  std::string problem;
  sql::SqlState error;
  const Instruction& instruction = script_->instructions[instruction_];
  const auto parameters = parameters_of(instruction, problem, error);
  return sql::with_values(instruction.statement, parameters.value_or(sql::Values{}));
}

std::uint32_t ScriptRun::pending_line() const {
  return pending_ == Pending::instruction ? script_->instructions[instruction_].line : 0;
}

bool ScriptRun::pending_changes() const {
  return pending_ == Pending::instruction && pending_statement().changes_rows();
}

std::vector<std::string> ScriptRun::before_text() const {
  std::vector<std::string> texts;
  for (const std::size_t it : before_) {
    texts.push_back(script_->instructions[it].statement.text);
  }
  return texts;
}

void ScriptRun::describe(std::vector<std::uint64_t>& words) const {
  words.push_back((std::uint64_t{at_} << 32U) | (std::uint64_t{instruction_} << 8U) |
                  (static_cast<std::uint64_t>(pending_) << 4U) | (finished_ ? 1U : 0U) |
                  (wrote_ ? 2U : 0U) | (done_for_good_ ? 4U : 0U) | (left_open_ ? 8U : 0U));
  words.push_back((std::uint64_t{tries_} << 32U) | sent_);
  words.push_back(before_.size());
  for (const std::optional<sql::Value>& variable : variables_) {
    words.push_back(variable ? 1 : 0);
    if (variable) {
      sql::describe(*variable, words);
    }
  }
  for (const auto& rows : reply_.rows) {
    words.push_back(rows.size());
    for (const sql::Values& row : rows) {
      sql::describe(row, words);
    }
  }
  for (const auto& found : found_locked_) {
    words.push_back(found.size());
    for (const sql::FoundLocked& it : found) {
      words.push_back(it.table);
      sql::describe(it.key, words);
    }
  }
}

}  // namespace racelab
