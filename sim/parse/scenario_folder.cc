// A scenario of SQL files, compiled and checked as a whole.
#include "sim/parse/scenario_folder.h"

#include <algorithm>

#include "sim/parse/lexer.h"
#include "sim/parse/script_file.h"
#include "sim/scenario/options.h"
#include "sim/sql/utf8.h"

namespace racelab::parse {

namespace {

// One `key = value`, from the file or a flag. The problem, when there is one, is a sentence.
std::string apply(ScriptScenario& scenario, Scenario& shared, const std::string& key,
                  const std::string& value) {
  if (key.starts_with("param.")) {
    const std::string name = key.substr(6);
    static const std::vector<std::string> given{"client_id", "operation", "attempt", "key",
                                                "status"};
    if (!is_name(name) || std::find(given.begin(), given.end(), name) != given.end()) {
      return "'" + name + "' is no name for a parameter" +
             (is_name(name) ? ": every script is given that already" : "");
    }
    if (sql::invalid_utf8(value)) {
      return "the value of the parameter '" + name + "' is no text: it is not UTF-8";
    }
    for (auto& [other, text] : scenario.parameters) {
      if (other == name) {
        text = value;
        return "";
      }
    }
    scenario.parameters.emplace_back(name, value);
    return "";
  }
  const auto count_or_time = [&](const char* name, Form form, std::int64_t high,
                                 std::int64_t& into) {
    Option option;
    option.name = name;
    option.form = form;
    option.low = form == Form::duration ? 1 : 0;
    option.high = high;
    const ParsedValue parsed = parse_value(option, value);
    into = parsed.value.value_or(into);
    return parsed.problem;
  };
  if (key == "time-passes.max") {
    std::int64_t number = 0;
    std::string problem = count_or_time("time-passes.max", Form::count, 10, number);
    scenario.time_passes_max = static_cast<std::uint32_t>(number);
    return problem;
  }
  if (key == "time-passes.by") {
    return count_or_time("time-passes.by", Form::duration, 86'400'000'000, scenario.time_passes_by);
  }
  if (key == "deadlock-timeout") {
    return count_or_time("deadlock-timeout", Form::duration, 3'600'000'000,
                         scenario.deadlock_timeout);
  }
  if (key == "strategies") {
    for (const std::string_view one : items_of(value, ' ')) {
      if (!one.empty()) {
        scenario.strategies.emplace_back(one);
      }
    }
    return scenario.strategies.empty() ? "strategies wants names, separated by blanks" : "";
  }
  if (key == "judged-by") {
    scenario.judged_by_checks = value == "checks";
    return value == "checks" || value == "one-at-a-time"
               ? ""
               : "judged-by must be one of checks, one-at-a-time, not '" + value + "'";
  }
  if (key == "outside") {
    return "";  // what it names is checked when the setup is known
  }
  if (key == "isolation" && value == "serializable") {
    scenario.serializable = true;
    return racelab::apply(shared, "isolation", "repeatable-read");
  }
  const std::vector<std::string> known = script_settings();
  if (std::find(known.begin(), known.end(), key) == known.end()) {
    if (find_option(key) != nullptr) {
      return "'" + key + "' shapes nothing in a scenario with endpoints in SQL";
    }
    const std::string near = nearest(key, known);
    return "there is no setting '" + key + "'" +
           (near.empty() ? "; `racelab explore --help` lists them"
                         : "; did you mean '" + near + "'?");
  }
  if (key == "isolation") {
    scenario.serializable = false;
    if (std::string problem = racelab::apply(shared, key, value); !problem.empty()) {
      return "isolation must be one of autocommit, read-committed, repeatable-read, serializable, "
             "not '" +
             value + "'";
    }
    return "";
  }
  scenario.operations_given = scenario.operations_given || key == "operations";
  scenario.clients_given = scenario.clients_given || key == "clients";
  return racelab::apply(shared, key, value);
}

// Notes a setting that was made; a later value takes the place of an earlier one.
void shape(ScriptScenario& scenario, const std::string& key, const std::string& value) {
  const auto known = std::find_if(scenario.shaped.begin(), scenario.shaped.end(),
                                  [&key](const auto& it) { return it.first == key; });
  if (known != scenario.shaped.end()) {
    known->second = value;
  } else {
    scenario.shaped.emplace_back(key, value);
  }
}

class IniReader {
 public:
  IniReader(const Source& source, ScriptScenario& scenario, Scenario& shared, Purpose purpose)
      : source_(source), scenario_(scenario), shared_(shared), purpose_(purpose) {}

  void read() {
    std::size_t at = 0;
    bool opening = true;
    while (at < source_.text.size()) {
      const std::size_t end = std::min(source_.text.find('\n', at), source_.text.size());
      const std::string line(without_blanks(std::string_view(source_.text).substr(at, end - at)));
      if (line.starts_with('#') && opening) {
        scenario_.claim.emplace_back(without_blanks(std::string_view(line).substr(1)));
      } else if (!line.empty() && !line.starts_with('#')) {
        opening = false;
        take(line, at);
      } else if (line.empty()) {
        opening = false;
      }
      at = end + 1;
    }
    for (const auto& [key, value, place] : of_exploration_) {
      set(key, value, place);
    }
  }
  [[nodiscard]] const std::string& outside() const { return outside_; }

 private:
  void take(const std::string& line, std::size_t at) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw source_.problem(at,
                            "a line must be `key = value`, a comment that starts with #, or empty");
    }
    const std::string key(without_blanks(std::string_view(line).substr(0, equals)));
    const std::string value(without_blanks(std::string_view(line).substr(equals + 1)));
    const auto [place, is_new] = lines_.emplace(key, source_.line_of(at));
    if (!is_new && key != "strategies") {
      throw source_.problem(at, "'" + key +
                                    "' stands here for the second time; the first is in line " +
                                    std::to_string(place->second));
    }
    if (!key.starts_with("explore.")) {
      set(key, value, at);
    } else if (purpose_ == Purpose::exploration) {
      of_exploration_.push_back({key.substr(8), value, at});
    } else {  // it must be right all the same
      ScriptScenario scratch;
      Scenario other;
      if (const std::string problem = apply(scratch, other, key.substr(8), value);
          !problem.empty()) {
        throw source_.problem(at, problem);
      }
    }
  }

  void set(const std::string& key, const std::string& value, std::size_t at) {
    if (const std::string problem = apply(scenario_, shared_, key, value); !problem.empty()) {
      throw source_.problem(at, problem);
    }
    if (key == "outside") {
      outside_ = value;
    } else if (key != "strategies" && key != "hazards" && key != "judged-by") {
      shape(scenario_, key, value);
    }
  }

  const Source& source_;
  ScriptScenario& scenario_;
  Scenario& shared_;
  Purpose purpose_;
  struct OfExploration {
    std::string key;
    std::string value;
    std::size_t at = 0;
  };
  std::vector<OfExploration> of_exploration_;
  std::map<std::string, std::uint32_t> lines_;
  std::string outside_;
};

void run_setup(const Source& source, ScriptScenario& scenario) {
  auto schema = std::make_shared<sql::Schema>();
  const std::vector<sql::Statement> statements = read_setup(source, *schema);
  if (std::find(schema->schemas.begin(), schema->schemas.end(), "racelab") !=
      schema->schemas.end()) {
    throw source.problem(0, "the schema racelab is racelab's own: checks read racelab.answer");
  }
  scenario.schema = schema;
  auto start = std::make_shared<sql::Database>(*scenario.schema);
  start->set_clock(script_clock);
  start->connect(0, sql::Isolation::read_committed);
  for (const sql::Statement& statement : statements) {
    start->execute(0, statement, {});
    if (const sql::Result& result = start->result(0); result.error.failed()) {
      std::size_t offset = 0;
      for (std::uint32_t line = 1; line < statement.line; ++line) {
        offset = source.text.find('\n', offset) + 1;
      }
      throw source.problem(offset, "the setup fails: " + result.message + " (" +
                                       std::string(result.error.code()) + ')');
    }
  }
  start->disconnect(0);
  start->vacuum();
  start->forget_generators();
  scenario.start = std::move(start);
}

// The place of the table that some strategies have (idempotency_key.h), so that every table has one number; no check can name it.
sql::Table no_keys() {
  sql::Table table;
  table.bookkeeping = true;
  return table;
}

// racelab.answer: client, operation, endpoint, status, and what any endpoint replies.
void make_check_schema(ScriptScenario& scenario) {
  auto schema = std::make_shared<sql::Schema>(*scenario.schema);
  schema->tables.push_back(no_keys());
  sql::Table view;
  view.schema = "racelab";
  view.name = "answer";
  const auto add = [&view](const std::string& name, sql::Type type) {
    for (const sql::Column& column : view.columns) {
      if (column.name == name) {
        return;
      }
    }
    sql::Column column;
    column.name = name;
    column.type = type;
    view.columns.push_back(std::move(column));
  };
  add("client", sql::Type::integer);
  add("operation", sql::Type::integer);
  add("endpoint", sql::Type::text);
  add("status", sql::Type::integer);
  for (const auto& script : scenario.scripts) {
    for (const VariableId reply : script->reply) {
      // The type of the column that it is read from, where it is.
      sql::Type type = sql::Type::bigint;
      for (const Instruction& it : script->instructions) {
        for (std::size_t i = 0; i < it.captured.size(); ++i) {
          if (it.captured[i] == reply) {
            type = it.statement.answers()[i].expression.type;
          }
        }
      }
      add(script->variables[reply], type);
    }
  }
  schema->schemas.push_back("racelab");
  schema->tables.push_back(std::move(view));
  scenario.check_schema = std::move(schema);
}

void read_endpoints(const FolderTexts& texts, ScriptScenario& scenario) {
  std::vector<std::string> parameters;
  for (const auto& [name, value] : scenario.parameters) {
    parameters.push_back(name);
  }
  std::vector<std::pair<const Source*, ReadScript>> read;
  std::vector<std::string> remembered = parameters;
  for (const auto& [name, source] : texts.endpoints) {
    read.emplace_back(&source, read_script(source, *scenario.schema, name, parameters));
    const Script& script = read.back().second.script;
    for (const VariableId reply : script.reply) {
      remembered.push_back(script.variables[reply]);
    }
  }
  for (auto& [source, it] : read) {
    for (const ReadBefore& variable : it.reads_before) {
      const std::string& name = it.script.variables[variable.variable];
      if (std::find(remembered.begin(), remembered.end(), name) != remembered.end()) {
        continue;
      }
      const std::string near = nearest(name, it.script.variables);
      throw source->problem(variable.offset,
                            "nothing gives the variable :" + name + " a value" +
                                (near.empty() || near == name
                                     ? "; a parameter is given as --param " + name +
                                           "=… or, in scenario.ini, as param." + name + " = …"
                                     : "; did you mean :" + near + '?'));
    }
    scenario.scripts.push_back(std::make_shared<const Script>(std::move(it.script)));
  }
}

// A parameter that was given on the command line, and that no endpoint reads, is most likely misspelt.
void refuse_idle_parameters(const ScriptScenario& scenario,
                            const std::vector<std::pair<std::string, std::string>>& flags) {
  std::vector<std::string> read;
  for (const auto& script : scenario.scripts) {
    for (const Instruction& it : script->instructions) {
      for (const VariableId variable : it.parameters) {
        read.push_back(script->variables[variable]);
      }
    }
  }
  for (const auto& [key, value] : flags) {
    const std::string name = key.starts_with("param.") ? key.substr(6) : "";
    if (!name.empty() && std::find(read.begin(), read.end(), name) == read.end()) {
      const std::string near = nearest(name, read);
      std::string sentence = "no endpoint reads :" + name;
      if (!near.empty()) {
        sentence += "; did you mean --param ";
        sentence += near;
        sentence += '=';
        sentence += value;
        sentence += '?';
      }
      throw Problem(sentence);
    }
  }
}

}  // namespace

std::vector<std::string> script_settings() {
  // Those of the table of integers, and of services in a row.
  static const std::vector<std::string> of_strategies{"workload", "rows",        "initial",
                                                      "amount",   "amount-step", "layers"};
  std::vector<std::string> names{"time-passes.max", "time-passes.by", "deadlock-timeout"};
  for (const Option& option : options()) {
    if (std::find(of_strategies.begin(), of_strategies.end(), option.name) == of_strategies.end()) {
      names.push_back(option.name);
    }
  }
  return names;
}

ScriptScenario compile(FolderTexts texts,
                       const std::vector<std::pair<std::string, std::string>>& flags,
                       Purpose purpose) {
  for (Source* source : {&texts.settings, &texts.setup, &texts.check}) {
    source->read_as_text();
  }
  for (auto& [name, source] : texts.endpoints) {
    source.read_as_text();
  }
  ScriptScenario scenario;
  scenario.name = texts.name;
  Scenario shared;
  std::string outside;
  if (!texts.settings.file.empty()) {
    IniReader reader(texts.settings, scenario, shared, purpose);
    reader.read();
    outside = reader.outside();
  }
  for (const auto& [key, value] : flags) {
    if (const std::string problem = apply(scenario, shared, key, value); !problem.empty()) {
      throw Problem(problem);
    }
    shape(scenario, key, value);
  }
  scenario.settings = shared.settings;
  run_setup(texts.setup, scenario);
  for (const std::string_view system : items_of(outside)) {
    const auto& schemas = scenario.schema->schemas;
    if (!system.empty() && std::find(schemas.begin(), schemas.end(), system) == schemas.end()) {
      throw texts.settings.problem(texts.settings.text.find("outside"),
                                   "outside names '" + std::string(system) +
                                       "', and the setup creates no schema of that name");
    }
  }
  read_endpoints(texts, scenario);
  refuse_idle_parameters(scenario, flags);
  make_check_schema(scenario);
  if (!texts.check.file.empty()) {
    for (CheckStatement& check : read_checks(texts.check, *scenario.check_schema)) {
      scenario.checks.push_back({std::move(check.sentence), std::move(check.statement)});
    }
  }
  if (scenario.strategies.empty()) {
    for (const auto& script : scenario.scripts) {
      scenario.strategies.push_back(script->name);
    }
  }
  return scenario;
}

}  // namespace racelab::parse
