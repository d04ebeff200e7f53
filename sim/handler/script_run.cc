// Runs the instructions of a script, statement by statement.
#include "sim/handler/script_run.h"

#include <algorithm>
#include <functional>

#include "sim/kernel/expect.h"
#include "sim/kernel/random.h"
#include "sim/sql/evaluate.h"

namespace racelab {

namespace {

using sql::Type;
using sql::Value;

const sql::Statement& word(sql::Statement::Kind kind) {
  static const sql::Statement commit = [] {
    sql::Statement made;
    made.kind = sql::Statement::Kind::commit;
    made.text = "commit";
    return made;
  }();
  static const sql::Statement rollback = [] {
    sql::Statement made;
    made.kind = sql::Statement::Kind::rollback;
    made.text = "rollback";
    return made;
  }();
  return kind == sql::Statement::Kind::commit ? commit : rollback;
}

const sql::Statement& begin() {
  static const sql::Statement made = [] {
    sql::Statement it;
    it.kind = sql::Statement::Kind::begin;
    it.text = "begin";
    return it;
  }();
  return made;
}

// BEGIN, SAVEPOINT and RELEASE touch nothing that others see: they go with the statement after them.
bool goes_with_next(const sql::Statement& statement) {
  return statement.kind == sql::Statement::Kind::begin ||
         statement.kind == sql::Statement::Kind::savepoint ||
         statement.kind == sql::Statement::Kind::release;
}

// pgbench's expressions: numbers, booleans, NULL.
class PgbenchExpression final : public sql::Evaluation {
 public:
  /// `draw`: answers 64 random bits; empty: random() is refused. Both must outlive this.
  PgbenchExpression(const sql::Values& parameters, const std::function<std::uint64_t()>& draw)
      : Evaluation(parameters), draw_(draw) {}

 protected:
  std::vector<sql::Values> rows_of(const sql::Select& /*select*/,
                                   const sql::Scope& /*scope*/) override {
    return {};
  }
  Value call(const sql::Expression& expression, const sql::Values& arguments) override {
    if (!draw_) {
      fail(sql::state::object_not_in_state, "random() has no place in exploration");
      return Value::null(expression.type);
    }
    const Value& low = arguments.front();
    const Value& high = arguments.back();
    if (low.is_null || high.is_null || low.number > high.number) {
      fail(sql::state::object_not_in_state, "empty range given to random");
      return Value::null(expression.type);
    }
    const std::uint64_t span = static_cast<std::uint64_t>(high.number) -
                               static_cast<std::uint64_t>(low.number);  // one less than there are
    const std::uint64_t bits = draw_();
    const std::uint64_t off = span == UINT64_MAX ? bits : bits % (span + 1);
    return Value::bigint(static_cast<std::int64_t>(static_cast<std::uint64_t>(low.number) + off));
  }

 private:
  const std::function<std::uint64_t()>& draw_;
};

// What a client is answered after an error that nobody caught.
std::int64_t status_of(const sql::SqlState& error) {
  if (error == sql::state::unique_violation) {
    return 409;
  }
  if (error == sql::state::not_null_violation || error == sql::state::foreign_key_violation ||
      error == sql::state::check_violation || error.kind() == "22") {
    return 422;
  }
  const bool later = error == sql::state::serialization_failure ||
                     error == sql::state::deadlock_detected ||
                     error == sql::state::lock_not_available;
  return later ? 503 : 500;
}

}  // namespace

ScriptRun::ScriptRun(const Script& script, const ScriptRules& rules,
                     std::vector<std::optional<Value>> given)
    : script_(&script), rules_(rules), given_(std::move(given)) {
  given_.resize(script.variables.size());
}

void ScriptRun::start(sql::Server& server, sql::SessionId session) {
  session_ = session;
  restart(server);
}

void ScriptRun::restart(sql::Server& server) {
  ++tries_;
  variables_ = given_;
  variables_[Script::status] = Value::bigint(200);
  reply_ = {};
  reply_.rows.resize(script_->rows.size());
  at_ = 0;
  wrote_ = false;
  found_locked_.clear();
  advance(server);
}

const sql::Statement& ScriptRun::pending_statement() const {
  switch (pending_) {
    case Pending::commit:
      return word(sql::Statement::Kind::commit);
    case Pending::rollback:
      return word(sql::Statement::Kind::rollback);
    default:
      return script_->instructions[instruction_].statement;
  }
}

// The values of an instruction's variables, as its statement wants them.
std::optional<sql::Values> ScriptRun::parameters_of(const Instruction& instruction,
                                                    std::string& problem,
                                                    sql::SqlState& error) const {
  sql::Values values;
  for (std::size_t i = 0; i < instruction.parameters.size(); ++i) {
    std::optional<Value> variable = variables_[instruction.parameters[i]];
    if (!variable && instruction.unset_is_null) {
      variable = Value::null();
    }
    if (!variable) {
      problem =
          "the variable :" + script_->variables[instruction.parameters[i]] + " has no value yet";
      error = sql::state::object_not_in_state;
      return std::nullopt;
    }
    const bool is_statement = instruction.kind == Instruction::Kind::send;
    const bool is_text = variable->type == Type::text || variable->type == Type::unknown;
    const Type wanted = is_statement ? instruction.statement.parameters[i]
                        : is_text    ? Type::bigint
                                     : variable->type;
    sql::Cast cast = sql::cast_value(*variable, wanted);
    if (cast.error.failed()) {
      problem = cast.message;
      error = cast.error;
      return std::nullopt;
    }
    values.push_back(std::move(cast.value));
  }
  return values;
}

void ScriptRun::step_over(const Instruction& instruction) {
  if (instruction.kind == Instruction::Kind::jump) {
    at_ = instruction.target;
    return;
  }
  std::optional<sql::Values> parameters = parameters_of(instruction, problem_message_, problem_);
  if (!parameters) {
    failed_ = true;
    return;
  }
  std::function<std::uint64_t()> draw;
  if (rules_.seed) {
    const auto number = [this](VariableId given) {
      return static_cast<std::uint32_t>(variables_[given]->number);
    };
    draw = [this, number] {
      return Random(*rules_.seed)
          .bits({number(Script::client_id), number(Script::operation),
                 static_cast<std::uint16_t>(number(Script::attempt)), Purpose::script, drawn_++});
    };
  }
  PgbenchExpression evaluation(*parameters, draw);
  Value value = evaluation.value(instruction.expression, sql::Scope{});
  if (!evaluation.running()) {
    failed_ = true;
    problem_ = evaluation.error();
    problem_message_ = evaluation.message();
    return;
  }
  if (instruction.kind == Instruction::Kind::set) {
    set(instruction.variable, std::move(value));
    ++at_;
  } else {
    at_ = value.is_true() ? at_ + 1 : instruction.target;
  }
}

// Goes on to the next statement that is a step, or to the end.
void ScriptRun::advance(sql::Server& server) {
  before_.clear();
  pending_ = Pending::none;
  const std::vector<Instruction>& instructions = script_->instructions;
  while (at_ < instructions.size()) {
    const Instruction& instruction = instructions[at_];
    if (instruction.kind != Instruction::Kind::send) {
      step_over(instruction);
      if (failed_) {
        failed_ = false;
        fail(server, problem_, problem_message_);
        return;
      }
      continue;
    }
    instruction_ = at_++;
    if (!goes_with_next(instruction.statement)) {
      pending_ = Pending::instruction;
      return;
    }
    before_.push_back(instruction_);
  }
  if (!before_.empty()) {  // nothing comes after them: the last one is a step by itself
    before_.pop_back();
    pending_ = Pending::instruction;
    return;
  }
  end(server);
}

void ScriptRun::end(sql::Server& server) {
  const Value& status = *variables_[Script::status];
  reply_.status = is_status(status) ? status.number : 500;
  for (const VariableId variable : script_->reply) {
    reply_.values.push_back(variables_[variable].value_or(Value::null()));
  }
  if (server.in_transaction(session_)) {
    if (!script_->begins) {
      const bool keeps = reply_.status >= 200 && reply_.status < 300;
      pending_ = keeps ? Pending::commit : Pending::rollback;
      return;
    }
    left_open_ = true;
    server.execute(session_, word(sql::Statement::Kind::rollback), {});
  }
  finish();
}

void ScriptRun::finish() {
  pending_ = Pending::none;
  finished_ = true;
}

void ScriptRun::fail(sql::Server& server, const sql::SqlState& error, const std::string& message,
                     const std::string& server_code) {
  if (server.in_transaction(session_)) {
    server.execute(session_, word(sql::Statement::Kind::rollback), {});
  }
  const auto& again = script_->retry_on;
  if (std::find(again.begin(), again.end(), error) != again.end() && tries_ < rules_.tries_max &&
      !done_for_good_) {
    restart(server);
    return;
  }
  reply_ = {};
  reply_.status = status_of(error);
  reply_.values.resize(script_->reply.size());
  reply_.rows.resize(script_->rows.size());
  reply_.error = error;
  reply_.server_code = server_code;
  reply_.message = message;
  finish();
}

sql::Server::Progress ScriptRun::send(sql::Server& server, bool hears) {
  RACELAB_EXPECT(!finished_ && pending_ != Pending::none);
  ++sent_;
  const bool of_script = pending_ == Pending::instruction;
  const Instruction& instruction = script_->instructions[instruction_];
  if (!script_->begins && rules_.isolation && !server.in_transaction(session_)) {
    server.execute(session_, begin(), {});
  }
  for (const std::size_t other : before_) {
    const Instruction& it = script_->instructions[other];
    server.execute(session_, it.statement, {});
    if (server.result(session_).error.failed()) {
      last_ = server.result(session_);
      if (hears) {
        fail(server, sql::SqlState(last_.error), std::string(last_.message),
             std::string(last_.server_code));
      }
      return sql::Server::Progress::done;
    }
  }
  before_.clear();
  sql::Values parameters;
  if (of_script) {
    std::string problem;
    sql::SqlState error;
    std::optional<sql::Values> found = parameters_of(instruction, problem, error);
    if (!found) {
      last_ = {};
      last_.error = error;
      last_.message = problem;
      fail(server, error, problem);
      return sql::Server::Progress::done;
    }
    parameters = std::move(*found);
    if (!instruction.outside.empty()) {
      // Another system: a connection of its own, at once, for good.
      const sql::SessionId line = session_ + 1;
      server.connect(line, sql::Isolation::read_committed);
      if (server.execute(line, instruction.statement, std::move(parameters)) ==
          sql::Server::Progress::
              waiting) {  // for an advisory lock: nobody waits for another system
        server.end_wait(line, sql::state::lock_not_available);
      }
      last_ = server.result(line);
      last_counts_ = true;
      server.disconnect(line);
      done_for_good_ = true;
      if (hears) {
        settle_answer(server, instruction, sql::Result(last_));
      }
      return sql::Server::Progress::done;
    }
  }
  const sql::Statement& statement = pending_statement();
  const std::vector<sql::FoundLocked>* pretend = nullptr;
  if (asks_without_waiting(statement) && found_locked_.size() < pretend_.size()) {
    pretend = &pretend_[found_locked_.size()];
  }
  if (server.execute(session_, statement, std::move(parameters), pretend) ==
      sql::Server::Progress::waiting) {
    return sql::Server::Progress::waiting;
  }
  if (hears) {
    take_answer(server);
  } else {
    last_ = server.result(session_);
    last_counts_ = statement.kind < sql::Statement::Kind::begin;
    if (asks_without_waiting(statement)) {
      found_locked_.push_back(last_.found_locked);
    }
  }
  return sql::Server::Progress::done;
}

void ScriptRun::completed(sql::Server& server) { take_answer(server); }

void ScriptRun::take_answer(sql::Server& server) {
  const sql::Result result = server.result(session_);
  const sql::Statement& statement = pending_statement();
  last_ = result;
  last_counts_ = statement.kind < sql::Statement::Kind::begin;
  if (asks_without_waiting(statement)) {
    found_locked_.push_back(result.found_locked);
  }
  note_open_order(result);
  wrote_ = wrote_ || (!result.error.failed() && result.changed > 0);
  if (!server.in_transaction(session_)) {
    const bool kept = !result.error.failed() && !result.rolled_back &&
                      statement.kind != sql::Statement::Kind::rollback;
    done_for_good_ = done_for_good_ || (kept && wrote_);
    wrote_ = false;
  }
  if (pending_ != Pending::instruction) {
    if (result.error.failed()) {
      fail(server, result.error, result.message, result.server_code);
    } else {
      finish();
    }
    return;
  }
  settle_answer(server, script_->instructions[instruction_], result);
}

void ScriptRun::note_open_order(const sql::Result& result) {
  open_order_ = "";
  if (pending_ != Pending::instruction) {
    return;
  }
  const Instruction& instruction = script_->instructions[instruction_];
  last_line_ = instruction.line;
  const bool several = result.rows.size() > 1 && (result.open & sql::order_open::their_order) != 0;
  if ((result.open & sql::order_open::which_rows) != 0) {
    open_order_ = "takes some of several rows that no ORDER BY tells apart";
  } else if (several && instruction.capture == Instruction::Capture::last) {
    open_order_ = "takes the last of several rows that no ORDER BY tells apart";
  } else if (several && instruction.rows && instruction.rows_ordered) {
    open_order_ = "answers rows that its ORDER BY does not tell apart";
  } else if ((result.open & sql::order_open::of_locks) != 0) {
    open_order_ = "locks several rows in an order that SQL does not promise";
  }
}

// What the script makes of it: an error is caught or ends it, rows become variables.
void ScriptRun::settle_answer(sql::Server& server, const Instruction& instruction,
                              const sql::Result& result) {
  bool caught = false;
  for (const Instruction::Catch& it : instruction.catches) {
    const bool this_one = result.error.failed() && it.error == result.error;
    caught = caught || this_one;
    set(it.variable, Value::bigint(this_one ? 1 : 0));
  }
  if (result.error.failed() && !caught) {
    fail(server, result.error, result.message, result.server_code);
    return;
  }
  if (!caught) {
    capture(instruction, result);
    if (failed_) {
      failed_ = false;
      fail(server, problem_, problem_message_);
      return;
    }
  }
  advance(server);
}

void ScriptRun::capture(const Instruction& instruction, const sql::Result& result) {
  if (instruction.rows) {
    std::vector<sql::Values>& rows = reply_.rows[*instruction.rows];
    rows = result.rows;
    if (!instruction.rows_ordered) {
      std::sort(rows.begin(), rows.end(), [](const sql::Values& a, const sql::Values& b) {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                            sql::printed_before);
      });
    }
  }
  if (instruction.capture == Instruction::Capture::none) {
    return;
  }
  if (instruction.capture == Instruction::Capture::one && result.rows.size() != 1) {
    failed_ = true;
    problem_ = sql::state::object_not_in_state;
    problem_message_ =
        "\\gset wants exactly one row, and there are " + std::to_string(result.rows.size());
    return;
  }
  if (!result.rows.empty()) {
    for (std::size_t i = 0; i < instruction.captured.size(); ++i) {
      set(instruction.captured[i], result.rows.back()[i]);
    }
  }
}

}  // namespace racelab
