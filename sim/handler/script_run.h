// A handler that runs a script: an answer goes in, a statement or a reply comes out. A value: whoever drives it (exploration, the
// one-at-a-time rule, a server) may copy it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/handler/script.h"
#include "sim/store/server.h"

namespace racelab {

/// What a client is answered.
struct ScriptReply {
  std::int64_t status = 200;
  sql::Values values;  // of Script::reply
  std::vector<std::vector<sql::Values>>
      rows;                 // of Script::rows; sorted, where they have no order of their own
  sql::SqlState error;      // that ended the script
  std::string server_code;  // the database's own name of it; empty: it has none
  std::string message;      // in words

  [[nodiscard]] bool ok() const { return status >= 200 && status < 400; }
};

struct ScriptRules {
  std::optional<sql::Isolation> isolation;  // nothing: autocommit
  std::uint32_t tries_max = 3;
  std::optional<std::uint64_t> seed{};  // what random() is drawn from; nothing: it is refused

  /// What a session begins with.
  [[nodiscard]] sql::Isolation standard() const {
    return isolation.value_or(sql::Isolation::read_committed);
  }
};

class ScriptRun {
 public:
  /// The script must outlive this. `given`: by VariableId, those that are set at the start; the others are not there yet.
  ScriptRun(const Script& script, const ScriptRules& rules,
            std::vector<std::optional<sql::Value>> given);

  /// Up to its first statement.
  void start(sql::Server& server, sql::SessionId session);

  [[nodiscard]] const Script& script() const { return *script_; }
  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] const ScriptReply& reply() const { return reply_; }
  /// How often the script was begun.
  [[nodiscard]] std::uint32_t tries() const { return tries_; }
  /// How many statements it has sent, in all tries.
  [[nodiscard]] std::uint32_t sent() const { return sent_; }

  /// Sends the next statement, with what goes before it. Expects that it has not finished and does not wait. Without `hears` the
  /// session is lost before the answer, and the script does not go on.
  sql::Server::Progress send(sql::Server& server, bool hears = true);
  /// Takes the answer of a statement that waited.
  void completed(sql::Server& server);

  /// What it sends next or waits for, for people: with values in their places; empty: nothing.
  [[nodiscard]] std::string pending_text() const;
  /// The same of the statements before it (BEGIN).
  [[nodiscard]] std::vector<std::string> before_text() const;

  /// What each statement found locked that asked without waiting.
  [[nodiscard]] const std::vector<std::vector<sql::FoundLocked>>& found_locked() const {
    return found_locked_;
  }
  /// What they are to find locked besides.
  void pretend(std::vector<std::vector<sql::FoundLocked>> found) { pretend_ = std::move(found); }

  /// Its line in the script; 0: nothing, or a COMMIT or ROLLBACK that the script does not write.
  [[nodiscard]] std::uint32_t pending_line() const;

  /// Whether what it sends next changes rows, or may.
  [[nodiscard]] bool pending_changes() const;
  /// What of its last statement's answer, and so perhaps of the script's, hangs on an order of rows that SQL does not promise, in
  /// words; empty: nothing does. And the statement's line.
  [[nodiscard]] std::string_view open_order() const { return open_order_; }
  [[nodiscard]] std::uint32_t last_line() const { return last_line_; }
  /// What its last statement was answered, and whether that answers rows or counts them (COMMIT does not).
  [[nodiscard]] const sql::Result& last() const { return last_; }
  [[nodiscard]] bool last_counts() const { return last_counts_; }

  [[nodiscard]] bool left_open() const { return left_open_; }
  void describe(std::vector<std::uint64_t>& words) const;

 private:
  enum class Pending : std::uint8_t { none, instruction, commit, rollback };

  void restart(sql::Server& server);
  void advance(sql::Server& server);
  void step_over(const Instruction& instruction);
  void end(sql::Server& server);
  void finish();
  void take_answer(sql::Server& server);
  void note_open_order(const sql::Result& result);
  void settle_answer(sql::Server& server, const Instruction& instruction,
                     const sql::Result& result);
  void capture(const Instruction& instruction, const sql::Result& result);
  void fail(sql::Server& server, const sql::SqlState& error, const std::string& message,
            const std::string& server_code = "");
  void set(VariableId variable, sql::Value value) { variables_[variable] = std::move(value); }
  std::optional<sql::Values> parameters_of(const Instruction& instruction, std::string& problem,
                                           sql::SqlState& error) const;
  [[nodiscard]] const sql::Statement& pending_statement() const;

  const Script* script_;
  ScriptRules rules_;
  std::vector<std::optional<sql::Value>> given_;
  std::vector<std::optional<sql::Value>> variables_;
  sql::SessionId session_ = sql::nobody;
  std::size_t at_ = 0;               // the instruction after the pending one
  std::vector<std::size_t> before_;  // instructions that go with the pending one
  std::size_t instruction_ = 0;      // the pending one
  Pending pending_ = Pending::none;
  bool finished_ = false;
  bool failed_ = false;         // in the middle of an advance
  bool wrote_ = false;          // the open transaction has
  bool done_for_good_ = false;  // a write was committed, or another system was called
  bool left_open_ = false;      // it ended inside its own transaction
  std::uint32_t tries_ = 0;
  std::uint32_t sent_ = 0;
  std::uint32_t drawn_ = 0;  // random numbers
  ScriptReply reply_;
  sql::Result last_;
  bool last_counts_ = false;
  std::string_view open_order_;
  std::uint32_t last_line_ = 0;
  sql::SqlState problem_;
  std::string problem_message_;
  std::vector<std::vector<sql::FoundLocked>> found_locked_;
  std::vector<std::vector<sql::FoundLocked>> pretend_;
};

}  // namespace racelab
