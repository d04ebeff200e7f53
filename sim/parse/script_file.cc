// Reads an endpoint letter by letter: comments, commands of pgbench, statements with variables.
#include "sim/parse/script_file.h"

#include <algorithm>

#include "sim/parse/directives.h"
#include "sim/parse/lexer.h"
#include "sim/parse/script_variables.h"
#include "sim/scenario/options.h"

namespace racelab::parse {

namespace {

bool draws(const sql::Expression& expression) {
  return (expression.kind == sql::Expression::Kind::call &&
          expression.function == sql::Function::random) ||
         std::any_of(expression.arguments.begin(), expression.arguments.end(), draws);
}

class ScriptReader {
 public:
  ScriptReader(const Source& source, const sql::Schema& schema, const std::string& name,
               const std::vector<std::string>& parameters)
      : source_(source), text_(source.text), schema_(schema), variables_(source, parameters) {
    script_.name = name;
    script_.file = source.file;
  }

  ReadScript read() {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        ++at_;
      } else if (text_.compare(at_, 2, "--") == 0) {
        comment();
      } else if (text_.compare(at_, 2, "/*") == 0) {
        at_ = end_of_quoted(text_, at_);
      } else if (text_[at_] == '\\') {
        in_head_ = false;
        command();
      } else {
        in_head_ = false;
        statement();
      }
    }
    if (!open_.empty()) {
      throw source_.problem(open_.back().offset, "\\if without \\endif");
    }
    if (!catches_.empty() || !rows_.empty()) {
      throw source_.problem(directive_,
                            "this directive stands before a statement, and none follows");
    }
    if (script_.instructions.empty()) {
      throw source_.problem(
          0, "an endpoint has at least one statement or command; this file has none");
    }
    for (const auto& [name, offset] : reply_) {
      const VariableId variable = variables_.known(name, offset);
      if (std::find(script_.reply.begin(), script_.reply.end(), variable) != script_.reply.end()) {
        throw source_.problem(offset, "'" + name + "' stands twice in `-- reply:`");
      }
      script_.reply.push_back(variable);
    }
    script_.variables = variables_.names();
    return {std::move(script_), variables_.read_before()};
  }

 private:
  struct Open {  // an \if
    std::size_t offset = 0;
    std::optional<std::size_t> jump_unless;  // of the branch at hand
    std::vector<std::size_t> to_end;
    bool after_else = false;
  };

  // Comments.
  void comment() {
    const std::size_t start = at_;
    at_ = end_of_quoted(text_, at_);
    std::string_view line =
        without_blanks(std::string_view(text_).substr(start + 2, at_ - start - 2));
    const std::size_t colon = line.find(':');
    const std::string word(colon == std::string_view::npos ? ""
                                                           : without_blanks(line.substr(0, colon)));
    const std::string_view rest = colon == std::string_view::npos
                                      ? std::string_view()
                                      : without_blanks(line.substr(colon + 1));
    const std::vector<std::string>& head = head_directives();
    const std::vector<std::string>& before = statement_directives();
    directive_ = start;
    if (std::find(head.begin(), head.end(), word) != head.end()) {
      if (!in_head_) {
        throw source_.problem(
            start, "`-- " + word + ":` stands in the head of the file, before the first statement");
      }
      head_directive(word, rest, start);
    } else if (std::find(before.begin(), before.end(), word) != before.end()) {
      in_head_ = false;
      statement_directive(word, rest, start);
    } else {
      if (word.size() > 2 && word.find(' ') == std::string::npos) {
        std::vector<std::string> all = head;
        all.insert(all.end(), before.begin(), before.end());
        if (const std::string near = nearest(word, all); !near.empty()) {
          throw source_.problem(start,
                                "there is no directive '" + word + "'; did you mean " + near + '?');
        }
      }
      if (in_head_ && !line.empty()) {
        script_.about.emplace_back(line);
      }
    }
  }

  void head_directive(const std::string& word, std::string_view rest, std::size_t at) {
    for (const std::string_view one : items_of(rest)) {
      if (one.empty()) {
        throw source_.problem(at, "`-- " + word + ":` wants something after it");
      }
      if (word == "reply") {
        reply_.emplace_back(one, at);
      } else if (word == "retry") {
        script_.retry_on.push_back(sql_state(source_, one));
      } else if (word == "refusal") {
        script_.refusals.push_back(refusal_status(source_, one));
      } else {
        script_.withstands.push_back(withstood(source_, one));
      }
    }
  }

  void statement_directive(const std::string& word, std::string_view rest, std::size_t at) {
    if (word == "rows") {
      if (rest.empty() || !std::all_of(rest.begin(), rest.end(), in_name)) {
        throw source_.problem(at, "`-- rows: NAME` names what the rows are in the answer");
      }
      name_rows(std::string(rest), at);
      return;
    }
    for (const std::string_view one : items_of(rest)) {
      const std::size_t as = one.find(" as ");
      if (as == std::string_view::npos) {
        throw source_.problem(at, "`-- catch:` is written as `-- catch: 23505 as taken`");
      }
      const std::string name(without_blanks(one.substr(as + 4)));
      if (!is_name(name)) {
        throw source_.problem(at, "'" + name + "' is no name of a variable");
      }
      const VariableId caught = variables_.named(name);
      variables_.assign(caught, at);
      const sql::SqlState state = sql_state(source_, without_blanks(one.substr(0, as)));
      if (std::any_of(catches_.begin(), catches_.end(),
                      [&state](const Instruction::Catch& it) { return it.error == state; })) {
        throw source_.problem(at, std::string(state.code()) + " is caught already");
      }
      catches_.push_back({state, caught});
    }
  }

  // In an answer a name stands for one thing.
  void name_rows(const std::string& name, std::size_t at) {
    if (!rows_.empty()) {
      throw source_.problem(at, "the next statement's rows are called '" + rows_ + "' already");
    }
    const bool reply = std::any_of(reply_.begin(), reply_.end(),
                                   [&name](const auto& it) { return it.first == name; });
    const auto& others = script_.rows;
    if (reply || std::find(others.begin(), others.end(), name) != others.end()) {
      throw source_.problem(at, "'" + name + "' names " +
                                    (reply ? "a value of `-- reply:`" : "other rows") +
                                    " already; in an answer each has a name of its own");
    }
    rows_ = name;
  }

  // SQL.
  void statement() {
    const std::size_t start = at_;
    std::size_t end = at_;
    int parentheses = 0;
    while (end < text_.size() && text_[end] != '\\' && (text_[end] != ';' || parentheses > 0)) {
      const std::size_t quoted = end_of_quoted(text_, end);
      if (quoted > end) {
        end = quoted;
        continue;
      }
      parentheses += text_[end] == '(' ? 1 : text_[end] == ')' ? -1 : 0;
      ++end;
    }
    at_ = end;
    if (end < text_.size() && text_[end] == ';') {
      ++at_;
      if (without_blanks(std::string_view(text_).substr(start, end - start)).empty()) {
        return;
      }
      add_statement(start, end);
      return;
    }
    if (end == text_.size()) {
      throw source_.problem(start, "this statement has no end: it wants ; or \\gset");
    }
    add_statement(start, end);
    const std::size_t where = at_;
    const auto [name, rest] = command_line();
    if (name == "gset" || name == "aset") {
      capture(name == "gset" ? Instruction::Capture::one : Instruction::Capture::last, rest, where);
    } else if (name == ";") {
      throw source_.problem(
          where, "statements put together with \\; are not modelled; send them one by one");
    } else {
      throw source_.problem(where,
                            "a statement ends with ; or \\gset or \\aset, not with \\" + name);
    }
  }

  void add_statement(std::size_t start, std::size_t end) {
    while (end > start && is_blank(text_[end - 1])) {
      --end;
    }
    const ScriptVariables::WithParameters sql = variables_.with_parameters(start, end);
    const auto place = [&sql](std::size_t at) {
      return sql.from[std::min(at, sql.from.size() - 1)];
    };
    Instruction& made = script_.instructions.emplace_back();
    made.line = source_.line_of(start);
    made.parameters = sql.variables;
    std::vector<ParsedStatement> parsed;
    try {
      parsed = parse_sql(sql.text);
    } catch (const SyntaxError& error) {
      throw source_.problem(place(error.offset), error.message);
    }
    if (parsed.size() != 1) {
      throw source_.problem(start, "this is no statement");
    }
    Binder binder(schema_, source_, sql.text, place);
    made.statement = binder.statement(parsed.front(), sql.text);
    made.statement.line = made.line;
    made.catches = std::move(catches_);
    catches_.clear();
    const sql::Statement::Kind kind = made.statement.kind;
    script_.begins = script_.begins || kind == sql::Statement::Kind::begin;
    script_.writes = script_.writes || made.statement.changes_rows();
    if (!rows_.empty()) {
      if (made.statement.answers().empty()) {
        throw source_.problem(start, "`-- rows:` stands before a statement that answers rows");
      }
      made.rows = static_cast<std::uint16_t>(script_.rows.size());
      made.rows_ordered = !made.statement.select.order_by.empty();
      script_.rows.push_back(std::move(rows_));
      rows_.clear();
    }
    for (const std::uint16_t table : tables_of(made.statement)) {
      const std::string& system = schema_.tables[table].schema;
      if (table != tables_of(made.statement).front() &&
          system != schema_.tables[tables_of(made.statement).front()].schema) {
        throw source_.problem(start, "a statement cannot name tables of two systems: " +
                                         schema_.tables[table].full_name() + " is elsewhere");
      }
      made.outside = system;
    }
  }

  void capture(Instruction::Capture how, const std::string& prefix, std::size_t where) {
    Instruction& made = script_.instructions.back();
    made.capture = how;
    if (made.statement.answers().empty()) {
      throw source_.problem(where, "this statement answers no rows");
    }
    for (const sql::Target& target : made.statement.answers()) {
      if (target.name.empty() || !starts_name(target.name.front())) {
        throw source_.problem(
            where, "a column has no name that a variable could have; give it one with AS");
      }
      const VariableId captured = variables_.named(prefix + target.name);
      variables_.assign(captured, where);
      made.captured.push_back(captured);
    }
  }

  // Commands.
  std::pair<std::string, std::string> command_line() {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::size_t stop = at_ + 1;
    while (stop < end && !is_blank(text_[stop])) {
      ++stop;
    }
    const std::string name = text_.substr(at_ + 1, stop - at_ - 1);
    rest_ = stop;
    const std::string rest(without_blanks(std::string_view(text_).substr(stop, end - stop)));
    at_ = end;
    return {name, rest};
  }

  Instruction expression(Instruction::Kind kind, std::size_t begin) {
    const std::size_t end = at_;
    const ScriptVariables::WithParameters sql = variables_.with_parameters(begin, end);
    Instruction made;
    made.kind = kind;
    made.line = source_.line_of(begin);
    made.parameters = sql.variables;
    constexpr std::size_t prefix = 7;  // of "select "
    const auto place = [&sql](std::size_t at) {
      return sql.from[std::min(at < prefix ? 0 : at - prefix, sql.from.size() - 1)];
    };
    const std::string text = "select " + sql.text;
    std::vector<ParsedStatement> parsed;
    try {
      parsed = parse_sql(text);
    } catch (const SyntaxError& error) {
      throw source_.problem(place(error.offset), error.message);
    }
    const auto& targets =
        parsed.empty() ? boost::json::array() : list_of(body_of(parsed.front().tree), "targetList");
    if (targets.size() != 1 || body_of(parsed.front().tree).size() > 3) {
      throw source_.problem(begin, "an expression is wanted here");
    }
    Binder binder(schema_, source_, text, place, Language::pgbench);
    made.expression = binder.constant(body_of(targets.front()).at("val"), sql::Type::unknown);
    script_.draws = script_.draws || draws(made.expression);
    return made;
  }

  void command() {
    const std::size_t where = at_;
    const std::pair<std::string, std::string> line = command_line();
    const std::string& name = line.first;
    const std::string& rest = line.second;
    const auto open = [&]() -> Open& {
      if (open_.empty()) {
        throw source_.problem(where, '\\' + name + " without \\if");
      }
      return open_.back();
    };
    if (!catches_.empty() || !rows_.empty()) {
      throw source_.problem(directive_,
                            "this directive stands before a statement, not before a command");
    }
    if (name == "set") {
      std::size_t stop = 0;
      while (stop < rest.size() && in_name(rest[stop])) {
        ++stop;
      }
      if (stop == 0 || !starts_name(rest.front()) ||
          without_blanks(std::string_view(rest).substr(stop)).empty()) {
        throw source_.problem(where, "\\set wants a name and an expression");
      }
      const std::size_t begin = text_.find(rest, rest_) + stop;
      Instruction made = expression(Instruction::Kind::set, begin);
      made.variable = variables_.named(rest.substr(0, stop));
      variables_.assign(made.variable, where);
      check_status(made, where);
      script_.instructions.push_back(std::move(made));
    } else if (name == "if") {
      Open& it = open_.emplace_back();
      it.offset = where;
      it.jump_unless = condition();
    } else if (name == "elif") {
      close_branch(open(), where);
      open_.back().jump_unless = condition();
    } else if (name == "else") {
      close_branch(open(), where);
      open_.back().after_else = true;
    } else if (name == "endif") {
      Open it = open();
      open_.pop_back();
      if (it.jump_unless) {
        script_.instructions[*it.jump_unless].target = script_.instructions.size();
      }
      for (const std::size_t jump : it.to_end) {
        script_.instructions[jump].target = script_.instructions.size();
      }
    } else if (name == "gset" || name == "aset") {
      throw source_.problem(where, '\\' + name + " stands at the end of a statement");
    } else {
      static const std::vector<std::string> names{"set",  "gset", "aset", "if",
                                                  "elif", "else", "endif"};
      const std::string near = nearest(name, names);
      throw source_.problem(
          where,
          "the command \\" + name + " is not modelled" +
              (near.empty() ? "; there are \\set, \\gset, \\aset, \\if, \\elif, \\else, \\endif"
                            : "; did you mean \\" + near + '?'));
    }
  }

  // A status that is known when the file is read; one that is computed is looked at when the script answers.
  void check_status(const Instruction& it, std::size_t where) const {
    const sql::Expression& value = it.expression;
    if (it.variable != Script::status || value.kind != sql::Expression::Kind::constant) {
      return;
    }
    if (!sql::is_number(value.type) || !is_status(value.constant)) {
      throw source_.problem(
          where, "a status is a number from 100 to 599, not " + sql::to_text(value.constant));
    }
  }

  std::size_t condition() {
    script_.instructions.push_back(expression(Instruction::Kind::jump_unless, rest_));
    return script_.instructions.size() - 1;
  }

  // The branch at hand ends: it jumps to the end, and whoever skipped it goes on here.
  void close_branch(Open& it, std::size_t where) {
    if (it.after_else) {
      throw source_.problem(where, "after \\else only \\endif can come");
    }
    Instruction& jump = script_.instructions.emplace_back();
    jump.kind = Instruction::Kind::jump;
    it.to_end.push_back(script_.instructions.size() - 1);
    script_.instructions[*it.jump_unless].target = script_.instructions.size();
    it.jump_unless.reset();
  }

  const Source& source_;
  const std::string& text_;
  const sql::Schema& schema_;
  ScriptVariables variables_;
  Script script_;
  std::size_t at_ = 0;
  std::size_t rest_ = 0;       // of a command's line, after its name
  std::size_t directive_ = 0;  // the last one
  bool in_head_ = true;
  std::vector<Open> open_;
  std::vector<Instruction::Catch> catches_;
  std::string rows_;
  std::vector<std::pair<std::string, std::size_t>> reply_;
};

}  // namespace

ReadScript read_script(const Source& source, const sql::Schema& schema, const std::string& name,
                       const std::vector<std::string>& parameters) {
  return ScriptReader(source, schema, name, parameters).read();
}

}  // namespace racelab::parse
