// Statements go through the binder as an endpoint's do; SET is read here, because a session of a spec keeps settings.
#include "sim/parse/spec_for_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/parse/binder.h"
#include "sim/scenario/script_setup.h"

namespace racelab::parse {

namespace {

using Command = SpecCommand;
using Block = IsolationSpec::Block;

// What only a planner, a terminal or a log can tell.
bool changes_no_answer(std::string_view setting) {
  constexpr std::array<std::string_view, 8> names{"client_min_messages",
                                                  "application_name",
                                                  "jit",
                                                  "parallel_setup_cost",
                                                  "min_parallel_table_scan_size",
                                                  "parallel_tuple_cost",
                                                  "plan_cache_mode",
                                                  "max_parallel_workers_per_gather"};
  return setting.starts_with("enable_") ||
         std::find(names.begin(), names.end(), setting) != names.end();
}

// "10ms", "5s", 10 (milliseconds), in microseconds; nothing: it is no time.
std::optional<std::int64_t> time_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 7> units{{{"us", 1},
                                                                            {"ms", 1'000},
                                                                            {"", 1'000},
                                                                            {"s", 1'000'000},
                                                                            {"min", 60'000'000},
                                                                            {"h", 3'600'000'000},
                                                                            {"d", 86'400'000'000}}};
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  for (const auto& [unit, micros] : units) {
    if (text == unit) {
      return number * micros;
    }
  }
  return std::nullopt;
}

std::optional<sql::Isolation> level_of(std::string_view text) {
  return text == "serializable"      ? std::optional(sql::Isolation::serializable)
         : text == "repeatable read" ? std::optional(sql::Isolation::repeatable_read)
         : text == "read committed" || text == "read uncommitted"
             ? std::optional(sql::Isolation::read_committed)
             : std::nullopt;
}

// A constant's text: 10, '10ms', serializable.
std::string constant_text(const Json& node) {
  const Object& body = body_of(node);
  if (const Json* string = member(body, "sval"); string != nullptr && string->is_object()) {
    return text_of(string->as_object(), "sval");
  }
  if (const Json* number = member(body, "ival"); number != nullptr && number->is_object()) {
    return std::to_string(number_of(number->as_object(), "ival"));
  }
  return "";
}

class Compiler {
 public:
  Compiler(const IsolationSpec& spec, const sql::Schema& schema)
      : source_{spec.file, spec.text}, schema_(schema) {}

  std::vector<Command> block(const Block& block) {
    std::vector<Command> made;
    try {
      for (const ParsedStatement& parsed : parse_sql(block.sql)) {
        made.push_back(command(block, parsed));
      }
    } catch (const SyntaxError& error) {
      made.push_back(not_modelled(source_.problem(block.offset + error.offset, error.message)));
    }
    return made;
  }

 private:
  // Without the line that it shows.
  static Command not_modelled(const Problem& problem) {
    Command made;
    made.kind = Command::Kind::not_modelled;
    made.why_not = problem.what();
    made.why_not.resize(std::min(made.why_not.find('\n'), made.why_not.size()));
    return made;
  }

  Command command(const Block& block, ParsedStatement parsed) {
    const std::string_view kind = kind_of(parsed.tree);
    const std::size_t end = parsed.offset + parsed.length;
    parsed.offset = first_token(block.sql, parsed.offset);
    Command made;
    if (kind == "VacuumStmt" || kind == "CheckPointStmt") {
      made.kind = Command::Kind::nothing;
      return made;
    }
    try {
      if (kind == "VariableSetStmt") {
        return setting(block, body_of(parsed.tree), parsed.offset);
      }
      const std::size_t base = block.offset;
      Binder binder(schema_, source_, block.sql, [base](std::size_t at) { return base + at; });
      made.statement =
          binder.statement(parsed, block.sql.substr(parsed.offset, end - parsed.offset));
      made.statement.line = source_.line_of(block.offset + parsed.offset);
      if (!made.statement.parameters.empty()) {
        throw source_.problem(block.offset + parsed.offset, "a step has no parameters");
      }
    } catch (const Problem& problem) {
      return not_modelled(problem);
    }
    return made;
  }

  Command setting(const Block& block, const Object& body, std::size_t at) {
    Command made;
    made.kind = Command::Kind::setting;
    made.local = flag_of(body, "is_local");
    const std::string name = text_of(body, "name");
    const std::string kind = text_of(body, "kind");
    if (kind == "VAR_SET_MULTI" && name == "TRANSACTION") {
      return level(block, body, at);
    }
    made.to_standard = kind == "VAR_RESET" || kind == "VAR_SET_DEFAULT";
    const auto& arguments = list_of(body, "args");
    const std::string text = arguments.empty() ? "" : constant_text(arguments.front());
    if (changes_no_answer(name)) {
      made.kind = Command::Kind::nothing;
    } else if (name == "default_transaction_isolation") {
      made.setting = Command::Setting::default_level;
      const auto found = level_of(text);
      if (!found && !made.to_standard) {
        throw source_.problem(block.offset + at, fmt::format("there is no level '{}'", text));
      }
      made.value = static_cast<std::int64_t>(found.value_or(sql::Isolation::read_committed));
    } else if (name == "deadlock_timeout" || name == "lock_timeout" ||
               name == "statement_timeout") {
      made.setting = name == "deadlock_timeout" ? Command::Setting::deadlock_timeout
                     : name == "lock_timeout"   ? Command::Setting::lock_timeout
                                                : Command::Setting::statement_timeout;
      const auto found = time_of(text);
      if (!found && !made.to_standard) {
        throw source_.problem(block.offset + at, fmt::format("'{}' is no time", text));
      }
      made.value = found.value_or(0);
    } else {
      throw source_.problem(block.offset + at, fmt::format("SET {} is not modelled", name));
    }
    return made;
  }

  // SET TRANSACTION ISOLATION LEVEL is to the store what it is in BEGIN.
  Command level(const Block& block, const Object& body, std::size_t at) {
    Command made;
    made.kind = Command::Kind::level;
    made.statement.kind = sql::Statement::Kind::begin;
    made.statement.text = block.sql;
    for (const Json& option : list_of(body, "args")) {
      const Object& one = body_of(option);
      if (text_of(one, "defname") != "transaction_isolation") {
        throw source_.problem(block.offset + at,
                              "SET TRANSACTION with more than a level is not modelled");
      }
      made.statement.isolation = level_of(constant_text(one.at("arg")));
    }
    return made;
  }

  Source source_;
  const sql::Schema& schema_;
};

// The file with nothing left but its setups, each letter in its place.
Source setups_of(const IsolationSpec& spec) {
  std::string text = spec.text;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c != '\n'; }, ' ');
  for (const Block& block : spec.setups) {
    text.replace(block.offset, block.sql.size(), block.sql);
    const std::size_t brace = spec.text.find('}', block.offset + block.sql.size());
    text[brace] = ';';
  }
  return {spec.file, text};
}

// Runs the setups in a store of their own.
std::shared_ptr<const sql::Database> started(const Source& source, const sql::Schema& schema,
                                             const std::vector<sql::Statement>& statements) {
  auto start = std::make_shared<sql::Database>(schema);
  start->set_clock(script_clock);
  start->connect(0, sql::Isolation::read_committed);
  for (const sql::Statement& statement : statements) {
    start->execute(0, statement, {});
    if (const sql::Result& result = start->result(0); result.error.failed()) {
      throw Problem(fmt::format("{}:{}: the setup fails: {} ({})", source.file, statement.line,
                                result.message, result.error.code()));
    }
  }
  start->disconnect(0);
  start->vacuum();
  start->forget_generators();
  return start;
}

// Of each statement of a session, in its order: "b" begins, "e" ends, "x" does something, "s" only sets.
std::string shape_of(const IsolationSpec& spec, const IsolationSpec::Session& session) {
  std::string shape;
  const auto add = [&shape](const Block& block) {
    try {
      for (const ParsedStatement& parsed : parse_sql(block.sql)) {
        const std::string_view kind = kind_of(parsed.tree);
        if (kind == "VariableSetStmt") {
          continue;
        }
        const std::string word =
            kind == "TransactionStmt" ? text_of(body_of(parsed.tree), "kind") : "";
        const bool begins = word == "TRANS_STMT_BEGIN" || word == "TRANS_STMT_START";
        const bool ends = word == "TRANS_STMT_COMMIT" || word == "TRANS_STMT_ROLLBACK";
        shape += begins ? 'b' : ends ? 'e' : 'x';
      }
    } catch (const SyntaxError&) {
      shape += '?';
    }
  };
  if (session.setup) {
    add(*session.setup);
  }
  for (const std::size_t step : session.steps) {
    add(spec.steps[step].block);
  }
  if (session.teardown && (shape.empty() || shape.back() != 'e')) {
    add(*session.teardown);
  }
  return shape;
}

}  // namespace

SpecForStore compile_for_store(const IsolationSpec& spec) {
  SpecForStore made;
  const Source setups = setups_of(spec);
  auto schema = std::make_shared<sql::Schema>();
  const std::vector<sql::Statement> statements = read_setup(setups, *schema);
  made.schema = schema;
  made.start = started(setups, *schema, statements);
  made.blocks.resize(spec.blocks);
  Compiler compiler(spec, *schema);
  each_block(spec, [&](const Block& block) {
    const bool of_spec =
        (spec.teardown && spec.teardown->number == block.number) ||
        std::any_of(spec.setups.begin(), spec.setups.end(),
                    [&block](const Block& it) { return it.number == block.number; });
    if (!of_spec) {
      made.blocks[block.number] = compiler.block(block);
    }
  });
  return made;
}

std::vector<bool> one_transaction_each(const IsolationSpec& spec) {
  std::vector<bool> each;
  for (const IsolationSpec::Session& session : spec.sessions) {
    const std::string shape = shape_of(spec, session);
    each.push_back(shape.size() >= 2 && shape.front() == 'b' && shape.back() == 'e' &&
                   shape.find_first_not_of('x', 1) == shape.size() - 1);
  }
  return each;
}

}  // namespace racelab::parse
