// What is added to a script is written in SQL and read by the same parser.
#include "sim/parse/idempotency_key.h"

#include <algorithm>
#include <optional>

#include "sim/parse/binder.h"

namespace racelab::parse {

namespace {

using Kind = sql::Statement::Kind;

// How far a path through the script has come with its transaction: bits, since several paths can lead to one instruction.
constexpr std::uint8_t before_it = 1;
constexpr std::uint8_t inside = 2;
constexpr std::uint8_t after_it = 4;

bool ends(const Instruction& it) {
  return it.kind == Instruction::Kind::send &&
         (it.statement.kind == Kind::commit || it.statement.kind == Kind::rollback);
}

bool begins(const Instruction& it) {
  return it.kind == Instruction::Kind::send && it.statement.kind == Kind::begin;
}

// By instruction: what a path can have come to before it. Jumps lead forward only.
std::vector<std::uint8_t> ways_to(const Script& script) {
  std::vector<std::uint8_t> ways(script.instructions.size() + 1);
  ways.front() = script.begins ? before_it : inside;
  for (std::size_t i = 0; i < script.instructions.size(); ++i) {
    const Instruction& it = script.instructions[i];
    std::uint8_t then = ways[i];
    if (begins(it)) {
      then = inside;
    } else if (ends(it)) {
      then = static_cast<std::uint8_t>((then & ~inside) | ((then & inside) != 0 ? after_it : 0));
    }
    if (it.kind == Instruction::Kind::jump || it.kind == Instruction::Kind::jump_unless) {
      ways[it.target] |= then;
    }
    if (it.kind != Instruction::Kind::jump) {
      ways[i + 1] |= then;
    }
  }
  return ways;
}

// "buy.sql:3: ".
std::string at_line(const Script& script, const Instruction& it) {
  return script.file + ':' + std::to_string(it.line) + ": ";
}

// What is saved besides the status and under the key.
std::vector<VariableId> saved_with(const Script& script) {
  std::vector<VariableId> saved;
  for (const VariableId reply : script.reply) {
    if (reply != Script::status && reply != Script::key) {
      saved.push_back(reply);
    }
  }
  return saved;
}

// Builds the instructions that are added.
class Writer {
 public:
  Writer(const sql::Schema& schema, std::uint32_t line) : schema_(schema), line_(line) {}

  Instruction sent(const std::string& text, std::vector<VariableId> parameters) const {
    Instruction made = plain(Instruction::Kind::send);
    const Source source{"", text};
    Binder binder(schema_, source);
    made.statement = binder.statement(parse_sql(text).front(), text);
    made.statement.line = line_;
    made.parameters = std::move(parameters);
    return made;
  }
  Instruction nothing_yet(VariableId variable) const {
    Instruction made = plain(Instruction::Kind::set);
    made.expression.type = sql::Type::boolean;
    made.expression.constant = sql::Value::null(sql::Type::boolean);
    made.variable = variable;
    return made;
  }
  /// Of \if: `text` is an expression of $1, $2, …
  Instruction unless(const std::string& text, std::vector<VariableId> parameters) const {
    Instruction made = plain(Instruction::Kind::jump_unless);
    const Source source{"", "select " + text};
    const ParsedStatement parsed = parse_sql(source.text).front();
    Binder binder(
        schema_, source, source.text, [](std::size_t at) { return at; }, Language::pgbench);
    made.expression = binder.constant(
        body_of(list_of(body_of(parsed.tree), "targetList").front()).at("val"), sql::Type::unknown);
    made.parameters = std::move(parameters);
    return made;
  }
  Instruction jump() const { return plain(Instruction::Kind::jump); }

 private:
  Instruction plain(Instruction::Kind kind) const {
    Instruction made;
    made.kind = kind;
    made.line = line_;
    return made;
  }

  const sql::Schema& schema_;
  std::uint32_t line_;
};

class Protected {
 public:
  Protected(const Script& bare, const sql::Schema& schema) : bare_(bare), schema_(schema) {}

  Script made() {
    script_ = bare_;
    script_.protection = idempotency_key;
    script_.instructions.clear();
    is_new_ = add_variable("key is new");
    failed_ = add_variable("key is lost");
    if (key_covers(bare_)) {
      for (const char* hazard : {"repeat", "overlap", "crash"}) {
        script_.withstands.push_back({hazard, sql::Isolation::read_committed});
      }
    }
    if (!bare_.begins) {
      add(Writer(schema_, 1).sent("begin", {}));
      take_key(1);
    }
    const std::vector<std::uint8_t> ways = ways_to(bare_);
    for (std::size_t i = 0; i < bare_.instructions.size(); ++i) {
      const Instruction& it = bare_.instructions[i];
      starts_.push_back(script_.instructions.size());
      if (ends(it) && it.statement.kind == Kind::commit && (ways[i] & inside) != 0) {
        save_reply(it.line);
      }
      if (it.kind == Instruction::Kind::jump || it.kind == Instruction::Kind::jump_unless) {
        jumps_.push_back(script_.instructions.size());
      }
      add(it);
      if (begins(it)) {
        take_key(it.line);
      }
    }
    starts_.push_back(script_.instructions.size());
    if (!bare_.begins) {
      end_transaction();
    }
    for (const std::size_t jump : jumps_) {
      script_.instructions[jump].target = starts_[script_.instructions[jump].target];
    }
    for (const std::size_t jump : to_end_) {
      script_.instructions[jump].target = script_.instructions.size();
    }
    script_.begins = true;
    script_.writes = true;
    return std::move(script_);
  }

 private:
  VariableId add_variable(const std::string& name) {
    script_.variables.push_back(name);
    return static_cast<VariableId>(script_.variables.size() - 1);
  }
  void add(Instruction it) { script_.instructions.push_back(std::move(it)); }

  // Inserts the key; if it is there, answers what was saved with it.
  void take_key(std::uint32_t line) {
    const Writer writer(schema_, line);
    add(writer.nothing_yet(is_new_));
    Instruction insert = writer.sent(
        "insert into racelab.idempotency_key (key) values ($1) on conflict do nothing "
        "returning true as is_new",
        {Script::key});
    insert.capture = Instruction::Capture::last;
    insert.captured = {is_new_};
    add(std::move(insert));
    const std::size_t question = script_.instructions.size();
    add(writer.unless("$1 is null", {is_new_}));
    std::string columns = "status";
    std::vector<VariableId> captured{Script::status};
    for (const VariableId reply : saved_with(bare_)) {
      columns += ", \"" + bare_.variables[reply] + '"';
      captured.push_back(reply);
    }
    Instruction saved = writer.sent(
        "select " + columns + " from racelab.idempotency_key where key = $1", {Script::key});
    saved.capture = Instruction::Capture::one;
    saved.captured = std::move(captured);
    add(std::move(saved));
    add(writer.sent("commit", {}));
    to_end_.push_back(script_.instructions.size());
    add(writer.jump());
    script_.instructions[question].target = script_.instructions.size();
  }

  // A transaction that has failed saves nothing: its COMMIT is answered ROLLBACK, with the key or without.
  void save_reply(std::uint32_t line) {
    std::string text = "update racelab.idempotency_key set status = $1";
    std::vector<VariableId> parameters{Script::status};
    for (const VariableId reply : saved_with(bare_)) {
      parameters.push_back(reply);
      text += ", \"" + bare_.variables[reply] + "\" = $" + std::to_string(parameters.size());
    }
    parameters.push_back(Script::key);
    Instruction save =
        Writer(schema_, line)
            .sent(text + " where key = $" + std::to_string(parameters.size()), parameters);
    save.catches = {{sql::state::failed_transaction, failed_}};
    save.unset_is_null = true;
    add(std::move(save));
  }

  // What the handler does otherwise.
  void end_transaction() {
    const std::uint32_t line = bare_.instructions.back().line;
    const Writer writer(schema_, line);
    const std::size_t question = script_.instructions.size();
    add(writer.unless("$1 >= 200 and $2 < 300", {Script::status, Script::status}));
    save_reply(line);
    add(writer.sent("commit", {}));
    to_end_.push_back(script_.instructions.size());
    add(writer.jump());
    script_.instructions[question].target = script_.instructions.size();
    add(writer.sent("rollback", {}));
  }

  const Script& bare_;
  const sql::Schema& schema_;
  Script script_;
  VariableId is_new_ = 0;
  VariableId failed_ = 0;
  std::vector<std::size_t> starts_;  // by instruction of the bare script: where it begins now
  std::vector<std::size_t> jumps_;   // of the bare script
  std::vector<std::size_t> to_end_;
};

}  // namespace

sql::Type type_in_answer(const Script& script, VariableId variable) {
  std::optional<sql::Type> type;
  const auto meet = [&type](sql::Type other) {
    if (other == sql::Type::unknown || other == type) {
      return;
    }
    const bool numbers = type && sql::is_number(*type) && sql::is_number(other);
    type = !type ? other : numbers ? sql::Type::bigint : sql::Type::nothing;
  };
  for (const Instruction& it : script.instructions) {
    for (std::size_t i = 0; i < it.captured.size(); ++i) {
      if (it.captured[i] == variable) {
        meet(it.statement.answers()[i].expression.type);
      }
    }
    if (it.kind == Instruction::Kind::set && it.variable == variable) {
      meet(it.expression.type);
    }
    for (const Instruction::Catch& caught : it.catches) {
      if (caught.variable == variable) {
        meet(sql::Type::bigint);
      }
    }
  }
  return type.value_or(sql::Type::unknown);
}

std::string problem_with_key(const Script& script) {
  const std::string who = "'" + script.name + "' cannot have an idempotency key: ";
  if (!script.rows.empty()) {
    return who + "it answers rows (-- rows: " + script.rows.front() +
           "), and what is saved with a key is the status and what stands in -- reply:";
  }
  const std::vector<std::uint8_t> ways = ways_to(script);
  for (std::size_t i = 0; i < script.instructions.size(); ++i) {
    const Instruction& it = script.instructions[i];
    if (!script.begins && ends(it)) {
      return at_line(script, it) + who +
             "it ends the transaction that its handler began; give it a begin of its own";
    }
    if (begins(it) && (ways[i] & (inside | after_it)) != 0) {
      return at_line(script, it) + who +
             "a path through it comes to a second BEGIN here, and key, change and reply belong "
             "into one transaction";
    }
  }
  for (const VariableId reply : script.reply) {
    if (type_in_answer(script, reply) == sql::Type::nothing) {
      return who + ":" + script.variables[reply] + " is answered now as one type, now as another";
    }
  }
  return "";
}

bool key_covers(const Script& script) {
  const std::vector<std::uint8_t> ways = ways_to(script);
  const auto is_answered = [&script](VariableId variable) {
    return variable == Script::status ||
           std::find(script.reply.begin(), script.reply.end(), variable) != script.reply.end();
  };
  for (std::size_t i = 0; i < script.instructions.size(); ++i) {
    const Instruction& it = script.instructions[i];
    const bool changes = it.kind == Instruction::Kind::send && it.statement.changes_rows();
    const bool answers = (it.kind == Instruction::Kind::set && is_answered(it.variable)) ||
                         std::any_of(it.captured.begin(), it.captured.end(), is_answered);
    if (!it.outside.empty() || (changes && (ways[i] & ~inside) != 0) ||
        (answers && (ways[i] & after_it) != 0 && (ways[i] & inside) == 0)) {
      return false;
    }
  }
  return true;
}

sql::Table key_table(const std::vector<const Script*>& scripts,
                     const std::map<std::string, sql::Type>& given) {
  sql::Table table;
  table.schema = "racelab";
  table.name = "idempotency_key";
  table.bookkeeping = true;
  const auto add = [&table](const std::string& name, sql::Type type) {
    sql::Column column;
    column.name = name;
    column.type = type;
    table.columns.push_back(std::move(column));
  };
  add("key", sql::Type::text);
  add("status", sql::Type::bigint);
  table.columns.front().not_null = true;
  table.keys.push_back({"idempotency_key_pkey", {0}, std::nullopt, true});
  for (const Script* script : scripts) {
    for (const VariableId reply : saved_with(*script)) {
      const std::string& name = script->variables[reply];
      const auto other = given.find(name);
      sql::Type type = type_in_answer(*script, reply);
      if (type == sql::Type::unknown) {
        type = other == given.end() ? sql::Type::text : other->second;
      }
      const auto known = std::find_if(table.columns.begin(), table.columns.end(),
                                      [&name](const sql::Column& it) { return it.name == name; });
      if (known == table.columns.end()) {
        add(name, type);
      } else if (sql::is_number(known->type) && sql::is_number(type)) {
        known->type = std::max(known->type, type);
      } else if (known->type != type) {
        throw Problem("the endpoints of this fleet answer :" + name +
                      " as different types, and one table keeps what is saved with their "
                      "idempotency keys");
      }
    }
  }
  return table;
}

Script with_idempotency_key(const Script& script, const sql::Schema& schema) {
  return Protected(script, schema).made();
}

}  // namespace racelab::parse
